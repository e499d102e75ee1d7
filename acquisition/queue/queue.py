"""The queue of runs: what a person does with it, from any program at any time."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from acquisition.queue.database import Database
from acquisition.queue.entry import FINISHED, POLICIES, EntryState, QueueEntry, Request, made_request
from acquisition.queue.errors import QueueError
from acquisition.queue.rows import all_entries, change, in_order, one_entry
from acquisition.queue.schedule import Scheduled, schedule

Estimate: TypeAlias = Callable[[Request], float | None]
"""Returns the expected duration of a request in s, None if it is not known; what it raises refuses the request."""


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


class RunQueue:
    """Runs to be done, in an SQLite file that survives the programs which use it.

    Each method is one transaction: it happens wholly or not at all, whoever else uses the queue.

    Parameters
    ----------
    path : Path
        The file; made if it is not there.
    estimate : callable, optional
        Expected duration of a request that is added or changed.
    now : callable
        The present time in UTC.

    Raises
    ------
    QueueError
        If the file cannot be used; so does every method.
    """

    def __init__(
        self, path: Path, *, estimate: Estimate = lambda request: None, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.database = Database(path)
        self._estimate, self._now = estimate, now

    @property
    def path(self) -> Path:
        """The file."""
        return self.database.path

    def entries(self) -> tuple[QueueEntry, ...]:
        """Return all entries: finished ones as they ended, then what runs, then what waits, as it will run."""
        with self.database.transaction() as connection:
            return tuple(all_entries(connection))

    def entry(self, entry_id: int) -> QueueEntry:
        """Return one entry. Raises `QueueError` if there is none."""
        with self.database.transaction() as connection:
            return one_entry(connection, entry_id)

    def schedule(self) -> tuple[Scheduled, ...]:
        """Return all entries with the times at which they ran or are expected to run."""
        with self.database.transaction() as connection:
            entries, held = all_entries(connection), hold_reason(connection) is not None
        return schedule(entries, self._now(), held=held)

    @property
    def hold_reason(self) -> str | None:
        """Why the queue starts nothing more; None if it does."""
        with self.database.transaction() as connection:
            return hold_reason(connection)

    def add(self, request: Request) -> QueueEntry:
        """Add a request at the end of the queue."""
        expected_s = self._estimate(request)
        with self.database.transaction() as connection:
            return self._insert(connection, request, expected_s)

    def repeat(self, entry_id: int) -> QueueEntry:
        """Add the request of an entry, finished or not, once more at the end of the queue."""
        with self.database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            return self._insert(connection, entry.request, entry.expected_s)

    def edit(self, entry_id: int, **changes: Any) -> QueueEntry:
        """Change fields of the request of an entry that waits; of one that was interrupted, only its policies.

        Raises
        ------
        QueueError
            If it runs or has ended, or a value is not allowed.
        """
        before = self.entry(entry_id)
        request = _changed(before.request, changes)
        same = before.request.model_copy(update={name: getattr(request, name) for name in POLICIES}) == request
        expected_s = before.expected_s if same else self._estimate(request)
        with self.database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            if entry.request != before.request:
                raise QueueError(f"entry {entry_id} was changed by another program meanwhile; look at it and try again")
            if not same or entry.state is not EntryState.INTERRUPTED:
                _require(entry, "edited", EntryState.WAITING)
            change(connection, entry_id, request=request.model_dump_json(), expected_s=expected_s)
            return one_entry(connection, entry_id)

    def remove(self, entry_id: int) -> None:
        """Take an entry out of the queue, unless it runs; its run folder stays."""
        with self.database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            _require(entry, "removed", *(set(EntryState) - {EntryState.RUNNING}))
            connection.execute("DELETE FROM entries WHERE id = ?", (entry_id,))

    def move(self, entry_id: int, position: int) -> None:
        """Move an entry that waits to a position among those that wait, from 1; beyond the end is the end.

        Raises
        ------
        QueueError
            If it does not wait, or the position is below 1.
        """
        if position < 1:
            raise QueueError(f"position {position} is not allowed; the first is 1")
        with self.database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            _require(entry, "moved", EntryState.WAITING)
            waiting = [other for other in in_order(all_entries(connection)) if other.state is EntryState.WAITING]
            places = [other.position for other in waiting]
            waiting.remove(entry)
            waiting.insert(position - 1, entry)
            for other, place in zip(waiting, places, strict=True):
                change(connection, other.id, position=place)

    def hold(self, entry_id: int | None = None, reason: str = "held by a person") -> None:
        """Let an entry that waits be passed over, or let the whole queue start nothing more; what runs goes on."""
        with self.database.transaction() as connection:
            if entry_id is None:
                hold_queue(connection, reason)
            else:
                _require(one_entry(connection, entry_id), "held", EntryState.WAITING)
                change(connection, entry_id, held=True)

    def release(self, entry_id: int | None = None) -> None:
        """Let an entry, or the whole queue, go on."""
        with self.database.transaction() as connection:
            if entry_id is None:
                connection.execute("DELETE FROM holds")
            else:
                _require(one_entry(connection, entry_id), "released", EntryState.WAITING)
                change(connection, entry_id, held=False)

    def clear_finished(self) -> int:
        """Take all finished entries out of the queue and return how many; their run folders stay."""
        marks = ", ".join("?" * len(FINISHED))
        with self.database.transaction() as connection:
            return connection.execute(f"DELETE FROM entries WHERE state IN ({marks})", tuple(FINISHED)).rowcount

    def _insert(self, connection: sqlite3.Connection, request: Request, expected_s: float | None) -> QueueEntry:
        [last] = connection.execute("SELECT coalesce(max(position), 0) FROM entries").fetchone()
        row = connection.execute(
            "INSERT INTO entries (position, state, request, added_at, expected_s) VALUES (?, ?, ?, ?, ?)",
            (last + 1, EntryState.WAITING, request.model_dump_json(), self._now().isoformat(), expected_s),
        )
        return one_entry(connection, int(row.lastrowid or 0))


def hold_reason(connection: sqlite3.Connection) -> str | None:
    """Return why the queue is held; None if it is not."""
    row = connection.execute("SELECT reason FROM holds").fetchone()
    return None if row is None else str(row["reason"])


def hold_queue(connection: sqlite3.Connection, reason: str) -> None:
    """Hold the whole queue; the newest reason counts."""
    connection.execute("DELETE FROM holds")
    connection.execute("INSERT INTO holds (reason) VALUES (?)", (reason,))


def _changed(request: Request, changes: dict[str, Any]) -> Request:
    unknown = sorted(set(changes) - set(Request.model_fields))
    if unknown:
        raise QueueError(f"{', '.join(unknown)}: cannot be changed; there are {', '.join(Request.model_fields)}")
    return made_request({**request.model_dump(), **changes})


def _require(entry: QueueEntry, verb: str, *states: EntryState) -> None:
    if entry.state not in states:
        allowed = ", ".join(sorted(states))
        raise QueueError(f"entry {entry.id} is {entry.state} and cannot be {verb}; that is for what is {allowed}")
