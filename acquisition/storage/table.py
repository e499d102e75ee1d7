"""Tables that grow while a run goes on, e.g. ``readings.csv``: a row is on its way to the disk when `append` returns.

The file is CSV in UTF-8. A header line names the columns, the first two of which are `time_s` and `utc`. Each row ends
with a line feed, so a row without one was torn by a kill and counts as not written. Where a table goes on with other
columns, a new header line stands before the rows that have them; it is known by its first field, which is a number in
all rows. Text is quoted, numbers and ``true``/``false`` are not, and a field without anything is a value that is not
known.
"""

import json
import math
import os
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from acquisition.file_lock import hold
from acquisition.storage.disk import before_writing
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import sync_folder
from drivers.interfaces.closing import Closing

TableValue: TypeAlias = float | int | str | bool | None
"""What a field holds; numbers are finite."""

TIME, UTC_TIME = "time_s", "utc"
_NAME = re.compile(r"[^\s,\"]+")
_FIELD = re.compile(r'("(?:[^"]|"")*"|[^",]*)(,|$)')


class TableWriter(Closing):
    """Appends rows to a table; may be called from any thread. Continues a table that is there.

    While it is open the file is locked. A row that a crash has torn is removed when the table is
    continued. Columns that differ from the last ones start a new header line; the rows before stay.

    Parameters
    ----------
    path : Path
        The file, e.g. ``readings.csv``.
    columns : iterable of str
        Names with units, e.g. ``substrate_temperature_c``, beside `time_s` and `utc`.
    sync_interval_s : float
        Wall time between two flushes to the disk, in s.

    Raises
    ------
    StorageError
        If a column's name is not usable, the file cannot be opened or is no table, or another program writes it.
    """

    def __init__(self, path: Path, columns: Iterable[str], *, sync_interval_s: float = 1.0) -> None:
        self._path = path
        self._columns = tuple(columns)
        self._sync_interval_s = sync_interval_s
        self._lock = threading.Lock()
        _check_columns(path, self._columns)
        try:
            self._file = FileIO(path, "ab")
        except OSError as error:
            raise self._failure(error) from error
        try:
            self._begin()
        except BaseException:
            self._file.close()
            raise

    def append(self, time_s: float, values: Mapping[str, TableValue], utc: str | None = None) -> None:
        """Add a row.

        Parameters
        ----------
        time_s : float
            Time on the clock of the rig in s.
        values : mapping
            By column; what is absent, None or not finite is left empty. Text may not hold line breaks.
        utc : str, optional
            Time of day as ISO 8601 in UTC; now if not given.

        Raises
        ------
        StorageError
            If there is no such column, a value is not plain, the disk is full, or the table is closed.
        """
        unknown = sorted(set(values) - set(self._columns))
        if unknown:
            allowed = ", ".join(self._columns)
            raise StorageError(f"{self._path}: has no column {', '.join(unknown)}; the columns are {allowed}")
        if not math.isfinite(time_s):
            raise StorageError(f"{self._path}: time_s is {time_s}; a row needs a finite time")
        stamp = utc or datetime.now(UTC).isoformat(timespec="milliseconds")
        fields = [float(time_s), stamp, *(values.get(column) for column in self._columns)]
        line = ",".join(self._encode(field) for field in fields)
        with self._lock:
            self._write(line)

    def close(self) -> None:
        """Wait until all is on the disk and close the file; no effect if closed. Raises `StorageError`."""
        with self._lock:
            if self._file.closed:
                return
            try:
                with self._file:
                    os.fsync(self._file.fileno())
            except OSError as error:
                raise self._failure(error) from error

    def _begin(self) -> None:
        """Lock the file, remove a row that a crash has torn, and write the header if it is not the last one there."""
        try:
            hold(self._file)
            sync_folder(self._path.parent)
            stored = self._path.read_bytes()
        except BlockingIOError as error:
            raise StorageError(f"{self._path}: is being written by another program; end that first") from error
        except OSError as error:
            raise self._failure(error) from error
        self._size = stored.rfind(b"\n") + 1
        lines = stored[: self._size].split(b"\n")
        first = f"{TIME},{UTC_TIME}".encode()
        if not stored.startswith(first[: len(stored)]) or (self._size and _header(lines[0]) is None):
            raise StorageError(f"{self._path}: is no table of cascadescope; choose a name that is not taken")
        try:
            self._file.truncate(self._size)
        except OSError as error:
            raise self._failure(error) from error
        self._synced_at = time.monotonic()
        last = next((header for line in reversed(lines) if (header := _header(line)) is not None), None)
        if last != self._columns:
            self._write(",".join((TIME, UTC_TIME, *self._columns)))

    def _write(self, line: str) -> None:
        if self._file.closed:
            raise StorageError(f"{self._path}: is closed; nothing can be appended")
        data = line.encode() + b"\n"
        try:
            before_writing(self._path)
            if self._file.write(data) != len(data):
                raise OSError("the disk takes no data")
            self._size += len(data)
            if time.monotonic() - self._synced_at >= self._sync_interval_s:
                os.fsync(self._file.fileno())
                self._synced_at = time.monotonic()
        except OSError as error:
            self._take_back()
            raise self._failure(error) from error

    def _take_back(self) -> None:
        """Remove the half of a row that a full disk has taken, so that the next stands on a line of its own."""
        try:
            self._file.truncate(self._size)
        except OSError:
            self._file.close()

    def _encode(self, value: TableValue) -> str:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return ""
        if isinstance(value, str):
            if any(ord(character) < 32 for character in value):
                raise StorageError(f"{self._path}: {value!r} has a line break or another control character")
            return '"' + value.replace('"', '""') + '"'
        if not isinstance(value, bool | int | float):
            raise StorageError(f"{self._path}: {value!r} cannot be stored; numbers, text, true and false are allowed")
        return json.dumps(value)

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path}: cannot be written: {error.strerror or error}; check the disk and the rights"
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table.

    Attributes
    ----------
    columns : tuple of str
        All columns that ever were, `time_s` and `utc` first.
    rows : tuple of mapping
        The values of each row by column; what is not known is absent.
    problems : tuple of str
        Lines that could not be read, one sentence each.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, TableValue], ...]
    problems: tuple[str, ...]

    def column(self, name: str) -> list[TableValue]:
        """Return the values of a column, None where a row has none. Raises `KeyError` if there is no such column."""
        if name not in self.columns:
            raise KeyError(f"there is no column {name}; the columns are {', '.join(self.columns)}")
        return [row.get(name) for row in self.rows]


def read_table(path: Path) -> Table:
    """Read a table, also while it is written; a last row that is not complete is left out.

    Raises
    ------
    RecordingError
        If the file is not there, cannot be read, or is no table.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    if lines and _header(lines[0]) is None:
        raise RecordingError(f"{path}: is no table of cascadescope; its first line must start with {TIME},{UTC_TIME}")
    present: tuple[str, ...] = (TIME, UTC_TIME)
    columns = dict.fromkeys(present)
    rows: list[Mapping[str, TableValue]] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        header = _header(line)
        if header is not None:
            present = (TIME, UTC_TIME, *header)
            columns.update(dict.fromkeys(present))
            continue
        fields = _fields(line)
        if fields is None or len(fields) != len(present):
            problems.append(f"{path}, line {number}: is not a row of {len(present)} values and is left out")
        else:
            rows.append({name: value for name, value in zip(present, fields, strict=True) if value is not None})
    return Table(tuple(columns), tuple(rows), tuple(problems))


def _check_columns(path: Path, columns: tuple[str, ...]) -> None:
    for name in columns:
        if not _NAME.fullmatch(name) or name in (TIME, UTC_TIME) or columns.count(name) > 1:
            raise StorageError(
                f"{path}: a column cannot be called {name!r}; names without blanks, commas and quotation marks are "
                f"allowed, each once, other than {TIME} and {UTC_TIME}"
            )


def _header(line: bytes) -> tuple[str, ...] | None:
    """Return the columns that a header line names beside time_s and utc; None if it is none."""
    start = f"{TIME},{UTC_TIME}".encode()
    if line != start and not line.startswith(start + b","):
        return None
    return tuple(line.decode(errors="replace").split(",")[2:])


def _fields(line: bytes) -> list[TableValue] | None:
    """Return the values of a row; None if it is not one."""
    try:
        text, values, position = line.decode(), list[TableValue](), 0
        while (match := _FIELD.match(text, position)) is not None:
            values.append(_decode(match[1]))
            position = match.end()
            if not match[2]:
                return values if position == len(text) and isinstance(values[0], float | int) else None
    except ValueError:
        return None
    return None


def _decode(field: str) -> TableValue:
    if not field:
        return None
    if field.startswith('"'):
        return field[1:-1].replace('""', '"')
    value = json.loads(field)
    if not isinstance(value, bool | int | float) or not math.isfinite(value):
        raise ValueError(f"{field} is no number")
    return value
