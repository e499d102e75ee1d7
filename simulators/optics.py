"""The simulated light path: which pixel of the SPAD array a photon of a given energy reaches, and how likely."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Nanometres

PHOTON_EV_NM = 1239.841984
"""Planck constant times speed of light in eV nm (CODATA 2018)."""


class EfficiencyPoint(ConfigModel):
    """Photon detection efficiency of the SPAD array at one wavelength."""

    wavelength_nm: Nanometres = Field(gt=0)
    efficiency: float = Field(ge=0, le=1)


_DATASHEET = {
    400: 0.22,
    450: 0.40,
    500: 0.49,
    520: 0.50,
    550: 0.48,
    600: 0.44,
    650: 0.36,
    700: 0.28,
    750: 0.20,
    800: 0.14,
    850: 0.09,
    900: 0.06,
    950: 0.04,
}
"""Detection efficiency of the SPAD Lambda against wavelength in nm (datasheet curve, v2.3)."""


class Optics(ConfigModel):
    """Objective, excitation spot, confocal collection, grating and detector efficiency.

    The default collection detects 4.0 % of the photons that the neutral exciton of the default
    sample emits in the middle of the spot. Between the points the detection efficiency is linear, outside constant.
    """

    pixel_count: int = Field(ge=1, le=320, default=320)
    first_pixel_nm: Nanometres = Field(gt=0, default=450.0)
    pixel_step_nm: Nanometres = Field(gt=0, default=1.84)
    collection_efficiency: float = Field(ge=0, le=1, default=0.1396)
    excitation_fwhm_um: Micrometres = Field(gt=0, le=100, default=0.35)
    collection_fwhm_um: Micrometres = Field(gt=0, le=100, default=0.5)
    detection_efficiency: tuple[EfficiencyPoint, ...] = Field(
        min_length=1,
        default=tuple(EfficiencyPoint(wavelength_nm=nm, efficiency=value) for nm, value in _DATASHEET.items()),
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        wavelengths = [point.wavelength_nm for point in self.detection_efficiency]
        if sorted(set(wavelengths)) != wavelengths:
            raise ValueError("wavelengths of detection_efficiency must ascend")
        return self

    def wavelength_nm(self) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each pixel."""
        return self.first_pixel_nm + self.pixel_step_nm * np.arange(self.pixel_count, dtype=np.float64)

    def pixel_efficiency(self) -> NDArray[np.float64]:
        """Return the share of the photons emitted towards each pixel's wavelengths that it detects."""
        known = [(point.wavelength_nm, point.efficiency) for point in self.detection_efficiency]
        wavelengths, efficiencies = np.array(known).T
        detected: NDArray[np.float64] = np.interp(self.wavelength_nm(), wavelengths, efficiencies)
        return self.collection_efficiency * detected

    def lorentzian_shares(self, energy_ev: float, linewidth_ev: float) -> NDArray[np.float64]:
        """Return the share of a Lorentzian line (FWHM `linewidth_ev`) that falls on each pixel."""
        places = np.arange(self.pixel_count + 1, dtype=np.float64) - 0.5
        return lorentzian_shares(self.first_pixel_nm + self.pixel_step_nm * places, energy_ev, linewidth_ev)


def lorentzian_shares(edges_nm: NDArray[np.float64], energy_ev: float, linewidth_ev: float) -> NDArray[np.float64]:
    """Return the share of a Lorentzian line (FWHM `linewidth_ev`) between neighbouring ascending edges.

    The line is a density in photons per eV; it is integrated between the edges in energy.
    """
    below: NDArray[np.float64] = np.arctan(2.0 * (PHOTON_EV_NM / edges_nm - energy_ev) / linewidth_ev) / np.pi
    return below[:-1] - below[1:]
