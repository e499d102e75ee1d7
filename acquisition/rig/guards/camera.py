"""Guard of the camera."""

from collections.abc import Generator, Mapping
from contextlib import closing
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.camera import CameraLight, CameraStatus, Frame, SpectrographCamera
from drivers.interfaces.device import Limits


class GuardedCamera(Guard, SpectrographCamera):
    """A camera whose EM gain the rig limits, and that stays at its lowest and takes no frames while latched."""

    def __init__(self, camera: SpectrographCamera, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(camera, latch)
        self._camera = camera
        self._highest_gain = limits.em_gain

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting; of the EM gain the lower of camera and rig."""
        limits = dict(self._camera.limits)
        if self._highest_gain is not None and "em_gain" in limits:
            own = limits["em_gain"]
            limits["em_gain"] = Limits(own.low, max(own.low, min(own.high, self._highest_gain)))
        return MappingProxyType(limits)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns of a frame."""
        return self._camera.shape

    def wavelength_nm(self) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each column."""
        return self._camera.wavelength_nm()

    def set_exposure_s(self, value: float) -> None:
        """Set the exposure time."""
        self._camera.set_exposure_s(value)

    def set_em_gain(self, value: float) -> None:
        """Set the EM gain.

        Raises
        ------
        RangeError
            Above the limit of camera or rig.
        StateError
            If it is to be above its minimum while the rig is latched, or the camera refuses it for its light.
        """
        self.limits["em_gain"].check(self.name, "em_gain", value)
        if value <= self._camera.limits["em_gain"].low:
            self._camera.set_em_gain(value)
            self._latch.is_off(self._camera)
        else:
            self._latch.switch_on(self._camera, lambda: self._camera.set_em_gain(value))

    def declare_light(self, light: CameraLight) -> None:
        """Say what light falls on the camera, at any time, as the gain can only fall by it."""
        self._camera.declare_light(light)

    def set_temperature_c(self, value: float) -> None:
        """Set what the cooler controls the sensor to."""
        self._camera.set_temperature_c(value)

    def set_cooler(self, on: bool) -> None:
        """Switch the cooler, at any time, as it is no source."""
        self._camera.set_cooler(on)

    def frames(self, count: int) -> Generator[Frame, None, None]:
        """Yield `count` frames, none of them once the rig is latched; raises `StateError` if it is at the first."""
        self._latch.check(self._camera)
        with closing(self._camera.frames(count)) as frames:
            for frame in frames:
                if self._latch.latched:
                    return
                yield frame

    def status(self) -> CameraStatus:
        """Read the state back."""
        return self._camera.status()
