"""What people have remarked during a run, and why it was paused, from its journal, as rows of text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from acquisition.storage import RecordingError, RunFolder, read_journal

MOST_ROWS = 200

NOTE_HEADINGS = ["time (UTC)", "what", "text"]

Row = list[str]

GOES_ON = ["goes on", ""]


def note_rows(folder: RunFolder) -> list[Row]:
    """Return a row for each remark and each pause of a run, headings first; empty if there is none."""
    try:
        events = read_journal(folder.journal).events
    except RecordingError:
        return []
    rows = list(_rows(events))
    if not rows:
        return []
    more = [["", "", f"and {len(rows) - MOST_ROWS} more in {folder.journal.name}"]] if len(rows) > MOST_ROWS else []
    return [NOTE_HEADINGS, *rows[:MOST_ROWS], *more]


def _rows(events: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    by_itself = False
    for event in events:
        said = _said(event)
        if said is not None and not (said == GOES_ON and by_itself):  # one row for one event
            yield [str(event.get("time", ""))[:19].replace("T", " "), *said]
        by_itself = event.get("event") == "resumes_by_itself"


def _said(event: Mapping[str, Any]) -> Row | None:
    """Return what a person wants to read of an event, and its text; None if it is none of these."""
    match event.get("event"):
        case "note":
            author = str(event.get("author") or "")
            return [f"note by {author}" if author else "note", str(event.get("text", ""))]
        case "step_started" if event.get("note"):
            return [f"step {event.get('step')}: {event.get('text')}", str(event["note"])]
        case "paused":
            return ["paused by itself" if event.get("by_itself") else "paused", str(event.get("reason", ""))]
        case "resumes_by_itself":
            return ["goes on by itself", str(event.get("reason", ""))]
        case "gives_up":
            return [f"gives up: {event.get('how')}", str(event.get("reason", ""))]
        case "reconnected":
            return ["connected anew", str(event.get("role", ""))]
        case "interlock_tripped":
            return [f"interlock {event.get('interlock')} has tripped", str(event.get("message", ""))]
        case "heater_off":
            return ["heater off", str(event.get("message", ""))]
        case "transition" if event.get("before") == "paused" and event.get("verb") == "resume":
            return GOES_ON
    return None
