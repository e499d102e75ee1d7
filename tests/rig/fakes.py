"""Instruments that note what is done to them, and fail or hang when told to."""

import threading
from collections.abc import Generator, Mapping

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from acquisition.rig import Rig, RigLimits
from drivers.interfaces.camera import CameraLight, CameraStatus, Frame, SpectrographCamera
from drivers.interfaces.clock import WallClock
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spad_array import SpadArray
from drivers.interfaces.stage import XYStage


class Noting(Device):
    """Writes each call into a list that all instruments of a rig share; `trouble` is a call that fails or hangs."""

    def __init__(self, name: str, calls: list[str], trouble: str = "", hang: threading.Event | None = None) -> None:
        super().__init__(name)
        self.calls, self.trouble, self.hang = calls, trouble, hang

    def note(self, call: str) -> None:
        self.calls.append(f"{self.name} {call}")
        if call == self.trouble:
            if self.hang is not None:
                self.hang.wait(30)
            raise CommunicationError(self.name, "the wire broke")

    @property
    def identity(self) -> Identity:
        return Identity("maker", "model", "7", "1", simulated=False)

    def connect(self) -> None:
        self.note("connect")
        self._connected = True

    def close(self) -> None:
        self.note("close")
        self._connected = False

    def make_safe(self) -> None:
        self.note("make_safe")

    def settings(self) -> Mapping[str, PlainValue]:
        return {}

    def readings(self) -> Mapping[str, PlainValue]:
        return {}


class FakeLaser(Noting, PulsedLaser):
    @property
    def limits(self) -> Mapping[str, Limits]:
        return {"intensity_percent": Limits(0.0, 100.0)}

    def set_repetition_rate_hz(self, value: float) -> None:
        self.note(f"rate {value:g}")

    def set_intensity_percent(self, value: float) -> None:
        self.note(f"intensity {value:g}")

    def set_emission(self, on: bool) -> None:
        self.note(f"emission {on}")

    def status(self) -> LaserStatus:
        return LaserStatus(1e6, 20.0, False, True)


class FakeShutter(Noting, Shutter):
    def set_open(self, is_open: bool) -> None:
        self.note(f"open {is_open}")

    def is_open(self) -> bool:
        return False


class FakeHeater(Noting, HeatedSubstrate):
    @property
    def limits(self) -> Mapping[str, Limits]:
        return {"temperature_c": Limits(0.0, 100.0)}

    def heat_to_c(self, temperature_c: float) -> None:
        self.note(f"heat {temperature_c:g}")

    def stop_heating(self) -> None:
        self.note("stop")

    def status(self) -> HeaterStatus:
        return HeaterStatus(20.0, None, False, None)


class FakeSpadArray(Noting, SpadArray):
    """Yields blocks of 1 ms with `photons_per_block` photons each."""

    photons_per_block = 10

    @property
    def pixel_count(self) -> int:
        return 320

    def set_bias(self, on: bool) -> None:
        self.note(f"bias {on}")

    def stream_info(self) -> PhotonStreamInfo:
        return PhotonStreamInfo(1e6, True, 20.0, 320)

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        try:
            for first in range(0, round(duration_s * 1e6), 1000):
                pulse = np.full(self.photons_per_block, first, dtype=np.int64)
                pixel, delay = np.zeros(len(pulse), np.uint16), np.zeros(len(pulse), np.uint32)
                yield PhotonBlock(pulse, pixel, delay, first, first + 1000)
        finally:
            self.note("stream closed")


class FakeStage(Noting, XYStage):
    def move_to_um(self, x_um: float, y_um: float, interrupt: threading.Event | None = None) -> bool:
        self.note(f"move {x_um:g} {y_um:g}")
        return True

    def position_um(self) -> tuple[float, float]:
        return 0.0, 0.0

    def is_moving(self) -> bool:
        return False

    def stop(self) -> None:
        self.note("stop")


class FakeCamera(Noting, SpectrographCamera):
    """Gives frames without end, as if nothing could stop it."""

    shape = (2, 3)

    @property
    def limits(self) -> Mapping[str, Limits]:
        return {"em_gain": Limits(1.0, 300.0)}

    def wavelength_nm(self) -> NDArray[np.float64]:
        return np.array([600.0, 601.0, 602.0])

    def set_exposure_s(self, value: float) -> None:
        self.note(f"exposure {value:g}")

    def set_em_gain(self, value: float) -> None:
        self.note(f"gain {value:g}")

    def declare_light(self, light: CameraLight) -> None:
        self.note(f"light {light}")

    def set_temperature_c(self, value: float) -> None:
        self.note(f"temperature {value:g}")

    def set_cooler(self, on: bool) -> None:
        self.note(f"cooler {on}")

    def frames(self, count: int) -> Generator[Frame, None, None]:
        try:
            for number in range(count):
                yield Frame(np.zeros(self.shape, np.uint16), number, 0.1, 1.0, 0.1 * number, saturated=False)
        finally:
            self.note("frames closed")

    def status(self) -> CameraStatus:
        return CameraStatus(0.1, 1.0, -70.0, -70.0, True, True, False, False)


def fake_rig(calls: list[str], **trouble: str) -> Rig:
    """Return a rig of such instruments; `trouble` is the call of a role that fails, `hang` the role that hangs."""
    hang = trouble.pop("hang", None)
    made = {
        role: kind(role, calls, trouble.get(role, ""), threading.Event() if role == hang else None)
        for role, kind in (
            ("laser", FakeLaser),
            ("shutter", FakeShutter),
            ("heater", FakeHeater),
            ("stage", FakeStage),
            ("camera", FakeCamera),
            ("spad_array", FakeSpadArray),
        )
    }
    return Rig(
        "fake",
        clock=WallClock(),
        limits=RigLimits(objective_c=70.0),
        calibration=Calibration(),
        calibration_hashes={},
        bench=None,
        **made,  # type: ignore[arg-type]
    )
