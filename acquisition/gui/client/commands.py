"""What a person asks of the session by clicking: done beside the window, and written down as a line of Python."""

import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

from acquisition.gui.client.diary import Diary, Kind
from acquisition.remote import RemoteSession
from drivers.interfaces.closing import Closing

URGENT = frozenset({"abort", "emergency_stop", "stop", "pause", "switch_off", "answer"})
"""Methods that wait for no other; a step that asks a person waits for the answer itself."""

LONG = frozenset({"analyze", "report", "recover", "check"})
"""Methods that take minutes: they wait for each other, and nothing else waits for them."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended.

    Attributes
    ----------
    line : str
        What does the same in a Python program.
    result : object
        What the session answered; None after an error.
    error : Exception or None
        Why it failed.
    """

    line: str
    result: Any
    error: Exception | None


Then: TypeAlias = Callable[[Done], None]


class Commands(Closing):
    """Calls methods of a session in threads: what is urgent at once, the others one after the other, long ones aside.

    Parameters
    ----------
    session : RemoteSession
        Of the server.

    Attributes
    ----------
    diary : Diary
        Where each command and its outcome is written down.
    """

    def __init__(self, session: RemoteSession) -> None:
        self._session = session
        self._usual = ThreadPoolExecutor(1, "window: commands")
        self._long = ThreadPoolExecutor(1, "window: long commands")
        self._urgent = ThreadPoolExecutor(4, "window: urgent")
        self._done: queue.SimpleQueue[tuple[Done, Then | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0
        self.diary = Diary()

    @property
    def lines(self) -> list[str]:
        """What was asked, as lines of Python, oldest first."""
        return [entry.text for entry in self.diary.entries() if entry.kind is Kind.COMMAND]

    @property
    def pending(self) -> int:
        """How many have not ended."""
        with self._lock:
            return self._pending

    def do(self, method: str, *arguments: Any, then: Then | None = None, **named: Any) -> str:
        """Call a method of the session, and return the line of Python that does the same.

        Parameters
        ----------
        method : str
            Its name.
        *arguments, **named
            Plain data.
        then : callable, optional
            Called by `deliver` with what came of it.
        """
        line = python_line(method, arguments, named)
        with self._lock:
            self._pending += 1
        number = self.diary.begin(line)
        future = self._pool(method).submit(getattr(self._session, method), *arguments, **named)
        future.add_done_callback(lambda ended: self._end(line, number, ended, then))
        return line

    def deliver(self) -> list[Done]:
        """Return what has ended since the last time, after telling those who wait for it; in the caller's thread."""
        found: list[Done] = []
        while True:
            try:
                done, then = self._done.get_nowait()
            except queue.Empty:
                return found
            found.append(done)
            if then is not None:
                try:
                    then(done)
                except Exception:  # of one view; the others are told all the same
                    sys.excepthook(*sys.exc_info())

    def close(self) -> None:
        """Take no more commands; those that are under way end by themselves."""
        self._usual.shutdown(wait=False, cancel_futures=True)
        self._long.shutdown(wait=False, cancel_futures=True)
        self._urgent.shutdown(wait=False)

    def _pool(self, method: str) -> ThreadPoolExecutor:
        if method in URGENT:
            return self._urgent
        return self._long if method in LONG else self._usual

    def _end(self, line: str, number: int, ended: "Future[Any]", then: Then | None) -> None:
        if ended.cancelled():
            return
        error = ended.exception()
        shown = error if isinstance(error, Exception) else None
        self.diary.end(number, "" if error is None else str(error) or repr(error))
        with self._lock:
            self._pending -= 1
        self._done.put((Done(line, None if error else ended.result(), shown), then))


def python_line(method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Return a call as a line of Python, e.g. ``session.start('cascade')``."""
    said = [repr(value) for value in arguments] + [f"{name}={value!r}" for name, value in named.items()]
    return f"session.{method}({', '.join(said)})"
