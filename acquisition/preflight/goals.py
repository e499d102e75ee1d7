"""When the goal of an acquisition will be reached, from what is expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from acquisition.preflight.dose import Power
from acquisition.sequence.steps.goals import Goal, RelativeError, SingleEmitter, describe

SINGLE_BELOW = 0.5
"""Two equal emitters have this g2(0)."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is expected of an acquisition that takes its whole time.

    Attributes
    ----------
    duration_s : float
        That time.
    cascades_per_s : float
        As the live analysis counts them, accidental pairs included.
    results : mapping
        Expected values and errors after that time, in the form of results.json.
    intensity_percent : float
        Of the laser on the sample.
    power : Power or None
        What is known of the power at the sample.
    first_look_s : float
        The time after which a goal that needs an analysis is first looked at.
    """

    duration_s: float
    cascades_per_s: float
    results: Mapping[str, Any]
    intensity_percent: float
    power: Power | None
    first_look_s: float


def reached_after_s(goal: Goal, prospect: Prospect) -> float:
    """Return about when a goal will be reached, in s; infinite if it never will or that cannot be foreseen.

    Errors are taken to fall as 1/sqrt(t).

    Raises
    ------
    ValueError
        If a goal is a dose in uJ and the power at the sample is not known.
    """
    if goal.any_of is not None:
        return min(reached_after_s(part, prospect) for part in goal.any_of)
    if goal.all_of is not None:
        return max(reached_after_s(part, prospect) for part in goal.all_of)
    if goal.relative_error is not None:
        return max(prospect.first_look_s, _relative_error_s(goal.relative_error, prospect))
    if goal.single_emitter is not None:
        return max(prospect.first_look_s, _single_emitter_s(goal.single_emitter, prospect))
    if goal.cascades is not None:
        return _quotient(goal.cascades, prospect.cascades_per_s)
    if goal.dose_uj is not None:
        return _quotient(goal.dose_uj, _power_uw(goal, prospect))
    if goal.dose_percent_s is not None:
        return _quotient(goal.dose_percent_s, prospect.intensity_percent)
    return goal.time_s if goal.time_s is not None else inf


def _relative_error_s(goal: RelativeError, prospect: Prospect) -> float:
    found = _estimate(prospect.results, goal.result.place)
    if found is None or found[0] == 0:
        return inf
    percent = 100.0 * found[1] / abs(found[0])
    return prospect.duration_s * (percent / goal.below_percent) ** 2


def _single_emitter_s(goal: SingleEmitter, prospect: Prospect) -> float:
    found = _estimate(prospect.results, ("emitters", "g2_gated"))
    if found is None or found[0] >= SINGLE_BELOW:
        return inf
    return prospect.duration_s * (goal.sigma * found[1] / (SINGLE_BELOW - found[0])) ** 2


def _power_uw(goal: Goal, prospect: Prospect) -> float:
    power = None if prospect.power is None else prospect.power.energy_uj(prospect.intensity_percent, 0.0)
    if prospect.power is not None and power is None:
        return prospect.power.power_uw if prospect.intensity_percent > 0 else 0.0
    if power is None:
        raise ValueError(f"to know when {describe(goal)}, the power at the sample is needed, which is not known")
    return power


def _estimate(results: Mapping[str, Any], place: tuple[str, ...]) -> tuple[float, float] | None:
    found: Any = results
    for key in place:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return float(found["value"]), float(found["error"])


def _quotient(wanted: float, per_s: float) -> float:
    return wanted / per_s if per_s > 0 else inf
