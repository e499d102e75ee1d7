"""A rig whose instruments do as they are told and write down what was asked of them."""

import threading

from drivers.interfaces.clock import Clock
from drivers.interfaces.device import Identity, Limits
from drivers.interfaces.errors import InterlockError, RangeError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.shutter import Shutter
from tests.streaming.fakes import FakeSpadArray


class JumpingClock(Clock):
    """Time that passes only by waiting, at once."""

    def __init__(self):
        self.time_s = 0.0
        self.on_wait = lambda: None

    def now(self):
        return self.time_s

    def wait(self, event, timeout_s):
        self.on_wait()
        if not event.is_set():
            self.time_s += timeout_s
        return event.is_set()


class FakeInstrument:
    identity = Identity("cascadescope", "fake", "0", "0", True)

    def connect(self):
        self._connected = True

    def close(self):
        self._connected = False

    def settings(self):
        return {}

    def readings(self):
        return {}


class FakeLaser(FakeInstrument, PulsedLaser):
    def __init__(self, log):
        super().__init__("laser")
        self.log = log
        self.rate_hz, self.percent, self.emission, self.interlock_closed = 1e6, 0.0, False, True

    @property
    def limits(self):
        return {"repetition_rate_hz": Limits(1.0, 80e6), "intensity_percent": Limits(0.0, 50.0)}

    def set_repetition_rate_hz(self, value):
        self.log.append(f"rate {value:g}")
        self.rate_hz = value

    def set_intensity_percent(self, value):
        self.log.append(f"intensity {value:g}")
        self.percent = value

    def set_emission(self, on):
        if on and not self.interlock_closed:
            raise InterlockError("laser", "the interlock is open; close it")
        self.log.append(f"emission {'on' if on else 'off'}")
        self.emission = on

    def status(self):
        return LaserStatus(self.rate_hz, self.percent, self.emission, self.interlock_closed)

    def make_safe(self):
        self.emission = False


class FakeHeater(FakeInstrument, HeatedSubstrate):
    """Is 10 degC nearer to its setpoint with each reading."""

    def __init__(self, log):
        super().__init__("heater")
        self.log = log
        self.temperature_c, self.setpoint_c, self.alarm = 20.0, None, None

    @property
    def limits(self):
        return {"temperature_c": Limits(0.0, 100.0)}

    def heat_to_c(self, temperature_c):
        self.log.append(f"heat {temperature_c:g}")
        self.setpoint_c = temperature_c

    def stop_heating(self):
        self.setpoint_c = None

    def status(self):
        status = HeaterStatus(self.temperature_c, self.setpoint_c, self.setpoint_c is not None, self.alarm)
        if self.setpoint_c is not None:
            step = self.setpoint_c - self.temperature_c
            self.temperature_c += max(-10.0, min(10.0, step))
        return status

    def make_safe(self):
        self.setpoint_c = None


class FakeShutter(FakeInstrument, Shutter):
    def __init__(self, log):
        super().__init__("shutter")
        self.log = log
        self.is_open_now = False

    def set_open(self, is_open):
        self.log.append("open" if is_open else "close")
        self.is_open_now = is_open

    def is_open(self):
        return self.is_open_now

    def make_safe(self):
        self.is_open_now = False


class FakeRig:
    """Laser, SPAD array, heater and shutter; the objective stands 60 degC."""

    def __init__(self):
        self.log = []
        self.clock = JumpingClock()
        self.laser = FakeLaser(self.log)
        self.heater = FakeHeater(self.log)
        self.shutter = FakeShutter(self.log)
        self.spad_array = FakeSpadArray()
        self.stage = None
        self.camera = None
        self.armed = True
        self.safety_error = None
        self.dark_error = None
        self.made_safe_in = []
        self.lost = []
        self.made_safe = threading.Event()

    def check_temperature_c(self, temperature_c):
        if temperature_c > 60:
            raise RangeError("heater", f"temperature_c = {temperature_c:g} is above 60, the limit of the objective")

    def reconnect_lost(self):
        lost, self.lost = self.lost, []
        self.log.extend(f"{role} reconnected" for role in lost)
        return lost

    def arm(self):
        self.armed = True

    def make_dark(self):
        self.log.append("dark")
        self.laser.emission = self.shutter.is_open_now = False
        if self.dark_error is not None:
            raise self.dark_error

    def make_safe(self):
        self.armed = False
        self.log.append("safe")
        self.made_safe_in.append(threading.current_thread().name)
        for device in (self.laser, self.shutter, self.heater, self.spad_array):
            device.make_safe()
        self.made_safe.set()
        if self.safety_error is not None:
            raise self.safety_error

    @property
    def is_safe(self):
        heating = self.heater.setpoint_c is not None
        return not (self.laser.emission or self.shutter.is_open_now or heating or self.spad_array.bias)
