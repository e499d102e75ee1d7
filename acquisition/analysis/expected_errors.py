"""Which errors the analysis of a measurement will give, from expected counts and before a photon is measured.

The analysis itself is given counts without noise (an "Asimov" data set, Cowan et al., Eur. Phys. J. C 2011, 71, 1554):
its fits then find what was put in, and their errors are those that a typical recording gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis import pairs
from acquisition.analysis.accumulators import Accumulated
from acquisition.analysis.analyze import count_emitters_of, rate_model_of
from acquisition.analysis.charge_assignment import ChargeStates
from acquisition.analysis.emitters import EmitterCount
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.expected_selection import Selected
from acquisition.analysis.passes import Passes, background_per_pulse
from acquisition.analysis.rate_model import RateModelFit
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Survey
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.state_fits import StateAnalysis, StateFits, lifetimes_only
from acquisition.analysis.state_spectra import StateSpectra, detected_shares, fit_state_spectra
from acquisition.analysis.state_table import StateValues, state_values
from acquisition.analysis.time_zero import TimeZero
from acquisition.photophysics.microstates import Levels

FloatArray = NDArray[np.float64]

BINS_LOST_PER_SWITCH = 3.0
"""Trace bins around a change of charge that the assignment leaves out, as measured on the default sample."""


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
    excitations_per_pulse : Estimate or None
    model : RateModelFit or None
    g2_gated : Estimate or None
        Of the pairs whose earlier photon comes late, which tells one emitter from several.
    center_pairs, accidental_pairs, photons : dict of float by charge state
        Pairs within a pulse, how many of them are accidental, and photons, in region and window.
    """

    states: Mapping[str, StateValues]
    g2: Mapping[str, Estimate]
    excitations_per_pulse: Estimate | None
    model: RateModelFit | None
    g2_gated: Estimate | None
    center_pairs: Mapping[str, float]
    accidental_pairs: Mapping[str, float]
    photons: Mapping[str, float]

    def plain(self) -> dict[str, Any]:
        """Return the numbers where results.json has them; what will not be found is absent."""
        found: dict[str, Any] = {
            "states": {name: values.plain() for name, values in self.states.items()},
            "g2": {name: {"center_over_side": estimate.plain()} for name, estimate in self.g2.items()},
        }
        if self.model is not None:
            found["model"] = {
                "B_per_us": self.model.b_per_us.plain(),
                "C_minus_per_us": self.model.c_minus_per_us.plain(),
                "C_plus_per_us": self.model.c_plus_per_us.plain(),
            }
        if self.g2_gated is not None:
            found["emitters"] = {"g2_gated": self.g2_gated.plain()}
        if self.excitations_per_pulse is not None:
            found["excitations_per_pulse"] = self.excitations_per_pulse.plain()
        return found


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
    fits: dict[str, StateFits] = states.fit(
        excitations_per_pulse, {light.name: light.efficiency_ratio_bx for light in lights}
    )
    spectra: dict[str, StateSpectra] = {}
    if calibration.wavelength_nm is not None:
        spectra = fit_state_spectra(states, fits, calibration, excitations_per_pulse, temperature_k, settings)
    efficiencies = states.efficiencies(fits, detected_shares(passes, calibration, spectra), excitations_per_pulse)
    emitters = count_emitters_of(states, fits)
    if not passes.selection.background.any() and calibration.dark_rate_cps is None:
        fits, spectra, efficiencies, emitters = lifetimes_only(fits), {}, None, EmitterCount("undecided", None)
    values = state_values(fits, spectra, efficiencies)
    return ExpectedErrors(
        states=values,
        excitations_per_pulse=efficiencies.excitations_per_pulse if efficiencies is not None else None,
        model=rate_model_of(values, temperature_k),
        g2_gated=emitters.g2_gated,
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
