"""How far the goals of a point are, as plain data for a display: what is known, what is wanted, and its share."""

from collections.abc import Mapping
from typing import Any

from acquisition.sequence.steps.goals import Goal, RelativeError, SingleEmitter, describe, leaves
from acquisition.session.goals_judge import SINGLE_BELOW, Known, estimate, judge


def progress_of(goal: Goal, known: Known) -> list[dict[str, Any]]:
    """Return how far a goal, and each that it is joined of, is.

    Returns
    -------
    list of dict
        ``text`` (what is waited for), ``found`` (how far it is, in words) and ``reached``; ``share`` of the way, from
        0 to 1 (of the photons for an error, which falls with their square root), None where nothing is known yet;
        ``present`` and ``wanted`` with ``unit``; for a result also its ``value`` and ``error``.
    """
    return [_leaf(one, known) for one in leaves(goal)]


def _leaf(goal: Goal, known: Known) -> dict[str, Any]:
    verdict = judge(goal, known)
    found = {"text": describe(goal), "found": verdict.text, "reached": verdict.reached}
    if goal.relative_error is not None:
        return found | _relative_error(goal.relative_error, known.results)
    if goal.single_emitter is not None:
        return found | _single_emitter(goal.single_emitter, known.results)
    return found | _counted(goal, known)


def _counted(goal: Goal, known: Known) -> dict[str, Any]:
    if goal.cascades is not None:
        present, wanted, unit = float(known.cascades), float(goal.cascades), ""
    elif goal.dose_uj is not None:
        present, wanted, unit = (known.power_uw or 0.0) * known.elapsed_s, goal.dose_uj, "uJ"
    elif goal.dose_percent_s is not None:
        present, wanted, unit = known.intensity_percent * known.elapsed_s, goal.dose_percent_s, "% s"
    else:
        present, wanted, unit = known.elapsed_s, goal.time_s or 0.0, "s"
    return {"present": present, "wanted": wanted, "unit": unit, "share": _share(present, wanted)}


def _relative_error(goal: RelativeError, results: Mapping[str, Any] | None) -> dict[str, Any]:
    wanted = {"wanted": goal.below_percent, "unit": "%"}
    found = estimate(results, goal.result.place)
    if found is None:
        return {**wanted, "present": None, "share": None}
    value, error = found
    percent = 100.0 * error / abs(value)
    share = min(1.0, (goal.below_percent / percent) ** 2)
    return {**wanted, "present": percent, "share": share, "value": value, "error": error}


def _single_emitter(goal: SingleEmitter, results: Mapping[str, Any] | None) -> dict[str, Any]:
    wanted = {"wanted": goal.sigma, "unit": "sigma"}
    found = estimate(results, ("emitters", "g2_gated"), zero_allowed=True)
    if found is None:
        return {**wanted, "present": None, "share": None}
    value, error = found
    sigma = (SINGLE_BELOW - value) / error
    share = min(1.0, (max(0.0, sigma) / goal.sigma) ** 2)
    return {**wanted, "present": sigma, "share": share, "value": value, "error": error}


def _share(present: float, wanted: float) -> float:
    return min(1.0, present / wanted) if wanted > 0 else 1.0
