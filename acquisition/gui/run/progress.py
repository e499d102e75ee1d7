"""How far a run is, in words and as a fraction, from what the session says of itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from acquisition.numbers import duration

GOING_ON = frozenset({"running", "pausing", "paused", "stopping", "aborting", "analysing"})
"""States of a session whose run has not ended."""

_CHARGES = {"neutral": "0", "minus1": "−1", "minus2": "−2"}


def goes_on(status: Mapping[str, Any] | None) -> bool:
    """Whether a run goes on, or its analysis."""
    return status is not None and status.get("run") is not None and status.get("outcome") is None


def progress_of(status: Mapping[str, Any] | None) -> tuple[str, float | None, float | None]:
    """Return what a run does, how much of it is done, and how long it still takes.

    Parameters
    ----------
    status : mapping or None
        As of `Session.status`; None if it is not known yet.

    Returns
    -------
    text : str
        State, numbers of the measurement, then the step, separated by `` · ``: what has no room is cut at its end.
    fraction : float or None
        Between 0 and 1; None if nothing goes on, or the steps are not known in advance.
    left_s : float or None
        Time that acquisitions and soaks still take at most, in s; None like `fraction`.
    """
    if status is None:
        return "Asking the session …", None, None
    if not goes_on(status):
        return _at_rest(status), None, None
    state, message = _doing(status)
    numbers = list(_numbers(status))
    text = " · ".join(part for part in (state, *numbers, message) if part) if numbers else _said(state, message)
    left_s, planned_s = status.get("remaining_s"), status.get("planned_s")
    if status["state"] == "analysing" or left_s is None:
        return text, None, None
    fraction = None if not planned_s else min(1.0, max(0.0, 1.0 - left_s / planned_s))
    return text, fraction, left_s


def time_left(left_s: float | None) -> str:
    """Return a time that is left for people, e.g. ``9:05 left``; empty if it is not known."""
    if left_s is None:
        return ""
    return f"{duration(left_s)} left" if left_s >= 1 else "< 1 s left"


def clock_time(moment: datetime, now: datetime) -> str:
    """Return a moment as the clock on the wall shows it, with the day if that is not today's.

    Parameters
    ----------
    moment, now : datetime
        With their time zones; shown in that of this computer.
    """
    local, today = moment.astimezone(), now.astimezone().date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return f"tomorrow {local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def _at_rest(status: Mapping[str, Any]) -> str:
    if status.get("state") == "broken":
        return f"Not safe: {status.get('message', '')}"
    outcome = status.get("outcome")
    if outcome is None:
        return "Idle"
    return f"Idle, the last run {outcome_words(outcome)}"


def outcome_words(outcome: str) -> str:
    """Return how a run ended, as a person says it."""
    return {"completed": "is complete", "failed": "failed"}.get(outcome, f"was {outcome}")


def _doing(status: Mapping[str, Any]) -> tuple[str, str]:
    state, message = str(status["state"]), str(status.get("message") or status.get("step") or "")
    if status.get("mode") == "alignment" and state == "running":
        state = "aligning"
    head = state.capitalize()
    return head, message if message.casefold() != state else ""


def _said(state: str, message: str) -> str:
    return f"{state}: {message}" if message else state


def _numbers(status: Mapping[str, Any]) -> Iterator[str]:
    if status["state"] == "analysing":
        return
    if status.get("photons") is not None:
        yield f"{status['photons']:,} photons".replace(",", "\u2009")
    if status.get("count_rate_cps") is not None:
        yield f"{status['count_rate_cps'] / 1e3:.1f} kcps"
    if status.get("charge_state") is not None:
        yield f"charge {_CHARGES.get(status['charge_state'], status['charge_state'])}"
