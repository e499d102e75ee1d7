"""A simulated spectrograph with a turret of gratings and a motorised slit."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Nanometres
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.software import SoftwareDevice
from drivers.interfaces.spectrograph import Grating, Spectrograph, SpectrographStatus

NM_TIMES_LINES = 1_600_000.0
"""Product of highest centre wavelength and lines per mm."""

FOCAL_MM = 328.0
FEWEST_PIXELS = 8


class SpectrographSettings(ConfigModel):
    """Gratings in lines per mm, and where it stands at first."""

    lines_per_mm: tuple[float, ...] = Field(default=(150.0, 300.0), min_length=1, max_length=6)
    centre_nm: Nanometres = Field(gt=0, le=2000, default=690.0)
    slit_um: Micrometres = Field(ge=10, le=2500, default=100.0)


class SimulatedSpectrograph(SoftwareDevice, Spectrograph):
    """A spectrograph without a shutter. The simulated camera has a light path of its own, which it does not change."""

    def __init__(self, name: str, settings: SpectrographSettings | None = None) -> None:
        super().__init__(name)
        self._settings = settings or SpectrographSettings()
        self._gratings = tuple(Grating(n, lines, "500 nm") for n, lines in enumerate(self._settings.lines_per_mm, 1))
        self._grating, self._centre_nm, self._slit_um = 1, self._settings.centre_nm, self._settings.slit_um

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated spectrograph", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed centre wavelength with the grating that is in, and slit width."""
        lines = self._gratings[self._grating - 1].lines_per_mm
        return MappingProxyType({"centre_nm": Limits(1.0, NM_TIMES_LINES / lines), "slit_um": Limits(10.0, 2500.0)})

    @property
    def gratings(self) -> Sequence[Grating]:
        """The gratings of the turret."""
        self.require_connected()
        return self._gratings

    def make_safe(self) -> None:
        """Do nothing, as it is no source and has no shutter."""

    def set_grating(self, number: int) -> None:
        """Turn to a grating."""
        self.require_connected()
        if number not in range(1, len(self._gratings) + 1):
            raise RangeError(self.name, f"grating = {number} is not one of 1 ... {len(self._gratings)}")
        self._grating = number

    def set_centre_nm(self, value: float) -> None:
        """Turn the grating so that this wavelength lies in the middle."""
        self.require_connected()
        self._centre_nm = self.limits["centre_nm"].check(self.name, "centre_nm", value)

    def set_slit_um(self, value: float) -> None:
        """Set the width of the entrance slit."""
        self.require_connected()
        self._slit_um = self.limits["slit_um"].check(self.name, "slit_um", value)

    def set_shutter(self, is_open: bool) -> None:
        """Raise `StateError`, as it has none."""
        self.require_connected()
        raise StateError(self.name, "has no shutter")

    def wavelength_nm(self, pixels: int, pixel_width_um: float) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each pixel, for small angles."""
        self.require_connected()
        if pixels < FEWEST_PIXELS or not 0 < pixel_width_um < 1000:
            raise RangeError(self.name, f"at least {FEWEST_PIXELS} pixels of less than 1 mm are needed")
        step_nm = pixel_width_um * 1e3 / (self._gratings[self._grating - 1].lines_per_mm * FOCAL_MM)
        return self._centre_nm + step_nm * (np.arange(pixels, dtype=np.float64) - (pixels - 1) / 2)

    def status(self) -> SpectrographStatus:
        """Read the state back."""
        self.require_connected()
        return SpectrographStatus(self._grating, self._centre_nm, self._slit_um, None)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set."""
        return {"grating": self._grating, "centre_nm": self._centre_nm, "slit_um": self._slit_um}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what it reports now."""
        self.require_connected()
        return self.settings()
