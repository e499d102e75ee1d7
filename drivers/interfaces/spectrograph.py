"""A spectrograph: grating, centre wavelength, slits."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.device import Device


@dataclass(frozen=True, slots=True)
class Grating:
    """One of the gratings of a turret; a mirror has 0 lines."""

    number: int
    lines_per_mm: float
    blaze: str


@dataclass(frozen=True, slots=True)
class SpectrographStatus:
    """State of a spectrograph as it reports it; `slit_um` is None if the slit is not motorised."""

    grating: int
    centre_nm: float
    slit_um: float | None
    shutter_open: bool | None


class Spectrograph(Device):
    """A spectrograph. It is no source; safe means: its own shutter, if it has one, is closed.

    Moves of slit and grating light position LEDs inside, so a rig refuses them while a detector that
    they could harm is on. `limits` has the keys ``centre_nm`` and, if the slit is motorised, ``slit_um``.
    """

    @property
    @abstractmethod
    def gratings(self) -> Sequence[Grating]:
        """The gratings of the turret, numbered from 1. Raises `StateError` before `connect`."""

    @abstractmethod
    def set_grating(self, number: int) -> None:
        """Turn to a grating and wait. Raises `RangeError` if there is none of this number."""

    @abstractmethod
    def set_centre_nm(self, value: float) -> None:
        """Turn the grating so that this wavelength lies in the middle, and wait. Raises `RangeError` beyond limits."""

    @abstractmethod
    def set_slit_um(self, value: float) -> None:
        """Set the width of the entrance slit and wait. Raises `RangeError`, or `StateError` if it is not motorised."""

    @abstractmethod
    def set_shutter(self, is_open: bool) -> None:
        """Open or close the shutter inside. Raises `StateError` if there is none that software sets."""

    @abstractmethod
    def wavelength_nm(self, pixels: int, pixel_width_um: float) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each pixel of a detector in the focal plane; shape (pixels,)."""

    @abstractmethod
    def status(self) -> SpectrographStatus:
        """Read the state back. Raises `StateError` if not connected."""
