"""The file of the queue: an SQLite database that several programs may use at the same time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from acquisition.queue.errors import QueueError

APPLICATION_ID = 0x43535155
"""Marks the file as a queue of cascadescope ("CSQU")."""

VERSION = 1
"""Of the tables below, in ``PRAGMA user_version``; a file with a higher one is refused."""

BUSY_TIMEOUT_S = 10.0
"""Longest wait for another program that is writing."""

_TABLES = (
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        position INTEGER NOT NULL,
        state TEXT NOT NULL,
        held INTEGER NOT NULL DEFAULT 0,
        request TEXT NOT NULL,
        mark TEXT NOT NULL DEFAULT '',
        failures INTEGER NOT NULL DEFAULT 0,
        run TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        added_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        expected_s REAL
    )
    """,
    "CREATE UNIQUE INDEX one_run_at_a_time ON entries (state) WHERE state = 'running'",
    "CREATE TABLE holds (reason TEXT NOT NULL)",
)


class Database:
    """Opens the file for each transaction, so that any thread and any program may.

    Parameters
    ----------
    path : Path
        The file; made, with its folder, if it is not there.

    Raises
    ------
    QueueError
        If the file cannot be opened or made, is no queue or is from a newer program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise QueueError(f"{path}: its folder cannot be made: {error.strerror or error}") from error
        with self._connection() as connection:
            if self._version(connection) == 0:
                connection.execute("PRAGMA journal_mode = WAL")
                with _transaction(connection):
                    self._make_tables(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are all kept, or none if the block raises.

        Raises
        ------
        QueueError
            If the file cannot be read or written, or another program does not let go of it.
        """
        with self._connection() as connection, _transaction(connection):
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
        except sqlite3.Error as error:
            raise QueueError(f"{self.path}: {_in_words(error)}") from error

    def _version(self, connection: sqlite3.Connection) -> int:
        """Return the version of the tables, 0 for an empty file; refuse files that are not ours."""
        [application] = connection.execute("PRAGMA application_id").fetchone()
        [version] = connection.execute("PRAGMA user_version").fetchone()
        [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != APPLICATION_ID and (application or version or tables):
            raise QueueError(f"{self.path}: is a database of another program; give another file for the queue")
        if version > VERSION:
            raise QueueError(
                f"{self.path}: is a queue of version {version}, made by a newer cascadescope; this one knows up to "
                f"{VERSION}. Use the newer program, or give another file for the queue"
            )
        return int(version)

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        if self._version(connection) != 0:  # another program was faster
            return
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _in_words(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text:
        return f"another program has been writing to it for {BUSY_TIMEOUT_S:g} s; end that program, or try again"
    if "not a database" in text:
        return "is not a queue, nor any other database; give another file"
    if "unable to open" in text or "readonly" in text:
        return "cannot be opened for writing; check the path and the rights"
    return f"cannot be used: {text}; check the disk"
