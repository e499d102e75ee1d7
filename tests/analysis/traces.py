"""Count traces of a dot that changes its charge, drawn without photons: counts per bin and delay group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

WINDOW_NS = 200.0
GROUP_EDGES_NS = np.array([0.0, 4.0, 9.0, 15.0, 22.0, 31.0, 43.0, 58.0, 80.0, 120.0, WINDOW_NS])
BACKGROUND_PER_BIN = 60 * 250.0 * 0.04 * 0.2
"""60 pixels of 250 cps in bins of 40 ms and a window of 200 ns at 1 MHz."""

BIN_S = 0.04


@dataclass(frozen=True)
class Trace:
    """What was drawn, and what was true.

    Attributes
    ----------
    counts : int64 array, shape (bins, groups)
    light : int64 array, shape (bins, states)
        Photons of each state among them.
    share : float64 array, shape (bins, states)
        Part of the bin that the dot spent in each state.
    """

    counts: NDArray[np.int64]
    light: NDArray[np.int64]
    share: FloatArray


def light_rates(scale: float = 1.0) -> FloatArray:
    """Counts of light per bin in each delay group for the charges 0, -1, -2, shape (3, groups)."""
    rates = []
    for counts, slow_ns, fast_ns in ((300, 59.0, 11.2), (265, 28.0, 7.5), (240, 20.0, 5.8)):
        cumulative = 0.92 * np.exp(-GROUP_EDGES_NS / slow_ns) + 0.08 * np.exp(-GROUP_EDGES_NS / fast_ns)
        rates.append(scale * counts * -np.diff(cumulative))
    return np.array(rates)


def background_rates() -> FloatArray:
    """Dark counts per bin in each delay group."""
    return np.asarray(BACKGROUND_PER_BIN * np.diff(GROUP_EDGES_NS) / WINDOW_NS)


def draw_shares(rng: np.random.Generator, bins: int, dwell_s: float, states: int = 3) -> FloatArray:
    """Return the part of each bin in each state; the dot steps to a neighbouring charge after `dwell_s`."""
    share = np.zeros((bins, states))
    state, time_s, end_s = int(rng.integers(states)), 0.0, bins * BIN_S
    while time_s < end_s:
        until_s = min(end_s, time_s + rng.exponential(dwell_s))
        edges = np.clip(np.arange(bins + 1) * BIN_S, time_s, until_s)
        share[:, state] += np.diff(edges) / BIN_S
        neighbours = [s for s in (state - 1, state + 1) if 0 <= s < states]
        state, time_s = int(rng.choice(neighbours)), until_s
    return share


def draw_trace(seed: int, *, bins: int, dwell_s: float, scale: float = 1.0) -> Trace:
    """Draw a trace with the three charge states of the default dot, dimmed by `scale`."""
    rng = np.random.default_rng(seed)
    share = draw_shares(rng, bins, dwell_s)
    by_state = rng.poisson(share[:, :, None] * light_rates(scale)[None])
    counts = by_state.sum(axis=1) + rng.poisson(background_rates(), (bins, len(GROUP_EDGES_NS) - 1))
    return Trace(counts.astype(np.int64), by_state.sum(axis=2).astype(np.int64), share)
