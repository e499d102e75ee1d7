"""Says whether a goal is reached by what is known so far, and how long to wait until it pays to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acquisition.numbers import with_error
from acquisition.sequence.steps.goals import CHARGE_STATES, Goal, RelativeError, SingleEmitter

SOONEST, LATEST = 1.2, 2.0
"""The next look comes after this factor of the time, as an error that falls with its square root demands."""

SINGLE_BELOW = 0.5
"""Two equal emitters have this g2(0)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a point while it is recorded.

    Attributes
    ----------
    elapsed_s : float
        Time that is recorded if the acquisition ends now: the blocks that come before it can end are part of it.
    cascades : int
        Counted by the live analysis.
    results : mapping or None
        Of the newest look, in the form of results.json; None before the first and if it failed.
    intensity_percent : float
        Of the laser, 0 in the dark.
    power_uw : float or None
        At the sample at that intensity, in uW; None where not known.
    """

    elapsed_s: float
    cascades: int
    results: Mapping[str, Any] | None = None
    intensity_percent: float = 0.0
    power_uw: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a goal is worth now.

    Attributes
    ----------
    reached : bool
    text : str
        How far it is, in words.
    again : float or None
        The factor of the time after which another look pays; None if none is needed.
    """

    reached: bool
    text: str
    again: float | None = None


def judge(goal: Goal, known: Known) -> Verdict:
    """Return whether a goal is reached by what is known; numbers of looks count as of the newest look."""
    if goal.any_of is not None:
        return _any([judge(part, known) for part in goal.any_of])
    if goal.all_of is not None:
        return _all([judge(part, known) for part in goal.all_of])
    if goal.relative_error is not None:
        return _relative_error(goal.relative_error, known.results)
    if goal.single_emitter is not None:
        return _single_emitter(goal.single_emitter, known.results)
    if goal.cascades is not None:
        return _counted(known.cascades, goal.cascades, f"{known.cascades} cascades are seen", f"{goal.cascades}")
    if goal.dose_uj is not None:
        return _dose(known, goal.dose_uj)
    if goal.dose_percent_s is not None:
        dose = known.intensity_percent * known.elapsed_s
        text = f"the sample has received {dose:.4g} % s of laser light"
        return _counted(dose, goal.dose_percent_s, text, f"{goal.dose_percent_s:g} % s")
    assert goal.time_s is not None  # noqa: S101 - a goal says exactly one thing
    return _counted(known.elapsed_s, goal.time_s, f"{known.elapsed_s:.4g} s are recorded", f"{goal.time_s:g} s")


def _counted(present: float, wanted: float, text: str, wanted_text: str) -> Verdict:
    reached = present >= wanted
    return Verdict(reached, text if reached else f"{text}, {wanted_text} wanted")


def _dose(known: Known, wanted_uj: float) -> Verdict:
    if known.power_uw is None:
        raise ValueError(f"a dose of {wanted_uj:g} uJ is wanted, but the power at the sample is not known")
    dose_uj = known.power_uw * known.elapsed_s
    return _counted(dose_uj, wanted_uj, f"the sample has received {dose_uj:.4g} uJ", f"{wanted_uj:g} uJ")


def _relative_error(goal: RelativeError, results: Mapping[str, Any] | None) -> Verdict:
    found = estimate(results, goal.result.place)
    if found is None:
        return Verdict(False, f"{goal.of} is not known yet", LATEST)
    value, error = found
    percent = 100.0 * error / abs(value)
    number = f"{with_error(value, error)} {goal.result.unit}".rstrip()
    text = f"{goal.of} is known to {percent:.3g} % ({number})"
    again = _within((percent / goal.below_percent) ** 2)
    if _names_are_assumed(results):
        return Verdict(False, f"{text}, but which charge state is which is not sure yet: 2 of 3 were seen", again)
    if percent < goal.below_percent:
        return Verdict(True, text, again)
    return Verdict(False, f"{text}, {goal.below_percent:g} % wanted", again)


def _names_are_assumed(results: Mapping[str, Any] | None) -> bool:
    """Whether charge states are there, but not all: the longest-lived is then called neutral without being so for sure.

    Of 30 recordings of half a minute to one and a half, one had not been neutral yet, and the lifetime of BX2- would
    have been taken for that of BX-. A dot that shows one state only, all the time, is believed to be neutral.
    """
    found = (results or {}).get("charge_states", {})
    return 1 < sum(name in found for name in CHARGE_STATES) < len(CHARGE_STATES)


def _single_emitter(goal: SingleEmitter, results: Mapping[str, Any] | None) -> Verdict:
    """Judge by the gated g2, unless the analysis proves several emitters (above 0.1) or finds pairs that live too long.

    Without the first, two emitters of unequal brightness, whose g2(0) is below 0.5, would be called single in the
    end. Without the second, every fifth look at two that charge independently calls them single.
    """
    found = estimate(results, ("emitters", "g2_gated"), zero_allowed=True)
    if results is None or found is None:
        return Verdict(False, "g2(0) behind the gate is not known yet", LATEST)
    value, error = found
    text = f"g2(0) behind the gate is {with_error(value, error)}"
    if results["emitters"]["verdict"] == "several":
        return Verdict(goal.or_several, f"{text}: several emitters", LATEST)
    if results["emitters"].get("slow_pairs"):
        slow = ", ".join(results["emitters"]["slow_pairs"])
        return Verdict(False, f"{text}, but pairs decay as slowly as those of several emitters ({slow})", LATEST)
    room = SINGLE_BELOW - value
    if room > goal.sigma * error and value + goal.sigma * error > 0.0:
        return Verdict(True, f"{text}, {room / error:.2g} sigma below {SINGLE_BELOW:g}: a single emitter", LATEST)
    again = _within((goal.sigma * error / room) ** 2) if room > 0 else LATEST
    return Verdict(False, f"{text}, not {goal.sigma:g} sigma below {SINGLE_BELOW:g}", again)


def _any(parts: list[Verdict]) -> Verdict:
    """One is enough; the next look comes when it pays for the first of them."""
    reached = [part for part in parts if part.reached]
    factors = [part.again for part in parts if part.again is not None]
    text = "; ".join(part.text for part in reached or parts)
    return Verdict(bool(reached), text, min(factors, default=None))


def _all(parts: list[Verdict]) -> Verdict:
    """All are needed; the next look comes when it pays for the last of those that are not reached."""
    factors = [part.again for part in parts if part.again is not None]
    missing = [part.again for part in parts if part.again is not None and not part.reached]
    again = max(missing) if missing else LATEST if factors else None
    return Verdict(all(part.reached for part in parts), "; ".join(part.text for part in parts), again)


def estimate(
    results: Mapping[str, Any] | None, place: tuple[str, ...], *, zero_allowed: bool = False
) -> tuple[float, float] | None:
    """Return value and error of a number of the results; None if it was not found or is only assumed."""
    found: Any = results
    for key in place:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    value, error = float(found["value"]), float(found["error"])
    return (value, error) if error > 0 and (value != 0 or zero_allowed) else None


def _within(factor: float) -> float:
    return min(max(factor, SOONEST), LATEST)
