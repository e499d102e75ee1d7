"""From the photons of each charge state to lifetimes, g2, spectra and efficiencies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis import pairs
from acquisition.analysis.decays import POOR_FIT, DecayData, DecayFit, Multiexcitons, fit_decays
from acquisition.analysis.efficiencies import ChargeStateMeasured, Efficiencies, fit_efficiencies
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.passes import Passes
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.time_zero import TimeZero
from acquisition.photophysics.microstates import Levels, state_rates

FloatArray = NDArray[np.float64]

EXTRA_ELECTRONS = {"neutral": 0, "minus1": 1, "minus2": 2}

ROUNDS = 3
"""The mean excitation weighs small corrections of the decays it is estimated from; three rounds settle it."""

START_EXCITATIONS_PER_PULSE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class StateFits:
    """Fits of one charge state."""

    name: str
    bins: int
    counts: pairs.StateCounts
    decay: DecayFit | None
    g2: pairs.G2 | None
    light_per_pulse: Estimate


def multiexcitons(name: str, settings: AnalysisSettings, temperature_k: float, levels: Levels) -> Multiexcitons:
    """Return the model's states with three and four excitons, relative to the biexciton."""
    extra = EXTRA_ELECTRONS[name]
    base = state_rates(2 + extra, 2, temperature_k, levels=levels)
    bx_over_x = base.lifetime_ns / state_rates(1 + extra, 1, temperature_k, levels=levels).lifetime_ns
    if settings.multiexciton == "cap2":
        return Multiexcitons((), (), bx_over_x)
    higher = [state_rates(n + extra, n, temperature_k, levels=levels) for n in (3, 4)]
    return Multiexcitons(
        tuple(rates.lifetime_ns / base.lifetime_ns for rates in higher),
        tuple(rates.quantum_efficiency / base.quantum_efficiency for rates in higher),
        bx_over_x,
    )


def state_counts(passes: Passes, level: FloatArray, index: int, settings: AnalysisSettings) -> pairs.StateCounts:
    """Cut region and window out of the maps of one charge state."""
    by_state = passes.by_state
    assert by_state is not None  # noqa: S101 - callers ask for found states only
    region, window = slice(*passes.selection.region), slice(*passes.selection.window)
    mask = passes.survey.mask[region, None]
    bins = window.stop - window.start
    return pairs.StateCounts(
        pulses=int(np.sum(passes.charge_states.labels == index)) * passes.pulses_per_bin,
        photons=(by_state.pixel_delay[index, region, window] * mask).astype(float),
        background=np.repeat(level[region, None], bins, axis=1),
        first=by_state.first[index, region, window].astype(float),
        second=by_state.second[index, region, window].astype(float),
        pair_lag=by_state.pair_lag[index, :, window].astype(float),
        near_pixels=settings.crosstalk_pixels,
        near_bins=round(settings.crosstalk_window_ns / passes.survey.bin_ns),
        cascades=int(by_state.cascades[index]),
    )


def decay_data(passes: Passes, state: pairs.StateCounts, index: int, zero: TimeZero, period_ns: float) -> DecayData:
    """Histograms of one charge state with delays from time zero.

    Without a known background it is not known how many pairs are accidental: none are given then.
    """
    by_state = passes.by_state
    assert by_state is not None  # noqa: S101 - callers ask for found states only
    region, (start, end) = slice(*passes.selection.region), passes.selection.window
    bin_ns = passes.survey.bin_ns
    mapped = by_state.pixel_delay[index, region] * passes.survey.mask[region, None]
    edges = np.arange(mapped.shape[1] + 1) * bin_ns - zero.time_ns
    whole = edges[1:] <= period_ns - zero.time_ns + 1e-9
    last = int(whole.sum())
    known = bool(state.background.any())
    return DecayData(
        edges_ns=edges[: last + 1],
        counts=mapped.sum(axis=0).astype(float)[:last],
        first_edges_ns=edges[start : end + 1],
        first_counts=state.first.sum(axis=0) * known,
        accidental=pairs.accidental_pairs(state).sum(axis=0) * known,
        period_ns=period_ns,
        window_ns=float(edges[end]),
        irf_sigma_ns=zero.irf_sigma_ns,
    )


def light_per_pulse(passes: Passes, level: FloatArray, index: int, pulses: int) -> Estimate:
    """Return the background-free photons per pulse in the window, of all pixels that are not masked.

    The whole array is taken, not the region of interest: the share of a Lorentzian line inside a
    narrow region is known less well than the counts.
    """
    by_state = passes.by_state
    assert by_state is not None  # noqa: S101 - callers ask for found states only
    window, mask = slice(*passes.selection.window), passes.survey.mask
    photons = float(by_state.pixel_delay[index][mask, window].sum())
    background = float(level.sum()) * (window.stop - window.start)
    measured = float(passes.survey.pixel_delay[mask][:, passes.selection.background].sum())
    background_error = background / np.sqrt(measured) if measured > 0 else 0.0
    value = photons / max(pulses, 1) - background
    return Estimate(value, float(np.hypot(np.sqrt(max(photons, 1.0)) / max(pulses, 1), background_error)))


@dataclass(frozen=True, slots=True)
class Shares:
    """Relative share of the photons of X and BX that are detected: by the region, and by all pixels.

    `error_x` is the relative standard error of `all_x`.
    """

    x: float = 1.0
    bx: float = 1.0
    all_x: float = 1.0
    all_bx: float = 1.0
    error_x: float = 0.0


def _measured(fits: StateFits, multi: Multiexcitons, shares: Shares, window_ns: float) -> ChargeStateMeasured | None:
    if fits.decay is None:
        return None
    x, bx = fits.decay.lifetime_x_ns, fits.decay.lifetime_bx_ns
    light, per_pair = fits.light_per_pulse, 0.0
    if fits.g2 is not None and fits.g2.center_pairs > fits.g2.accidental_pairs:
        per_pair = fits.g2.center_over_side.value / (fits.g2.center_pairs - fits.g2.accidental_pairs)
    return ChargeStateMeasured(
        light_per_pulse=Estimate(light.value, float(np.hypot(light.error, light.value * shares.error_x))),
        center_over_side=fits.g2.center_over_side if fits.g2 and fits.g2.center_over_side.value > 0.05 else None,
        lifetime_x_ns=x.value,
        lifetime_bx_ns=bx.value if bx is not None else multi.bx_over_x * x.value,
        fast_over_slow=fits.decay.fast_over_slow.value if bx is not None else None,
        decay_covariance=fits.decay.covariance,
        covariance_with_g2=per_pair * fits.decay.covariance_with_pairs,
        share_x=shares.x,
        share_bx=shares.bx,
        all_share_x=shares.all_x,
        all_share_bx=shares.all_bx,
        window_ns=window_ns,
    )


def lifetimes_only(fits: Mapping[str, StateFits]) -> dict[str, StateFits]:
    """Return what is left of fits where the background is not known: decays that the model describes.

    The fit of a decay has its own background level; pairs, spectra and rates have not.
    """
    kept = {}
    for name, fit in fits.items():
        good = fit.decay is not None and fit.decay.cash_per_bin <= POOR_FIT
        kept[name] = replace(fit, decay=fit.decay if good else None, g2=None)
    return kept


class StateAnalysis:
    """Fits of all charge states that were found, from the passes over the recording."""

    def __init__(
        self,
        passes: Passes,
        level: FloatArray,
        zero: TimeZero,
        period_ns: float,
        temperature_k: float,
        levels: Levels,
        settings: AnalysisSettings,
    ) -> None:
        self.passes, self.level, self.zero, self.settings = passes, level, zero, settings
        self.period_ns = period_ns
        names = passes.charge_states.names
        self.counts = {name: state_counts(passes, level, i, settings) for i, name in enumerate(names)}
        self.multi = {name: multiexcitons(name, settings, temperature_k, levels) for name in names}
        self.data = {name: decay_data(passes, self.counts[name], i, zero, period_ns) for i, name in enumerate(names)}

    def fit(self, excitations_per_pulse: float, efficiency_ratio_bx: Mapping[str, float]) -> dict[str, StateFits]:
        """Fit decays and g2 of all states with the given weights of the higher stages."""
        fits = {}
        for name, state in self.counts.items():
            decay = fit_decays(
                self.data[name], self.multi[name], excitations_per_pulse, efficiency_ratio_bx.get(name, 0.75)
            )
            g2 = None
            if decay is not None:
                kept = pairs.cascade_kept(state, decay.lifetime_x_ns.value, self.settings.crosstalk_window_ns)
                g2 = pairs.g2_of(state, kept)
            index = list(self.counts).index(name)
            bins = int(np.sum(self.passes.charge_states.labels == index))
            light = light_per_pulse(self.passes, self.level, index, state.pulses)
            fits[name] = StateFits(name, bins, state, decay, g2, light)
        return fits

    def efficiencies(
        self, fits: Mapping[str, StateFits], shares: Mapping[str, Shares], excitations_per_pulse: float
    ) -> Efficiencies | None:
        """Fit the efficiencies of the states whose decays were fitted."""
        measured = {}
        for name, fit in fits.items():
            item = _measured(fit, self.multi[name], shares.get(name, Shares()), self.data[name].window_ns)
            if item is not None and item.light_per_pulse.value > 0:
                measured[name] = item
        if "neutral" not in measured:
            return None
        return fit_efficiencies(measured, self.multi, excitations_per_pulse)
