"""What was asked of the session and what went wrong, in the order of time, for the log and for messages."""

import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

KEPT = 5000
"""How many entries are remembered."""


class Kind(StrEnum):
    """What an entry is."""

    COMMAND = "command"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the diary.

    Attributes
    ----------
    number : int
        Rises with each entry.
    at : datetime
        When it was written, in local time.
    kind : Kind
    text : str
        A command as a line of Python, or words for people.
    ended_at : datetime or None
        When a command ended; None while it is carried out, and for all others.
    error : str
        Why a command failed; empty if it did not.
    change : int
        Rises with each change of the diary; that of the last change of this entry.
    """

    number: int
    at: datetime
    kind: Kind
    text: str
    ended_at: datetime | None = None
    error: str = ""
    change: int = 0


class Diary:
    """Keeps the newest entries; may be written from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._running: dict[int, str] = {}
        self._number = 0
        self._change = 0

    def entries(self) -> list[Entry]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def changes(self, since: int) -> list[Entry]:
        """Return the entries that are new, or have ended, after a change, in the order of these changes."""
        with self._lock:
            if since >= self._change:
                return []
            found = [entry for entry in self._entries if entry.change > since]
        return sorted(found, key=lambda entry: entry.change)

    def begin(self, line: str) -> int:
        """Write down a command that is about to be carried out; return its number."""
        with self._lock:
            number = self._write(Kind.COMMAND, line)
            self._running[number] = line
            return number

    def end(self, number: int, error: str = "") -> None:
        """Write down that a command has ended, and why it failed, if it did, also if its entry is not kept any more."""
        with self._lock:
            line = self._running.pop(number, "")
            for place, entry in enumerate(reversed(self._entries), 1):
                if entry.number == number:
                    self._change += 1
                    ended_at = datetime.now().astimezone()
                    self._entries[-place] = replace(entry, ended_at=ended_at, error=error, change=self._change)
                    return
            if error:
                self._write(Kind.ERROR, f"{line}: {error}")

    def error(self, text: str) -> None:
        """Write down what went wrong."""
        with self._lock:
            self._write(Kind.ERROR, text)

    def warn(self, text: str) -> None:
        """Write down what a person should know."""
        with self._lock:
            self._write(Kind.WARNING, text)

    def note(self, text: str) -> None:
        """Write down what happened."""
        with self._lock:
            self._write(Kind.NOTE, text)

    def _write(self, kind: Kind, text: str) -> int:
        self._number += 1
        self._change += 1
        self._entries.append(Entry(self._number, datetime.now().astimezone(), kind, text, change=self._change))
        return self._number
