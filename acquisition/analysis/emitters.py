"""One emitter or several? Time-gated g2.

With the delays before a few biexciton lifetimes removed, one emitter has no pairs left within a
pulse but the accidental ones; several emitters keep theirs. The ungated g2(0) says nothing here: a
bright biexciton gives 0.7 (science.md, section 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.pairs import StateCounts, accidental_pairs

GATE_LIFETIMES = 5.0
"""The gate opens after so many biexciton lifetimes; exp(-5) = 0.7 % of the cascades remain."""

SEVERAL_ABOVE = 0.1
ONE_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class EmitterCount:
    """Verdict and the gated, background-corrected g2(0) on which it rests."""

    verdict: Literal["one", "several", "undecided"]
    g2_gated: Estimate | None


def count_emitters(states: Sequence[tuple[StateCounts, int, float]]) -> EmitterCount:
    """Judge from the gated g2 of all charge states together.

    Pairs of two emitters lose the same share to the cuts as those of different pulses, so none is corrected.

    Parameters
    ----------
    states : sequence of (StateCounts, int, float)
        Counts of a charge state, the window bin at which its gate opens, and the cascade pairs per
        run expected to remain behind the gate.

    Returns
    -------
    EmitterCount
        ``one`` if g2 is below 0.5 and not above 0.1, each at three standard errors; ``several`` if
        it is above 0.1 at three standard errors; else ``undecided``. Two equal emitters have 0.5,
        and one tenth is what a second emitter of a twentieth of the brightness would give.
    """
    center = accidental = remaining = side = side_variance = 0.0
    for state, gate_bin, cascades in states:
        gated = state.from_bin(gate_bin)
        lags = len(gated.pair_lag) - 1
        expected = float(accidental_pairs(gated).sum())
        pairs = float(gated.pair_lag[1:].sum())
        center += float(gated.pair_lag[0].sum())
        accidental += expected
        remaining += cascades
        side += pairs / lags - 2.0 * expected
        side_variance += max(pairs, 1.0) / lags**2
    if side <= 5.0 * np.sqrt(side_variance) or side <= 0:
        return EmitterCount("undecided", None)
    value = 2.0 * (center - accidental - remaining) / side
    error = float(np.hypot(2.0 * np.sqrt(max(center, 1.0)) / side, value * np.sqrt(side_variance) / side))
    g2 = Estimate(value, error)
    if value - 3.0 * error > SEVERAL_ABOVE:
        return EmitterCount("several", g2)
    return EmitterCount("one" if value + 3.0 * error < ONE_BELOW else "undecided", g2)
