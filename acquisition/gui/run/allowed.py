"""What may be asked of the run in its present state, and why not otherwise."""

from collections.abc import Mapping
from typing import Any

from acquisition.gui.run.progress import goes_on

LOOKS_ON = "This window only looks on: take control first."
"""Why a control is greyed in a window that is not in control."""

NOTHING_RUNS = "No run goes on."

_CAN_PAUSE = frozenset({"running"})
_CAN_STOP = frozenset({"running", "pausing", "paused"})
_CAN_ABORT = frozenset({"running", "pausing", "paused", "stopping", "analysing"})


def why_not(verb: str, status: Mapping[str, Any] | None, *, in_control: bool) -> str:
    """Return why a verb may not be used now, in words for a tooltip; empty if it may.

    Parameters
    ----------
    verb : str
        ``pause``, ``resume``, ``stop``, ``abort``, ``extend`` or ``note``.
    status : mapping or None
        As of `Session.status`.
    in_control : bool
        Whether the window may change anything; `abort` needs no control.
    """
    if status is None or not goes_on(status):
        return NOTHING_RUNS
    if not in_control and verb != "abort":
        return LOOKS_ON
    state = str(status["state"])
    return _why_not_in(verb, state, status)


def _why_not_in(verb: str, state: str, status: Mapping[str, Any]) -> str:
    match verb:
        case "pause" if state not in _CAN_PAUSE:
            return _instead(state)
        case "resume" if state != "paused":
            return _instead(state)
        case "stop" if state not in _CAN_STOP:
            return _instead(state)
        case "abort" if state not in _CAN_ABORT:
            return _instead(state)
        case "extend" if not acquires(status):
            return "No photons are acquired now."
        case "note" if state == "analysing":
            return _instead(state)
        case _:
            return ""


def acquires(status: Mapping[str, Any]) -> bool:
    """Whether photons of a point are being acquired, perhaps with a pause."""
    measures = status.get("mode") in (None, "sequence") and status.get("elapsed_s") is not None
    return goes_on(status) and status.get("state") in ("running", "pausing", "paused") and measures


def _instead(state: str) -> str:
    return {
        "running": "The run goes on.",
        "pausing": "It is being paused.",
        "paused": "It is paused already.",
        "stopping": "It is being ended.",
        "aborting": "Everything is being switched off.",
        "analysing": "The measurement is over; its photons are being analysed.",
    }.get(state, f"It is {state}.")
