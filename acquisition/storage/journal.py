"""The journal of a run: one JSON object per line, on the disk before the next thing happens."""

import errno
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acquisition.file_lock import hold
from acquisition.storage.disk import before_writing
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import sync_folder
from drivers.interfaces.closing import Closing


class Journal(Closing):
    """Appends events to a file; may be called from any thread. Continues a journal that is there.

    While it is open, the run is going on: the file is locked until it is closed or the program ends.
    A line that a crash or a full disk has torn is ended before the next event, which so stands on its own.

    Parameters
    ----------
    path : Path
        The file, e.g. ``journal.jsonl``.

    Raises
    ------
    StorageError
        If the file cannot be opened, or another journal on it is open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._torn = False
        try:
            self._file = path.open("ab", buffering=0)
            self._begin()
        except OSError as error:
            raise StorageError(f"{path}: cannot be opened: {error.strerror or error}") from error

    def append(self, event: Mapping[str, Any]) -> None:
        """Store an event of plain values, with the time of day in UTC as ``time`` unless it has one.

        Raises
        ------
        StorageError
            If a value is not plain or not finite, the disk is full, or the journal is closed.
        """
        stamped = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}
        try:
            line = json.dumps(stamped, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except (TypeError, ValueError) as error:
            raise StorageError(f"{self._path}: the event cannot be written: {error}") from error
        self._write(line)

    def close(self) -> None:
        """Close the file; no effect if closed."""
        with self._lock:
            self._file.close()

    def _begin(self) -> None:
        """Lock the file, and close a line that a crash has torn."""
        try:
            hold(self._file)
            sync_folder(self._path.parent)
            self._torn = self._path.read_bytes()[-1:] not in (b"", b"\n")
        except BlockingIOError as error:
            self._file.close()
            raise StorageError(f"{self._path}: is being written by another program; end that first") from error
        except OSError:
            self._file.close()
            raise
        if self._torn:
            self._write(b"")

    def _write(self, line: bytes) -> None:
        with self._lock:
            if self._file.closed:
                raise StorageError(f"{self._path}: is closed; nothing can be appended")
            data = b"\n" + line if self._torn else line
            self._torn = True  # until the whole line is there
            try:
                before_writing(self._path)
                if self._file.write(data) != len(data):
                    raise OSError(errno.ENOSPC, "the disk is full")
                self._torn = False
                os.fsync(self._file.fileno())
            except OSError as error:
                raise StorageError(f"{self._path}: cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class JournalContents:
    """The events of a journal in order, and what could not be read of it, one sentence each."""

    events: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]


def read_journal(path: Path) -> JournalContents:
    """Read a journal; a line that a crash has torn is reported, not raised.

    Raises
    ------
    RecordingError
        If the file is not there or cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    events: list[Mapping[str, Any]] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            events.append(event)
        else:
            problems.append(f"{path}, line {number}: is not a complete event and is left out")
    return JournalContents(tuple(events), tuple(problems))
