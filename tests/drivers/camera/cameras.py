"""An Andor camera on a double of its library, as the tests of this folder and the contract tests use it."""

import threading

import numpy as np
from numpy.typing import NDArray

from drivers.camera.andor_sdk2 import AndorSdk2Camera
from drivers.camera.andor_settings import AndorReadoutSettings, AndorSdk2Settings, FixedWavelength
from drivers.camera.gain_protection import GainProtectionSettings
from drivers.interfaces.clock import WallClock
from simulators.bench import Bench
from simulators.emccd import SensorSettings
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.sdk.andor_camera import AndorCameraDouble
from simulators.sdk.andor_sensor import AndorSensor
from simulators.sdk.scene import BenchScene
from simulators.widefield import WidefieldSettings
from tests.drivers.camera.recording import Recorded

PROTECTION = GainProtectionSettings(electrons_per_count=5.0, bias_counts=500.0, full_well_electrons=800_000.0)
SETTINGS = AndorSdk2Settings(
    library="simulated",
    simulated=True,
    gain=PROTECTION,
    cooler_on_connect=False,
    shutter_opening_ms=0.0,
    shutter_closing_ms=0.0,
    patience_s=2.0,
    wavelength=FixedWavelength(first_column_nm=600.0, column_step_nm=0.5),
)
SMALL = SensorSettings(rows=20, columns=64, readout_s=0.002)


QUIET = SensorSettings(
    rows=20,
    columns=64,
    readout_s=0.002,
    read_noise_electrons=0.0,
    clock_induced_charge=0.0,
    dark_current_per_s=0.0,
    electrons_per_count=2.0,
)


class Half:
    """Light on the right half of a sensor, the same in every exposure."""

    ELECTRONS = 4000.0
    seed = 3

    def __init__(self, electrons: float = ELECTRONS) -> None:
        self.electrons_per_frame = electrons
        self._shape = (0, 0)

    def begin(self, settings: WidefieldSettings, shape: tuple[int, int]) -> int:
        self._shape = shape
        return 1

    def electrons(self, begin_s: float, duration_s: float) -> NDArray[np.float64]:
        light = np.zeros(self._shape)
        light[:, self._shape[1] // 2 :] = self.electrons_per_frame
        return light


class ShiftedClock(WallClock):
    """The time of the wall, and what a test lets pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self._shift_s = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return super().now() + self._shift_s

    def pass_time_s(self, duration_s: float) -> None:
        with self._lock:
            self._shift_s += duration_s


class MadeSafeMeanwhile:
    """What another thread does while a function of the library is under way: it makes the camera safe."""

    def __init__(self, camera: AndorSdk2Camera) -> None:
        self._camera = camera
        self._thread = threading.Thread(target=camera.make_safe)

    def __call__(self) -> None:
        cut = self._camera._link.running
        self._thread.start()
        assert cut is not None
        assert cut.wait(10)  # it is asked for, and waits for its turn

    def join(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


def bench(seed: int = 1) -> Bench:
    one = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(one,)), seed=seed)


def lit(world: Bench, intensity_percent: float = 50.0) -> Bench:
    """Return the bench with its laser on."""
    world.beam.emission, world.beam.intensity_percent = True, intensity_percent
    return world


def double_on(
    world: Bench,
    sensor: SensorSettings = SMALL,
    widefield: WidefieldSettings | None = None,
    clock: ShiftedClock | None = None,
    **quirks: int | bool,
) -> AndorCameraDouble:
    seen = AndorSensor(BenchScene(world), sensor, widefield or WidefieldSettings(), clock=clock)
    return AndorCameraDouble(seen, world.faults, **quirks)


def half_lit(electrons: float = Half.ELECTRONS, **quirks: int | bool) -> AndorCameraDouble:
    return AndorCameraDouble(AndorSensor(Half(electrons), QUIET, WidefieldSettings()), bench().faults, **quirks)


def camera_on(double: AndorCameraDouble | Recorded, **settings: object) -> AndorSdk2Camera:
    return AndorSdk2Camera("camera", SETTINGS.model_copy(update=settings), library=double)


def readout(**settings: object) -> AndorReadoutSettings:
    return AndorReadoutSettings.model_validate(settings)
