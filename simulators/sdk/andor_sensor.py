"""The sensor of a simulated EMCCD: exposures that run in real time, images that are read out of them."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.clock import Clock, WallClock
from simulators.emccd import FULL_SCALE, SensorSettings, read_out
from simulators.sdk.andor_spectrograph import AndorSpectrographDouble
from simulators.sdk.scene import Scene
from simulators.seeding import Purpose, generator
from simulators.widefield import WidefieldSettings

SHORTEST_S, STEP_S = 1e-5, 1e-4
"""Exposures are rounded up to steps and are a little longer than asked for."""

SHIFT_S = 3e-5
REGISTER_ELECTRONS = 800_000.0
"""What fits into a pixel of the gain register; above it the register wears out."""


class AndorSensor:
    """Light in, images out; what the library does with them is not known here.

    Parameters
    ----------
    scene : Scene
        The light.
    settings : SensorSettings
        Noise and range.
    widefield : WidefieldSettings
        The light path, as far as no spectrograph changes it.
    spectrograph : AndorSpectrographDouble, optional
        In front of the camera: sets wavelengths and slit.
    pixel_um : float
        Width of a pixel.
    clock : Clock, optional
        Time of camera and cooler: that of the wall, as whoever drives a camera waits in it.

    Attributes
    ----------
    worn : bool
        Whether the gain register was ever flooded: what a protection must prevent.
    """

    def __init__(
        self,
        scene: Scene,
        settings: SensorSettings,
        widefield: WidefieldSettings,
        *,
        spectrograph: AndorSpectrographDouble | None = None,
        pixel_um: float = 16.0,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or WallClock()
        self._scene, self.settings, self._widefield = scene, settings, widefield
        self._spectrograph, self.pixel_um = spectrograph, pixel_um
        self.row_bin, self.rows, self.images, self.asked_cycle_s = 1, settings.rows, 1, 0.0
        self.worn = False
        self._started_s: float | None = None
        self._there_at_stop = self._point = 0
        self._gain, self._open = 1, False
        self._images: dict[int, NDArray[np.uint16]] = {}
        self.forget_exposure()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the sensor."""
        return self.settings.rows, self.settings.columns

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of an image."""
        return self.rows // self.row_bin, self.settings.columns

    def forget_exposure(self) -> None:
        """Fall back to the shortest exposure, as a change of mode does."""
        self.exposure_s = SHORTEST_S

    def set_exposure_s(self, value: float) -> bool:
        """Set the exposure; false if it is impossible."""
        if not 0 <= value <= 10_000:
            return False
        self.exposure_s = max(SHORTEST_S, ceil(value / STEP_S - 1e-3) * STEP_S) + SHIFT_S
        return True

    @property
    def cycle_s(self) -> float:
        """Time from one exposure to the next."""
        return max(self.asked_cycle_s, self.exposure_s + self.settings.readout_s)

    @property
    def running(self) -> bool:
        """Whether a series runs now."""
        return self._started_s is not None and self.there() < self.images

    def there(self) -> int:
        """Return how many images of the series have been read out."""
        if self._started_s is None:
            return self._there_at_stop
        passed_s = self.clock.now() - self._started_s
        return min(self.images, int(passed_s / self.cycle_s))

    def start(self, gain: int, *, shutter_open: bool) -> None:
        """Begin a series."""
        self.forget_images()
        self._gain, self._open = gain, shutter_open
        self._point = self._scene.begin(self._light_path(), self.shape)
        self._started_s = self.clock.now()

    def stop(self) -> None:
        """End the series; what was read out stays."""
        self._there_at_stop = self.there()
        self._started_s = None

    def forget_images(self) -> None:
        """Forget what was read out."""
        self._images.clear()
        self._there_at_stop = 0

    def _light_path(self) -> WidefieldSettings:
        if self._spectrograph is None:
            return self._widefield
        return self._spectrograph.light_path(self._widefield, self.settings.columns, self.pixel_um)

    def image(self, number: int, sensor_c: float) -> NDArray[np.uint16]:
        """Return an image of the series by its number, from 1; only the newest of those fetched is kept."""
        if number not in self._images:
            self._images = {number: self._exposed(number, sensor_c)}
        return self._images[number]

    def _exposed(self, number: int, sensor_c: float) -> NDArray[np.uint16]:
        exposure_s = self.exposure_s
        begin_s = (number - 1) * self.cycle_s
        light = self._scene.electrons(begin_s, exposure_s) if self._open else np.zeros(self.shape)
        electrons = light + self.settings.dark_electrons_per_s(sensor_c) * exposure_s
        self.worn |= bool(self._gain > 1 and electrons.max() * self._gain > REGISTER_ELECTRONS)
        binned = electrons[: self.rows].reshape(-1, self.row_bin, self.shape[1]).sum(axis=1)
        rng = generator(self._scene.seed, Purpose.CAMERA, self._point, number)
        return np.minimum(read_out(rng, self.settings, binned, self._gain), FULL_SCALE)
