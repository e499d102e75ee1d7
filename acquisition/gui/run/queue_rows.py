"""Entries of the queue as a person reads them, and what may be done with each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from acquisition.gui.run.progress import clock_time
from acquisition.numbers import duration

HEADS = ("No.", "Sequence", "Sample", "Dot", "State", "Starts", "Ends", "Takes", "Changes", "Remark")
TIPS = (
    "Number of the entry; it stays the same when entries are moved.",
    "What is done.",
    "On which sample, as the metadata of the entry say.",
    "On which nanocrystal, as the metadata of the entry say.",
    "What the entry does, or how it ended.",
    "When it began, or is expected to begin.",
    "When it ended, or is expected to end.",
    "How long it is expected to take.",
    "What is replaced in the sequence for this run.",
    "What went wrong, or what keeps it waiting.",
)

WAITING, INTERRUPTED, RUNNING = "waiting", "interrupted", "running"
FINISHED = frozenset({"completed", "stopped", "aborted", "failed", "skipped"})

_OWN_COLUMNS = ("metadata.sample", "metadata.dot")

_SIGNS = {"running": "▶", "completed": "✓", "failed": "✗", "aborted": "✗", "stopped": "■", "interrupted": "!"}


def row_of(entry: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """Return the texts of an entry, in the order of `HEADS`.

    Parameters
    ----------
    entry : mapping
        As of `QueueVerbs.queue`.
    now : datetime
        The present time, with its time zone.
    """
    expected_s = entry.get("expected_s")
    changes = {**(entry.get("overrides") or {}), **_metadata(entry)}  # what is measured differs more than by whom
    return (
        str(entry["id"]),
        str(entry["sequence"]),
        *("" if changes.get(key) is None else str(changes[key]) for key in _OWN_COLUMNS),
        state_words(entry),
        _time(entry.get("starts_at"), now, about=entry["state"] == WAITING),
        _time(entry.get("ends_at"), now, about=entry["state"] not in FINISHED),
        "" if expected_s is None else duration(expected_s),
        overrides_text({key: value for key, value in _ordered(changes) if key not in _OWN_COLUMNS}, between="; "),
        str(entry.get("message") or ""),
    )


def state_words(entry: Mapping[str, Any]) -> str:
    """Return what an entry does, with a sign."""
    state = str(entry["state"])
    if state == WAITING and entry.get("held"):
        return "❙❙ held"
    if state == INTERRUPTED and entry.get("on_interrupt") == "ask":
        state = "interrupted, asks"
    return f"{_SIGNS.get(str(entry['state']), '')} {state}".strip()


def may(action: str, entry: Mapping[str, Any] | None) -> bool:
    """Return whether ``move``, ``hold``, ``edit``, ``repeat`` or ``remove`` makes sense for an entry."""
    if entry is None:
        return False
    state = str(entry["state"])
    return {
        "move": state == WAITING,
        "hold": state == WAITING,
        "edit": state in (WAITING, INTERRUPTED),
        "repeat": True,
        "remove": state != RUNNING,
    }[action]


def position_after_drop(entries: Sequence[Mapping[str, Any]], moved: int, row: int) -> int:
    """Return the place among those that wait, from 1, of an entry that is dropped before a row.

    Parameters
    ----------
    entries : sequence of mapping
        All, as of `QueueVerbs.queue`.
    moved : int
        Number (``id``) of the entry.
    row : int
        Before which it is dropped, from 0; the length of `entries` for behind the last.
    """
    before = [entry for entry in entries[:row] if entry["state"] == WAITING and entry["id"] != moved]
    return len(before) + 1


def position_of(entries: Sequence[Mapping[str, Any]], entry_id: int) -> int | None:
    """Return the place of an entry among those that wait, from 1; None if it does not wait."""
    waiting = [entry["id"] for entry in entries if entry["state"] == WAITING]
    return waiting.index(entry_id) + 1 if entry_id in waiting else None


def overrides_text(overrides: Mapping[str, Any], between: str = "\n") -> str:
    """Return overrides as ``key = value``, one after the other."""
    return between.join(f"{key} = {_shown(value)}" for key, value in overrides.items())


def read_overrides(text: str) -> dict[str, Any]:
    """Return what lines ``key = value`` say, values read as in a sequence file.

    Raises
    ------
    ValueError
        If a line is of another form; says which.
    """
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, equals, value = map(str.strip, line.partition("="))
        if not equals or not key or not value:
            raise ValueError(f"{line!r:.80} is not of the form: acquire_photons.duration = 2 min")
        try:
            read = YAML(typ="safe", pure=True).load(value)
        except YAMLError:
            raise ValueError(f"{line!r:.80}: the value cannot be read; write a number, a text or a list") from None
        if key in found:
            raise ValueError(f"{key} is said twice; keep one of the lines")
        found[key] = read if isinstance(read, bool | int | float | list) else value.strip("'\"")
    return found


def _ordered(changes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return changes of the measurement before what is only said of it."""
    return sorted(changes.items(), key=lambda change: change[0].startswith("metadata."))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list) else str(value)


def _metadata(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {f"metadata.{key}": value for key, value in (entry.get("metadata") or {}).items()}


def _time(text: str | None, now: datetime, *, about: bool) -> str:
    if not text:
        return ""
    return f"{'≈ ' if about else ''}{clock_time(datetime.fromisoformat(text), now)}"
