"""Spectra of the exciton and the biexciton of each charge state, and what the region sees of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis import pairs
from acquisition.analysis.passes import Passes
from acquisition.analysis.pixel_offsets import pixel_offsets_ns
from acquisition.analysis.recording import Calibration
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.spectra import Admixture, Lines, SpectrumData, SpectrumFit, fit_spectrum, pixel_edges_ev
from acquisition.analysis.state_fits import EXTRA_ELECTRONS, Shares, StateAnalysis, StateFits
from acquisition.photophysics.microstates import Levels, state_rates

FloatArray = NDArray[np.float64]

X_GATE_LIFETIMES = 4.0
"""X spectra are taken after so many biexciton lifetimes, when 2 % of the biexcitons are left."""

BX_GATE_LIFETIMES = 3.5
"""BX spectra are taken up to so many biexciton lifetimes; later pairs are mostly accidental."""

SHIFT_EV_PER_ELECTRON = -0.006
"""Red shift per electron of the small admixtures of higher multiexcitons."""

UNKNOWN_SLOPE_PER_EV = 2.5
"""Standard deviation of the logarithmic slope of an uncalibrated response: silicon detectors change by
a fifth over 50 nm at 700 nm, which is 0.13 eV, and gratings by as much."""


@dataclass(frozen=True, slots=True, eq=False)
class StateSpectra:
    """Spectra of a charge state: gated and fitted, and of all its photons."""

    x: SpectrumFit | None
    bx: SpectrumFit | None


def _pixels(passes: Passes, calibration: Calibration) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Energies and relative response of the pixels of the region."""
    assert calibration.wavelength_nm is not None  # noqa: S101 - callers check for a spectral axis
    region = slice(*passes.selection.region)
    low, high = pixel_edges_ev(calibration.wavelength_nm)
    response = np.ones(len(low)) if calibration.relative_efficiency is None else calibration.relative_efficiency.copy()
    response = response * passes.survey.mask
    return low[region], high[region], np.asarray(response[region] / max(response[region].max(), 1e-12))


def _x_data(analysis: StateAnalysis, fits: StateFits, calibration: Calibration) -> SpectrumData:
    passes, state = analysis.passes, fits.counts
    low, high, response = _pixels(passes, calibration)
    edges = analysis.data[fits.name].first_edges_ns
    bx = fits.decay.lifetime_bx_ns if fits.decay else None
    gate = X_GATE_LIFETIMES * bx.value if bx else 0.0
    late = edges[:-1] >= gate
    if fits.decay is not None and gate > 0 and calibration.pixel_offset_ps is None:
        response = response * np.exp(_offsets_ns(passes) / fits.decay.lifetime_x_ns.value)
    background = state.background[:, late].sum(axis=1) * state.pulses
    region = slice(*passes.selection.region)
    reference = passes.survey.pixel_delay[region][:, passes.selection.background].sum(axis=1)
    variance = np.where(reference > 0, background**2 / np.maximum(reference, 1), 0.0)
    return SpectrumData(low, high, response, state.photons[:, late].sum(axis=1), background, variance)


def _offsets_ns(passes: Passes) -> FloatArray:
    """Time offsets of the pixels of the region in ns."""
    survey, selection = passes.survey, passes.selection
    mapped = survey.pixel_delay[slice(*selection.region)] * survey.mask[slice(*selection.region), None]
    dark = mapped[:, selection.background]
    level = dark.mean(axis=1) if dark.shape[1] else np.zeros(len(mapped))
    return pixel_offsets_ns(mapped, level, selection.time_zero_bin, survey.bin_ns)


def _bx_data(analysis: StateAnalysis, fits: StateFits, calibration: Calibration) -> SpectrumData | None:
    bx = fits.decay.lifetime_bx_ns if fits.decay else None
    if fits.decay is None or bx is None:
        return None
    low, high, response = _pixels(analysis.passes, calibration)
    near_ns = analysis.settings.crosstalk_window_ns
    response = response * pairs.cascade_kept_by_pixel(fits.counts, fits.decay.lifetime_x_ns.value, near_ns)
    early = analysis.data[fits.name].first_edges_ns[:-1] < BX_GATE_LIFETIMES * bx.value
    accidental = np.maximum(pairs.accidental_pairs(fits.counts)[:, early].sum(axis=1), 0.0)
    counts = fits.counts.first[:, early].sum(axis=1)
    return SpectrumData(low, high, response, counts, accidental, np.zeros(len(counts)))


def fit_state_spectra(
    analysis: StateAnalysis,
    fits: Mapping[str, StateFits],
    calibration: Calibration,
    excitations_per_pulse: float,
    temperature_k: float,
    settings: AnalysisSettings,
) -> dict[str, StateSpectra]:
    """Fit the spectra of all charge states.

    X-type spectra use the photons after the biexcitons have decayed; BX-type spectra the earlier
    photons of pairs, with the accidental ones and the triexcitons as known admixtures and the line
    width of the exciton.
    """
    spectra: dict[str, StateSpectra] = {}
    for name, fit in fits.items():
        left = _biexcitons_left(analysis, fit, excitations_per_pulse, temperature_k)
        x = fit_spectrum(
            _x_data(analysis, fit, calibration), admixture=left, common_linewidth=settings.common_linewidth
        )
        bx = None
        data = _bx_data(analysis, fit, calibration)
        if data is not None and x is not None:
            admixture = _triexcitons(analysis, fit, x, excitations_per_pulse, temperature_k)
            width = x.lines.width_ss_ev
            splitting = x.lines.energy_pp_ev - x.lines.energy_ss_ev
            bx = fit_spectrum(data, admixture=admixture, width_ev=width, splitting_ev=splitting)
        spectra[name] = StateSpectra(x, bx)
    return spectra


def _biexcitons_left(
    analysis: StateAnalysis, fit: StateFits, excitations_per_pulse: float, temperature_k: float
) -> Admixture | None:
    """Return what is left of the biexcitons behind the gate of the exciton spectrum, half a percent of it."""
    if fit.decay is None or fit.decay.lifetime_bx_ns is None:
        return None
    lifetimes = fit.decay.lifetime_x_ns.value, fit.decay.lifetime_bx_ns.value
    cascade = analysis.multi[fit.name].cascade(*lifetimes, 1.0, 0.75, excitations_per_pulse)
    window_ns = analysis.data[fit.name].window_ns
    behind = cascade.singles_by_stage(window_ns) - cascade.singles_by_stage(X_GATE_LIFETIMES * lifetimes[1])
    extra, levels = EXTRA_ELECTRONS[fit.name], Levels()
    biexciton = state_rates(2 + extra, 2, temperature_k, levels=levels)
    exciton = state_rates(1 + extra, 1, temperature_k, levels=levels)
    share = float(behind[1:].sum() / behind.sum()) if behind.sum() > 0 else 0.0
    return Admixture(share, SHIFT_EV_PER_ELECTRON, biexciton.pp_fraction / exciton.pp_fraction)


def _triexcitons(
    analysis: StateAnalysis, fit: StateFits, x: SpectrumFit, excitations_per_pulse: float, temperature_k: float
) -> Admixture | None:
    if analysis.settings.multiexciton == "cap2" or fit.decay is None or fit.decay.lifetime_bx_ns is None:
        return None
    cascade = analysis.multi[fit.name].cascade(
        fit.decay.lifetime_x_ns.value, fit.decay.lifetime_bx_ns.value, 1.0, 0.75, excitations_per_pulse
    )
    levels = Levels(splitting_ev=x.lines.energy_pp_ev - x.lines.energy_ss_ev)
    extra = EXTRA_ELECTRONS[fit.name]
    triexciton = state_rates(3 + extra, 3, temperature_k, levels=levels)
    biexciton = state_rates(2 + extra, 2, temperature_k, levels=levels)
    share = float(cascade.first_photon_share()[2:].sum())
    return Admixture(share, SHIFT_EV_PER_ELECTRON, triexciton.pp_fraction / biexciton.pp_fraction)


def detected_shares(passes: Passes, calibration: Calibration, spectra: Mapping[str, StateSpectra]) -> dict[str, Shares]:
    """Return what the region and what all pixels detect of the photons of X and BX, from their lines.

    Without a calibrated response, the error of `all_x` holds what an unknown slope of the response
    over the spectrum would do.
    """
    if calibration.wavelength_nm is None:
        return {}
    pixels = AllPixels(passes, calibration)
    energies = {name: s.x.lines.mean_energy_ev for name, s in spectra.items() if s.x is not None}
    reference = energies.get("neutral", 0.0)
    shares = {}
    for name, spectrum in spectra.items():
        if spectrum.x is None:
            continue
        x, bx = spectrum.x, spectrum.bx or spectrum.x
        unknown = 0.0 if calibration.relative_efficiency is not None else UNKNOWN_SLOPE_PER_EV
        error = hypot(pixels.relative_error(x), unknown * (energies[name] - reference))
        region_x, region_bx = (float(pixels.region(fit.lines)) for fit in (x, bx))
        shares[name] = Shares(region_x, region_bx, pixels.all(x.lines), pixels.all(bx.lines), error)
    return shares


class AllPixels:
    """Relative response of the whole array to a spectrum."""

    def __init__(self, passes: Passes, calibration: Calibration) -> None:
        assert calibration.wavelength_nm is not None  # noqa: S101 - callers check for a spectral axis
        self._low, self._high = pixel_edges_ev(calibration.wavelength_nm)
        efficiency = calibration.relative_efficiency
        response = (np.ones(len(self._low)) if efficiency is None else efficiency) * passes.survey.mask
        self._response = response / response.max()
        self._in_region = np.zeros(len(response))
        self._in_region[slice(*passes.selection.region)] = 1.0

    def all(self, lines: Lines) -> float:
        """Return the share that all pixels detect."""
        return float(self._response @ lines.in_pixels(self._low, self._high))

    def region(self, lines: Lines) -> float:
        """Return the share that the region of interest detects."""
        return float((self._response * self._in_region) @ lines.in_pixels(self._low, self._high))

    def relative_error(self, fit: SpectrumFit) -> float:
        """Return the relative error of `all` from the covariance of the fitted lines."""
        base = self.all(fit.lines)
        steps = np.sqrt(np.maximum(np.diag(fit.covariance), 1e-30)) * 0.1
        gradient = np.array([(self.all(fit.lines.moved(i, float(step))) - base) / step for i, step in enumerate(steps)])
        return float(np.sqrt(max(gradient @ fit.covariance @ gradient, 0.0)) / base)
