"""What a person asks of the session by clicking: done beside the window, and written down as a line of Python."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

from acquisition.remote import RemoteSession
from drivers.interfaces.closing import Closing

URGENT = frozenset({"abort", "emergency_stop", "stop", "pause"})
"""Methods that wait for no other."""


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
    """Calls methods of a session in threads: what is urgent at once, the others one after the other.

    Parameters
    ----------
    session : RemoteSession
        Of the server.
    """

    def __init__(self, session: RemoteSession) -> None:
        self._session = session
        self._usual = ThreadPoolExecutor(1, "window: commands")
        self._urgent = ThreadPoolExecutor(4, "window: urgent")
        self._done: queue.SimpleQueue[tuple[Done, Then | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0
        self.lines: list[str] = []

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
            self.lines.append(line)
        pool = self._urgent if method in URGENT else self._usual
        future = pool.submit(getattr(self._session, method), *arguments, **named)
        future.add_done_callback(lambda ended: self._end(line, ended, then))
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
                then(done)

    def close(self) -> None:
        """Take no more commands; those that are under way end by themselves."""
        self._usual.shutdown(wait=False, cancel_futures=True)
        self._urgent.shutdown(wait=False)

    def _end(self, line: str, ended: "Future[Any]", then: Then | None) -> None:
        if ended.cancelled():
            return
        error = ended.exception()
        shown = error if isinstance(error, Exception) else None
        with self._lock:
            self._pending -= 1
        self._done.put((Done(line, None if error else ended.result(), shown), then))


def python_line(method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Return a call as a line of Python, e.g. ``session.start('cascade')``."""
    said = [repr(value) for value in arguments] + [f"{name}={value!r}" for name, value in named.items()]
    return f"session.{method}({', '.join(said)})"
