"""One emitter or several? Time-gated g2.

With the delays before a few biexciton lifetimes removed, one emitter has few pairs left within a
pulse but the accidental ones; several emitters keep theirs. The ungated g2(0) says nothing here: a
bright biexciton gives 0.7 (Arens et al., ACS Nano 2026, 20, 3845).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.pairs import StateCounts, accidental_pairs

GATE_LIFETIMES = 3.0
"""The gate opens after so many biexciton lifetimes. The 5 % of the cascades that remain are subtracted; a
later gate would leave little light, and of two emitters in different charge states only the slower."""

MOST_OVER_MODEL = 1.3
"""A biexciton that seems to live longer than so many times what the model expects from its exciton is none:
pairs of several emitters follow the exciton. The gate then opens by the model."""

SEVERAL_ABOVE = 0.1
ONE_BELOW = 0.3


@dataclass(frozen=True, slots=True)
class EmitterCount:
    """Verdict and the gated, background-corrected g2(0) on which it rests.

    `slow_pairs` names the charge states in which pairs decay too slowly for a biexciton, as uncorrelated ones of
    several emitters do: such a recording is never called that of one. Two emitters that charge independently
    mimic more charge states than they have, and their gated g2 alone may then be near zero.
    """

    verdict: Literal["one", "several", "undecided"]
    g2_gated: Estimate | None
    slow_pairs: tuple[str, ...] = ()

    def with_slow_pairs(self, names: Sequence[str]) -> "EmitterCount":
        """Return the count with charge states in which pairs decay too slowly; with any, ``one`` becomes undecided."""
        verdict = "undecided" if names and self.verdict == "one" else self.verdict
        return EmitterCount(verdict, self.g2_gated, tuple(names))


def count_emitters(states: Sequence[tuple[StateCounts, int, float]]) -> EmitterCount:
    """Judge from the gated g2 of all charge states together.

    With g for the share of uncorrelated pairs, the centre holds g S^2/2 of them and cascades besides, of
    which a share f lies behind the gate. So the gated centre is f (centre - g S^2/2) + g S_gated^2/2, and
    g follows. Pairs of two emitters lose the same share to the cuts as those of different pulses, so none
    is corrected.

    Parameters
    ----------
    states : sequence of (StateCounts, int, float)
        Counts of a charge state, the window bin at which its gate opens, and the share of its cascades
        that remain behind the gate.

    Returns
    -------
    EmitterCount
        ``several`` if g2 is above 0.1 at three standard errors; ``one`` if it is below 0.3 and not
        negative, each at three standard errors; else ``undecided``. Two equal emitters have 0.5, less
        while they differ in charge; a second emitter of a twentieth of the brightness would give 0.1.
    """
    center = variance = side = side_variance = 0.0
    for state, gate_bin, left in states:
        whole, gated = _Peaks.of(state), _Peaks.of(state.from_bin(gate_bin))
        center += gated.center - left * whole.center
        variance += (1.0 - 2.0 * left) * gated.center_variance + left**2 * whole.center_variance
        side += gated.side - left * whole.side
        side_variance += gated.side_variance + left**2 * whole.side_variance
    if side <= 5.0 * np.sqrt(side_variance) or side <= 0:
        return EmitterCount("undecided", None)
    value = 2.0 * center / side
    error = float(np.hypot(2.0 * np.sqrt(max(variance, 1.0)) / side, value * np.sqrt(side_variance) / side))
    g2 = Estimate(value, error)
    if value - 3.0 * error > SEVERAL_ABOVE:
        return EmitterCount("several", g2)
    one = value + 3.0 * error < ONE_BELOW and value + 3.0 * error > 0.0
    return EmitterCount("one" if one else "undecided", g2)


@dataclass(frozen=True, slots=True)
class _Peaks:
    """Pairs within a pulse and per lag, both without the accidental ones, and their variances."""

    center: float
    center_variance: float
    side: float
    side_variance: float

    @classmethod
    def of(cls, state: StateCounts) -> "_Peaks":
        lags = len(state.pair_lag) - 1
        accidental = float(accidental_pairs(state).sum())
        center, pairs = float(state.pair_lag[0].sum()), float(state.pair_lag[1:].sum())
        return cls(center - accidental, center, pairs / lags - 2.0 * accidental, max(pairs, 1.0) / lags**2)
