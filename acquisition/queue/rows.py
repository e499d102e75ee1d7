"""Entries as rows of the database, and back."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from pydantic import ValidationError

from acquisition.queue.entry import EntryState, QueueEntry, Request
from acquisition.queue.errors import QueueError


def entry_of(row: sqlite3.Row) -> QueueEntry:
    """Return the entry of a row. Raises `QueueError` if it holds what this program does not know."""
    try:
        return QueueEntry(
            id=row["id"],
            request=Request.model_validate_json(row["request"]),
            state=EntryState(row["state"]),
            held=bool(row["held"]),
            position=row["position"],
            mark=row["mark"],
            failures=row["failures"],
            run=row["run"],
            error=row["error"],
            added_at=datetime.fromisoformat(row["added_at"]),
            started_at=_time(row["started_at"]),
            ended_at=_time(row["ended_at"]),
            expected_s=row["expected_s"],
        )
    except (ValidationError, ValueError) as error:
        raise QueueError(f"entry {row['id']} of the queue cannot be read: {error}; remove it") from error


def all_entries(connection: sqlite3.Connection) -> list[QueueEntry]:
    """Return all entries: finished ones as they ended, then what runs, then what waits, as it will run."""
    entries = [entry_of(row) for row in connection.execute("SELECT * FROM entries ORDER BY position, id")]
    ended = sorted(
        (entry for entry in entries if entry.finished), key=lambda entry: (entry.ended_at or entry.added_at, entry.id)
    )
    return [*ended, *in_order(entries)]


def in_order(entries: Iterable[QueueEntry]) -> list[QueueEntry]:
    """Return what is not finished, in the order in which it is done."""
    first = {EntryState.RUNNING: 0, EntryState.INTERRUPTED: 1}
    left = [entry for entry in entries if not entry.finished]
    return sorted(left, key=lambda entry: (first.get(entry.state, 2), entry.position))


def one_entry(connection: sqlite3.Connection, entry_id: int) -> QueueEntry:
    """Return an entry. Raises `QueueError` if there is none."""
    row = connection.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone()
    if row is None:
        known = [str(number) for [number] in connection.execute("SELECT id FROM entries ORDER BY id")]
        raise QueueError(f"there is no entry {entry_id}; there are {', '.join(known) or 'none'}")
    return entry_of(row)


def change(connection: sqlite3.Connection, entry_id: int, **values: object) -> None:
    """Set columns of an entry; times as datetime."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values.values()]
    columns = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE entries SET {columns} WHERE id = ?", (*plain, entry_id))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
