"""Emission spectra: two Lorentzian lines (SS and PP), fitted to photons per pixel.

The lines are defined per eV and integrated over each pixel in energy, which contains the Jacobian
between wavelength and energy exactly.
"""

from dataclasses import dataclass

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray

from acquisition.analysis.estimate import Estimate

FloatArray = NDArray[np.float64]

HC_EV_NM = 1239.841984
"""Planck constant times speed of light in eV nm (CODATA 2018)."""


def pixel_edges_ev(wavelength_nm: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper photon energy in eV of each pixel, from its centre wavelengths in nm."""
    middle = 0.5 * (wavelength_nm[1:] + wavelength_nm[:-1])
    first = wavelength_nm[0] - (middle[0] - wavelength_nm[0])
    last = wavelength_nm[-1] + (wavelength_nm[-1] - middle[-1])
    edges = HC_EV_NM / np.concatenate([[first], middle, [last]])
    return np.minimum(edges[1:], edges[:-1]), np.maximum(edges[1:], edges[:-1])


def lorentzian_in_pixels(low_ev: FloatArray, high_ev: FloatArray, center_ev: float, fwhm_ev: float) -> FloatArray:
    """Return the share of a Lorentzian line that falls between the energies of each pixel."""
    half = fwhm_ev / 2
    return np.asarray((np.arctan((high_ev - center_ev) / half) - np.arctan((low_ev - center_ev) / half)) / np.pi)


LEAST_PHOTONS = 100
"""Two lines are not told apart with fewer photons."""

FEW_PHOTONS = 10_000
"""Up to so many photons errors come from the profile of the likelihood, not from its curvature."""

SPLITTING_RANGE_EV = (0.01, 0.3)


@dataclass(frozen=True, slots=True)
class Lines:
    """Two Lorentzian lines; energies and widths (FWHM) in eV, `pp_fraction` of the photons in PP."""

    energy_ss_ev: float
    energy_pp_ev: float
    pp_fraction: float
    width_ss_ev: float
    width_pp_ev: float

    def in_pixels(self, low_ev: FloatArray, high_ev: FloatArray) -> FloatArray:
        """Return the share of all emitted photons that falls into each pixel."""
        ss = lorentzian_in_pixels(low_ev, high_ev, self.energy_ss_ev, self.width_ss_ev)
        pp = lorentzian_in_pixels(low_ev, high_ev, self.energy_pp_ev, self.width_pp_ev)
        return np.asarray((1.0 - self.pp_fraction) * ss + self.pp_fraction * pp)

    @property
    def mean_energy_ev(self) -> float:
        """Mean of the line centres, weighted by their photons, in eV."""
        return (1.0 - self.pp_fraction) * self.energy_ss_ev + self.pp_fraction * self.energy_pp_ev

    def moved(self, parameter: int, step: float) -> "Lines":
        """Return the lines with one fit parameter moved: energy, splitting, fraction or common width."""
        energy, splitting, fraction, width = (step if parameter == i else 0.0 for i in range(4))
        return Lines(
            self.energy_ss_ev + energy,
            self.energy_pp_ev + energy + splitting,
            self.pp_fraction + fraction,
            self.width_ss_ev + width,
            self.width_pp_ev + width,
        )

    def shifted(self, energy_ev: float, pp_fraction: float) -> "Lines":
        """Return the same lines moved by `energy_ev`, with another PP fraction."""
        return Lines(
            self.energy_ss_ev + energy_ev,
            self.energy_pp_ev + energy_ev,
            pp_fraction,
            self.width_ss_ev,
            self.width_pp_ev,
        )


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumData:
    """Photons per pixel of the region of interest.

    Attributes
    ----------
    low_ev, high_ev : float64 array, shape (pixels,)
        Energies between which the pixel counts.
    response : float64 array, shape (pixels,)
        Relative detection efficiency; 0 for unused pixels.
    counts, background : float64 array, shape (pixels,)
        Photons counted, and expected background (dark counts, accidental pairs) among them.
    background_variance : float64 array, shape (pixels,)
        Variance of the expected background.
    """

    low_ev: FloatArray
    high_ev: FloatArray
    response: FloatArray
    counts: FloatArray
    background: FloatArray
    background_variance: FloatArray


@dataclass(frozen=True, slots=True)
class Admixture:
    """Another state in a spectrum: its share of the photons, energy shift and PP-fraction ratio."""

    share: float
    shift_ev: float
    pp_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumFit:
    """Two-Lorentzian fit of a spectrum.

    `model` is in expected counts per pixel, background included; `covariance` is that of the SS
    energy, the splitting, the PP fraction and the (SS) width, in eV and 1.
    """

    energy_ss_ev: Estimate
    energy_pp_ev: Estimate
    pp_fraction: Estimate
    lines: Lines
    data: SpectrumData
    model: FloatArray
    covariance: FloatArray
    chi2_per_pixel: float


_LINE_PARAMETERS = ("energy", "splitting", "fraction", "width")


class _Model:
    def __init__(self, data: SpectrumData, admixture: Admixture | None, width_ev: float | None, common: bool) -> None:
        self.data, self.admixture, self.width_ev, self.common = data, admixture, width_ev, common

    def lines(self, energy: float, splitting: float, fraction: float, width: float, width_pp: float) -> Lines:
        return Lines(energy, energy + splitting, fraction, width, width if self.common else width_pp)

    def counts(self, amplitude: float, lines: Lines) -> FloatArray:
        shape = lines.in_pixels(self.data.low_ev, self.data.high_ev)
        if self.admixture is not None:
            ratio = min(lines.pp_fraction * self.admixture.pp_ratio, 1.0)
            other = lines.shifted(self.admixture.shift_ev, ratio)
            share = self.admixture.share
            shape = (1 - share) * shape + share * other.in_pixels(self.data.low_ev, self.data.high_ev)
        return np.asarray(amplitude * self.data.response * shape + self.data.background)

    def deviance(
        self, amplitude: float, energy: float, splitting: float, fraction: float, width: float, width_pp: float
    ) -> float:
        model = np.maximum(self.counts(amplitude, self.lines(energy, splitting, fraction, width, width_pp)), 1e-9)
        counts = self.data.counts
        ratio = np.where(counts > 0, counts / model, 1.0)
        deviance = 2.0 * (model - counts + counts * np.log(ratio))
        # the background is itself measured: its variance adds to that of the counts
        weight = model / (model + self.data.background_variance)
        return float(np.sum(np.where(self.data.response > 0, deviance * weight, 0.0)))


def fit_spectrum(
    data: SpectrumData,
    *,
    admixture: Admixture | None = None,
    width_ev: float | None = None,
    splitting_ev: float = 0.057,
    common_linewidth: bool = True,
) -> SpectrumFit | None:
    """Fit two Lorentzian lines by maximum likelihood for Poisson counts.

    Parameters
    ----------
    data : SpectrumData
    admixture : Admixture or None
        A known share of photons of a higher multiexciton in the spectrum.
    width_ev : float or None
        Line width to hold fixed (from the exciton of the same charge, for spectra of few photons).
    splitting_ev : float
        Where the fit of the splitting starts.
    common_linewidth : bool
        Whether both lines share one width.

    Returns
    -------
    SpectrumFit or None
        None if there is too little light or the fit does not converge.
    """
    net = np.where(data.response > 0, data.counts - data.background, 0.0)
    light = float(net.sum())
    noise = np.sqrt(float(data.counts.sum() + data.background_variance.sum()) + 1.0)
    if light < max(LEAST_PHOTONS, 5.0 * noise):
        return None
    middle = 0.5 * (data.low_ev + data.high_ev)
    smooth = np.convolve(net / np.maximum(data.high_ev - data.low_ev, 1e-9), np.ones(5) / 5, mode="same")
    peak = float(middle[int(np.argmax(smooth))])
    model = _Model(data, admixture, width_ev, common_linewidth)
    amplitude = 1.2 * light / float(np.max(data.response))
    # the highest point may be either line
    starts = [(peak, 0.3), (peak - splitting_ev, 0.6)]
    fits = [
        _minimise(model, (amplitude, energy, splitting_ev, fraction), width_ev or 0.05) for energy, fraction in starts
    ]
    fit = min(fits, key=lambda one: float(one.fval))
    if not fit.valid or fit.covariance is None or not _resolved(fit):
        return None
    return _result(model, fit, _profile_widening(fit) if light < FEW_PHOTONS else 1.0)


def _minimise(model: _Model, start: tuple[float, float, float, float], width_ev: float) -> Minuit:
    low_ev, high_ev = model.data.low_ev, model.data.high_ev
    fit = Minuit(model.deviance, *start, width_ev, width_ev)
    fit.errordef = Minuit.LEAST_SQUARES
    fit.limits["amplitude"] = (0.0, None)
    fit.limits["energy"] = (float(low_ev.min()), float(high_ev.max()))
    fit.limits["splitting"] = SPLITTING_RANGE_EV
    fit.limits["fraction"] = (0.0, 1.0)
    fit.limits["width"] = fit.limits["width_pp"] = (0.002, 0.4)
    fit.fixed["width"] = model.width_ev is not None
    fit.fixed["width_pp"] = model.common or model.width_ev is not None
    fit.migrad(ncall=20000)
    fit.hesse()
    return fit


def _resolved(fit: Minuit) -> bool:
    """Whether both lines are there, with the parameters away from their limits."""
    low, high = SPLITTING_RANGE_EV
    inside = low * 1.01 < fit.values["splitting"] < high * 0.99
    return bool(inside and 0.005 < fit.values["fraction"] < 0.995)


def _profile_widening(fit: Minuit) -> float:
    """Return by how much the profile likelihood is wider than its parabola, over energies and fraction.

    With few photons the two are not the same; the wider side counts.
    """
    fit.minos("energy", "splitting", "fraction")
    widths = [(abs(e.lower), abs(e.upper), fit.errors[name]) for name, e in fit.merrors.items() if e.is_valid]
    return float(max([1.0, *(max(lower, upper) / error for lower, upper, error in widths if error > 0)]))


def _result(model: _Model, fit: Minuit, widening: float) -> SpectrumFit:
    values = fit.values.to_dict()
    amplitude = values.pop("amplitude")
    lines = model.lines(**values)
    names = _LINE_PARAMETERS
    covariance = widening**2 * np.array([[fit.covariance[a, b] for b in names] for a in names])
    pp_variance = covariance[0, 0] + covariance[1, 1] + 2 * covariance[0, 1]
    degrees = int((model.data.response > 0).sum()) - fit.nfit
    return SpectrumFit(
        energy_ss_ev=Estimate(lines.energy_ss_ev, float(np.sqrt(covariance[0, 0]))),
        energy_pp_ev=Estimate(lines.energy_pp_ev, float(np.sqrt(max(pp_variance, 0.0)))),
        pp_fraction=Estimate(lines.pp_fraction, float(np.sqrt(covariance[2, 2]))),
        lines=lines,
        data=model.data,
        model=model.counts(amplitude, lines),
        covariance=covariance,
        chi2_per_pixel=float(fit.fval) / max(degrees, 1),
    )
