"""A simulated EMCCD behind a spectrograph that sees the sample of the bench."""

import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from acquisition.config.model import ConfigModel
from drivers.interfaces.camera import CameraLight, CameraStatus, Frame, SpectrographCamera
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench
from simulators.camera_faults import CameraFaults
from simulators.emccd import FULL_SCALE, SensorSettings, read_out
from simulators.seeding import Purpose, generator
from simulators.widefield import WidefieldLight, WidefieldSettings

EXPOSURE_STEP_S = 1e-4
"""Real exposures are multiples of it."""

STABLE_C = 0.5
"""Distance from the setpoint within which the sensor counts as at rest."""


class CameraSettings(ConfigModel):
    """Sensor and light path of a camera."""

    sensor: SensorSettings = Field(default=SensorSettings())
    widefield: WidefieldSettings = Field(default=WidefieldSettings())


@dataclass(frozen=True, slots=True)
class _Cooling:
    """The sensor's way from one temperature to another."""

    start_c: float
    target_c: float
    begin_s: float = 0.0

    def at(self, time_s: float, time_constant_s: float) -> float:
        return self.target_c + (self.start_c - self.target_c) * exp(-(time_s - self.begin_s) / time_constant_s)


class SimulatedCamera(SoftwareDevice, SpectrographCamera):
    """An EMCCD with a shutter and a cooler; its electrons depend on seed, acquisition and number of the frame alone."""

    def __init__(self, name: str, bench: Bench, settings: CameraSettings | None = None) -> None:
        super().__init__(name)
        self._bench, self._faults = bench, CameraFaults(name, bench)
        self._settings = settings or CameraSettings()
        sensor = self._settings.sensor
        self._limits = MappingProxyType(
            {
                "exposure_s": Limits(1e-3, 3600.0),
                "em_gain": Limits(1.0, sensor.highest_em_gain),
                "temperature_c": Limits(sensor.lowest_c, sensor.ambient_c),
            }
        )
        self._exposure_s, self._em_gain, self._shutter_open = 0.1, 1.0, False
        self._cooler, self._setpoint_c = False, sensor.ambient_c
        self._cooling = _Cooling(sensor.ambient_c, sensor.ambient_c)
        self._light = CameraLight.SAMPLE
        self._running: threading.Event | None = None
        self._is_gone = False

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated EMCCD camera", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed exposure, EM gain and temperature of the sensor."""
        return self._limits

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns of a frame."""
        return self._settings.sensor.rows, self._settings.sensor.columns

    def wavelength_nm(self) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each column."""
        self.require_connected()
        return self._settings.widefield.wavelength_nm(self.shape[1])

    def connect(self) -> None:
        """Connect. Raises `CommunicationError` if the camera is gone."""
        if self._faults.vanished:
            raise self._faults.gone()
        self._is_gone = False
        super().connect()

    def require_connected(self) -> None:
        """Raise `StateError` unless connected, and `CommunicationError` when the camera is found to be gone."""
        if self._is_gone or (self._connected and self._faults.vanished):
            self._connected, self._is_gone = False, True
            raise self._faults.gone()
        super().require_connected()

    def make_safe(self) -> None:
        """Cut a running exposure short, put the EM gain to its minimum and close the shutter."""
        with self._bench.lock:
            if self._running is not None:
                self._running.set()
            self._em_gain, self._shutter_open = self._limits["em_gain"].low, False

    def set_exposure_s(self, value: float) -> None:
        """Set the exposure time."""
        checked = self._checked("exposure_s", value)
        with self._bench.lock:
            self._require_idle()
            self._exposure_s = max(1, round(checked / EXPOSURE_STEP_S)) * EXPOSURE_STEP_S

    def set_em_gain(self, value: float) -> None:
        """Set the electron-multiplying gain."""
        checked = self._checked("em_gain", value)
        with self._bench.lock:
            self._require_idle()
            if checked > self._limits["em_gain"].low and self._light is not CameraLight.SAMPLE:
                raise StateError(self.name, f"keeps its EM gain off: its light is declared as {self._light.value}")
            self._em_gain = checked

    def declare_light(self, light: CameraLight) -> None:
        """Say what light falls on the camera; with other light than the sample's the gain goes off."""
        self.require_connected()
        with self._bench.lock:
            self._require_idle()
            self._light = light
            if light is not CameraLight.SAMPLE:
                self._em_gain = self._limits["em_gain"].low

    def set_temperature_c(self, value: float) -> None:
        """Set what the cooler controls the sensor to."""
        checked = self._checked("temperature_c", value)
        with self._bench.lock:
            self._setpoint_c = checked
            self._cool()

    def set_cooler(self, on: bool) -> None:
        """Switch the cooler."""
        self.require_connected()
        with self._bench.lock:
            self._cooler = on
            self._cool()

    def frames(self, count: int) -> Generator[Frame, None, None]:
        """Yield `count` frames."""
        if count < 1:
            raise RangeError(self.name, f"{count} frames cannot be taken; at least 1")
        cut = self._begin()
        try:
            point, light = self._bench.begin_frames(self._settings.widefield, self.shape)
            start_s = self._bench.clock.now()
            for number in range(count):
                frame = self._expose(light, point, number, cut)
                if frame is None:
                    return
                self._bench.end_interval(point, self._bench.clock.now() - start_s, self._bench.excitation())
                yield frame
        finally:
            with self._bench.lock:
                self._running, self._shutter_open = None, False

    def _begin(self) -> threading.Event:
        """Occupy the camera and return what cuts the acquisition short."""
        self.require_connected()
        with self._bench.lock:
            self._require_idle()
            self._running, self._shutter_open = threading.Event(), True
            return self._running

    def _expose(self, light: WidefieldLight, point: int, number: int, cut: threading.Event) -> Frame | None:
        """Return the next frame; None if it was cut short."""
        sensor = self._settings.sensor
        with self._bench.lock:
            excitation, exposure_s, em_gain = self._bench.excitation(), self._exposure_s, self._em_gain
            dark_per_s = sensor.dark_electrons_per_s(self._temperature_c())
        if cut.is_set() or self._bench.clock.wait(cut, exposure_s + sensor.readout_s):
            return None
        self.require_connected()
        if self._faults.wait_for_data(cut):
            return None
        begin_s = number * (exposure_s + sensor.readout_s)
        electrons = light.electrons(begin_s, begin_s + exposure_s, excitation) + dark_per_s * exposure_s
        rng = generator(self._bench.seed, Purpose.CAMERA, point, number)
        counts = read_out(rng, sensor, electrons, em_gain)
        return Frame(counts, number, exposure_s, em_gain, begin_s, bool(counts.max() >= FULL_SCALE))

    def _checked(self, name: str, value: float) -> float:
        self.require_connected()
        return self._limits[name].check(self.name, name, value)

    def _require_idle(self) -> None:
        if self._running is not None:
            raise StateError(self.name, "is acquiring; close the running acquisition first")
        self._faults.check_idle()

    def _temperature_c(self) -> float:
        return self._cooling.at(self._bench.clock.now(), self._settings.sensor.cooling_time_constant_s)

    def _cool(self) -> None:
        target_c = self._setpoint_c if self._cooler else self._settings.sensor.ambient_c
        self._cooling = _Cooling(self._temperature_c(), target_c, self._bench.clock.now())

    def status(self) -> CameraStatus:
        """Read the state back."""
        self.require_connected()
        with self._bench.lock:
            temperature_c = self._temperature_c()
            return CameraStatus(
                self._exposure_s,
                self._em_gain,
                temperature_c,
                self._setpoint_c,
                self._cooler,
                self._cooler and abs(temperature_c - self._setpoint_c) <= STABLE_C,
                self._shutter_open,
                self._running is not None,
            )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return exposure, gain, cooling and light as set or said, and the model of the simulated device."""
        model = {**self._settings.sensor.model_dump(), **self._settings.widefield.model_dump()}
        with self._bench.lock:
            return {
                "exposure_s": self._exposure_s,
                "em_gain": self._em_gain,
                "setpoint_c": self._setpoint_c,
                "cooler": self._cooler,
                "light": self._light.value,
                **model,
            }

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the camera reports now."""
        status = self.status()
        return {
            "temperature_c": status.temperature_c,
            "temperature_stable": status.temperature_stable,
            "em_gain": status.em_gain,
            "shutter_open": status.shutter_open,
            "acquiring": status.acquiring,
        }
