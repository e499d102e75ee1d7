"""Which bins of a count trace belong to the neutral, singly and doubly charged dot."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.charge_states import HiddenMarkovFit, best_fit, select_bins
from acquisition.analysis.settings import AnalysisSettings

CHARGE_STATES = ("neutral", "minus1", "minus2")
"""Names of the charge states, in the order of falling exciton lifetime."""

DARK_SHARE = 0.1
"""A state with less light than this share of the brightest is dark: bleached, or off."""

FEWEST_BINS = 10
"""A state with fewer assigned bins is not told from the others; the trace is then read with fewer states."""

SHORTEST_DWELL_BINS = 15
"""With shorter mean dwell times too few bins have neighbours that all agree."""


@dataclass(frozen=True, slots=True, eq=False)
class ChargeStates:
    """Charge state of each trace bin.

    Attributes
    ----------
    names : tuple of str
        The states that were found, by falling mean delay.
    labels : int8 array, shape (bins,)
        Index into `names`, -1 for bins that are not assigned.
    fit : HiddenMarkovFit or None
        The hidden Markov chain; None without light.
    order : tuple of int
        State of the chain for each name.
    dwell_s : tuple of float
        Mean dwell time of each state in s, from the transition matrix.
    confusion : float64 array, shape (states, states)
        Mean probability, over the bins assigned to the row, of the column.
    resolved : bool
        Whether the bins are short against the dwell times of all states that show in the trace.
    """

    names: tuple[str, ...]
    labels: NDArray[np.int8]
    fit: HiddenMarkovFit | None
    order: tuple[int, ...]
    dwell_s: tuple[float, ...]
    confusion: NDArray[np.float64]
    resolved: bool = True


def assign_charge_states(
    trace: NDArray[np.int64],
    valid: NDArray[np.bool_],
    background: NDArray[np.float64],
    bin_s: float,
    settings: AnalysisSettings,
) -> ChargeStates:
    """Find the charge states of a count trace.

    Parameters
    ----------
    trace : int64 array, shape (bins, groups)
        Counts per bin and delay group.
    valid : bool array, shape (bins,)
        Bins with data.
    background : float64 array, shape (groups,)
        Expected background counts per bin and group.
    bin_s : float
        Width of a bin in s.
    settings : AnalysisSettings
    """
    if (
        valid.sum() < 20
        or trace[valid].sum() < 5.0 * np.sqrt(background.sum() * valid.sum()) + background.sum() * valid.sum()
    ):
        return no_charge_states(len(trace))
    resolved = True
    for most in range(settings.max_charge_states, 0, -1):
        states = _name_states(best_fit(trace, valid, most), valid, background, bin_s, settings)
        resolved &= all(dwell >= SHORTEST_DWELL_BINS * bin_s for dwell in states.dwell_s)
        if all(np.sum(states.labels == i) >= FEWEST_BINS for i in range(len(states.names))):
            break
        resolved = False
    return replace(states, resolved=resolved)


def no_charge_states(bins: int) -> ChargeStates:
    """Return the assignment of a trace in which no charge state is found."""
    return ChargeStates((), np.full(bins, -1, dtype=np.int8), None, (), (), np.zeros((0, 0)))


def _name_states(
    fit: HiddenMarkovFit,
    valid: NDArray[np.bool_],
    background: NDArray[np.float64],
    bin_s: float,
    settings: AnalysisSettings,
) -> ChargeStates:
    """Sort the states of a chain by the mean delay of their light, leave out dark ones, label the bins."""
    signal = np.maximum(fit.rates - background, 0.0)
    light = signal.sum(axis=1)
    mean_group = signal @ np.arange(signal.shape[1]) / np.maximum(light, 1e-9)
    # without a known background the mean delay says little of the light; brightness falls with charge, too
    falling = mean_group if background.any() else light
    bright = [k for k in np.argsort(-falling) if light[k] > DARK_SHARE * light.max()]
    order = tuple(int(k) for k in bright[: len(CHARGE_STATES)])
    raw = select_bins(fit, valid, settings.posterior_threshold)
    labels = np.full(len(valid), -1, dtype=np.int8)
    for index, k in enumerate(order):
        labels[raw == k] = index
    confusion = np.array(
        [
            fit.others[labels == i][:, list(order)].mean(axis=0) if np.any(labels == i) else np.eye(len(order))[i]
            for i in range(len(order))
        ]
    )
    dwell = tuple(float(bin_s / max(1.0 - fit.transition[k, k], 1e-9)) for k in order)
    return ChargeStates(CHARGE_STATES[: len(order)], labels, fit, order, dwell, confusion)
