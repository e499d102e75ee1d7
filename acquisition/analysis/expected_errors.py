"""Which errors the analysis of a measurement will give, from expected counts and before a photon is measured.

The analysis itself is given counts without noise (an "Asimov" data set, Cowan et al., Eur. Phys. J. C 2011, 71, 1554):
its fits then find what was put in, and their errors are those that a typical recording gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis import pairs
from acquisition.analysis.accumulators import Accumulated
from acquisition.analysis.charge_assignment import ChargeStates
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.passes import Passes, background_per_pulse
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Selection, Survey, choose_selection, hot_pixels
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.state_fits import StateAnalysis, StateFits, lifetimes_only
from acquisition.analysis.state_spectra import StateSpectra, detected_shares, fit_state_spectra
from acquisition.analysis.state_table import StateValues, state_values
from acquisition.analysis.time_zero import TimeZero
from acquisition.photophysics.microstates import Levels

FloatArray = NDArray[np.float64]

REFERENCE_COUNTS = 1e9
"""Counts of the map from which the selection is made: so many that no bin is rounded."""

BINS_LOST_PER_SWITCH = 3.0
"""Trace bins around a change of charge that the assignment leaves out, as measured on the default sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """The standard region and window for a light that is known.

    Attributes
    ----------
    selection : Selection
    used : bool array, shape (pixels,)
        Pixels of the region without hot and masked ones.
    mask : bool array, shape (pixels,)
        All pixels that are not hot or masked.
    """

    selection: Selection
    used: NDArray[np.bool_]
    mask: NDArray[np.bool_]


def select(
    light: FloatArray, background: FloatArray, bin_ns: float, calibration: Calibration, settings: AnalysisSettings
) -> Selected:
    """Return the region and window that the analysis chooses in a long recording.

    Parameters
    ----------
    light, background : float64 arrays, shape (pixels, bins)
        Expected counts per pulse of the sample and of the dark detector.
    bin_ns : float
        Width of a delay bin.
    calibration, settings
        As for the analysis.
    """
    total = light + background
    pulses = REFERENCE_COUNTS / max(float(total.sum()), 1e-12)
    counts = np.rint(total * pulses).astype(np.int64)
    survey = Survey(counts, bin_ns, round(pulses), np.ones(len(counts), dtype=bool))
    mask = ~hot_pixels(counts, choose_selection(survey, settings).background)
    if calibration.pixel_mask is not None:
        mask = mask & calibration.pixel_mask
    selection = choose_selection(Survey(counts, bin_ns, round(pulses), mask), settings)
    used = mask.copy()
    used[: selection.region[0]] = used[selection.region[1] :] = False
    return Selected(selection, used, mask)


@dataclass(frozen=True, slots=True, eq=False)
class ChargeStateLight:
    """Expected light of one charge state.

    Attributes
    ----------
    name : str
        ``neutral``, ``minus1`` or ``minus2``.
    pulses : float
        Laser pulses in bins that are assigned to the state.
    light : float64 array, shape (pixels, bins)
        Counts of the sample per pulse.
    pairs : float64 array, shape (pixels, bins)
        Pairs of a cascade per pulse within `Selected.used` and the window, less those that the
        crosstalk cut removes, by their earlier photon.
    efficiency_ratio_bx : float
        Efficiency of the biexciton over that of the exciton.
    """

    name: str
    pulses: float
    light: FloatArray
    pairs: FloatArray
    efficiency_ratio_bx: float


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedErrors:
    """Numbers that the analysis will give with their errors.

    Attributes
    ----------
    states : dict of StateValues by state (X, X-, ...)
    g2 : dict of Estimate by charge state
        Centre over side peaks.
    center_pairs, accidental_pairs, photons : dict of float by charge state
        Pairs within a pulse, how many of them are accidental, and photons, in region and window.
    """

    states: Mapping[str, StateValues]
    g2: Mapping[str, Estimate]
    center_pairs: Mapping[str, float]
    accidental_pairs: Mapping[str, float]
    photons: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What holds for all charge states of a stream.

    Attributes
    ----------
    selected : Selected
    background : float64 array, shape (pixels, bins)
        Dark counts per pulse.
    period_ns, bin_ns, time_zero_ns, irf_sigma_ns : float
    calibration : Calibration
    settings : AnalysisSettings
    """

    selected: Selected
    background: FloatArray
    period_ns: float
    bin_ns: float
    time_zero_ns: float
    irf_sigma_ns: float
    calibration: Calibration
    settings: AnalysisSettings


def expected_errors(
    detection: Detection, lights: Sequence[ChargeStateLight], excitations_per_pulse: float, temperature_k: float
) -> ExpectedErrors:
    """Return what the analysis will give for the light of a single emitter.

    Parameters
    ----------
    detection : Detection
    lights : sequence of ChargeStateLight
        Of each charge state that occurs, the neutral one first.
    excitations_per_pulse : float
        Mean number of excitons per pulse.
    temperature_k : float
        Of the sample.
    """
    passes = _passes(detection, lights)
    calibration, settings = detection.calibration, detection.settings
    level = background_per_pulse(passes.survey, passes.selection, calibration.dark_rate_cps)
    zero = TimeZero(detection.time_zero_ns, 0.0, detection.irf_sigma_ns)
    states = StateAnalysis(passes, level, zero, detection.period_ns, temperature_k, Levels(), settings)
    fits: Mapping[str, StateFits] = states.fit(
        excitations_per_pulse, {light.name: light.efficiency_ratio_bx for light in lights}
    )
    spectra: dict[str, StateSpectra] = {}
    if calibration.wavelength_nm is not None:
        spectra = fit_state_spectra(states, fits, calibration, excitations_per_pulse, temperature_k, settings)
    efficiencies = states.efficiencies(fits, detected_shares(passes, calibration, spectra), excitations_per_pulse)
    if not passes.selection.background.any() and calibration.dark_rate_cps is None:
        fits, spectra, efficiencies = lifetimes_only(fits), {}, None
    return ExpectedErrors(
        states=state_values(fits, spectra, efficiencies),
        g2={name: fit.g2.center_over_side for name, fit in fits.items() if fit.g2 is not None},
        center_pairs={name: float(fit.counts.pair_lag[0].sum()) for name, fit in fits.items()},
        accidental_pairs={name: float(pairs.accidental_pairs(fit.counts).sum()) for name, fit in fits.items()},
        photons={name: float(fit.counts.photons.sum()) for name, fit in fits.items()},
    )


def assigned_share(leaves_hz: float, bin_width_s: float) -> float:
    """Return the share of the time in a charge state whose bins can be assigned to it.

    Bins around a change of charge are left out; the exponential keeps the share positive where the
    charge changes as fast as bins follow each other.
    """
    return float(np.exp(-BINS_LOST_PER_SWITCH * bin_width_s * leaves_hz))


def _passes(detection: Detection, lights: Sequence[ChargeStateLight]) -> Passes:
    """Return what the passes over such a recording would give if counts had no noise."""
    selected, settings = detection.selected, detection.settings
    states = [_counts(detection, light) for light in lights]
    maps = np.stack([state.photons for state in states])
    pulses = round(sum(light.pulses for light in lights))
    per_bin = max(1, round(settings.bin_width_s * 1e9 / detection.period_ns))
    bins = [max(1, round(light.pulses / per_bin)) for light in lights]
    names = tuple(light.name for light in lights)
    count = len(lights)
    labels = np.repeat(np.arange(count, dtype=np.int8), bins)
    charge = ChargeStates(names, labels, None, tuple(range(count)), (0.0,) * count, np.eye(count))
    by_state = Accumulated(
        bin_ns=detection.bin_ns,
        fine_bin_ns=detection.bin_ns,
        pixel_delay=_as_counts(maps),
        fine_delay=_as_counts(maps.sum(axis=(0, 1))),
        trace=np.zeros((0, 1), dtype=np.int64),
        trace_delay_ps=np.zeros(0, dtype=np.int64),
        pair_lag=_as_counts(np.stack([state.pair_lag for state in states])),
        first=_as_counts(np.stack([state.first for state in states])),
        second=_as_counts(np.stack([state.second for state in states])),
        cascades=_as_counts(np.array([state.first.sum() for state in states])),
        pulses=pulses,
        photons=round(float(maps.sum())),
        group_edges=np.array(selected.selection.window),
        first_bin=0,
    )
    survey = Survey(_as_counts(maps.sum(axis=0)), detection.bin_ns, pulses, selected.mask)
    return Passes(
        survey=survey,
        selection=selected.selection,
        photons=by_state.photons,
        pulses=pulses,
        gaps=(),
        all_states=by_state,
        charge_states=charge,
        by_state=by_state,
        pulses_per_bin=per_bin,
    )


def _counts(detection: Detection, light: ChargeStateLight) -> pairs.StateCounts:
    """Return the expected counts of one charge state, on all pixels and delays."""
    settings, selection = detection.settings, detection.selected.selection
    inside = np.s_[slice(*selection.region), slice(*selection.window)]
    used = detection.selected.used[inside[0], None]
    total = light.light + detection.background
    # bins of the trace are whole: the counts are those of the pulses that the bins hold
    per_bin = max(1, round(settings.bin_width_s * 1e9 / detection.period_ns))
    pulses = max(1, round(light.pulses / per_bin)) * per_bin
    selected = pairs.StateCounts(
        pulses=pulses,
        photons=total[inside] * used * pulses,
        background=detection.background[inside] * used,
        first=np.zeros(0),
        second=np.zeros(0),
        pair_lag=np.zeros(0),
        near_pixels=settings.crosstalk_pixels,
        near_bins=round(settings.crosstalk_window_ns / detection.bin_ns),
        cascades=0,
    )
    rates = total[inside] * used
    side = 2.0 * pulses * pairs.independent_pairs(rates, rates, selected.near_pixels, selected.near_bins).sum(axis=0)
    center, lags = np.zeros(total.shape), np.zeros((settings.max_lag + 1, total.shape[1]))
    center[inside] = light.pairs[inside] * pulses + pairs.accidental_pairs(selected)
    lags[0] = center.sum(axis=0)
    lags[1:, inside[1]] = side
    return replace(
        selected,
        photons=total * pulses,
        background=detection.background,
        first=center,
        second=center,  # the spectra of later photons are not used
        pair_lag=lags,
        cascades=round(float(center.sum())),
    )


def _as_counts(values: FloatArray) -> NDArray[np.int64]:
    """Return expected counts as counts: the analysis does not mind that they are not whole, but its types do."""
    return cast("NDArray[np.int64]", values)
