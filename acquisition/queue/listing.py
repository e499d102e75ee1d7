"""An entry of the queue as plain data, for programs that show it."""

from datetime import datetime
from typing import Any

from acquisition.queue.entry import OUTCOMES
from acquisition.queue.running import question_of
from acquisition.queue.schedule import Scheduled


def listed(scheduled: Scheduled, *, here: bool) -> dict[str, Any]:
    """Return an entry as `QueueVerbs.queue` says.

    Parameters
    ----------
    scheduled : Scheduled
        The entry with its times.
    here : bool
        Whether its rig is that of the session.
    """
    entry, request = scheduled.entry, scheduled.entry.request
    elsewhere = "" if here or entry.finished else f"waits for a program that has the rig {request.rig}"
    return {
        "id": entry.id,
        "state": str(entry.state),
        "held": entry.held,
        "sequence": request.name,
        "source": request.source or None,
        "overrides": dict(request.overrides),
        "metadata": dict(request.metadata),
        "rig": request.rig,
        "out": request.out,
        "here": here,
        "attended": request.attended,
        "on_failure": str(request.on_failure),
        "on_interrupt": str(request.on_interrupt),
        "expected_s": entry.expected_s,
        "starts_at": _text(scheduled.starts_at),
        "ends_at": _text(scheduled.ends_at),
        "run": entry.run or None,
        "outcome": str(entry.state) if entry.state in OUTCOMES else None,
        "message": (question_of(entry) if entry.asks else entry.error) or elsewhere or None,
    }


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")
