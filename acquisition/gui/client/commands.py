"""What a person asks of the session by clicking: done beside the window, and written down as a line of Python."""

import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from acquisition.gui.client.diary import Diary, Kind
from acquisition.gui.client.lanes import MAKING_SAFE, THREADS, Lane, NotAskedError, harmless, in_own_thread, lane_of
from acquisition.remote import RemoteSession
from drivers.interfaces.closing import Closing


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command: its line, its number in the diary, and how often all had been made safe when its chain began."""

    line: str
    number: int
    era: int
    then: Then | None


class Commands(Closing):
    """Calls methods of a session in threads, by lanes: an emergency stop waits for nothing, steps for each other.

    `emergency_stop`, `abort`, `switch_off`, `pause` and `stop` drop what waits, unless it is harmless: who asked is
    told a `NotAskedError`. So is a view that, told of a command from before, goes on with the next one.

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
        self._lanes = {lane: ThreadPoolExecutor(threads, f"window: {lane}") for lane, threads in THREADS.items()}
        self._done: queue.SimpleQueue[tuple[Done, _Asked]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0
        self._era, self._why = 0, ""
        self._told_era: int | None = None
        self._waiting: set[Future[Any]] = set()
        self._closed = False
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

    @property
    def made_safe(self) -> int:
        """How often something was made safe by this window; what a person was asked before it is out of date."""
        return self._era

    def do(self, method: str, *arguments: Any, then: Then | None = None, **named: Any) -> str:
        """Call a method of the session, and return the line of Python that does the same; in the window's thread.

        Parameters
        ----------
        method : str
            Its name.
        *arguments, **named
            Plain data.
        then : callable, optional
            Called by `deliver` with what came of it. What it asks for belongs to the same chain.
        """
        call = partial(getattr(self._session, method), *arguments, **named)
        line = python_line(method, arguments, named)
        if method in MAKING_SAFE:
            self._drop(method)
        with self._lock:
            self._pending += 1
        era, late_too = self._era if self._told_era is None else self._told_era, harmless(method, arguments)
        asked = _Asked(line, self.diary.begin(line), era, then)
        if era != self._era and not late_too:
            self._end(asked, None, self._not_asked())
        elif (lane := lane_of(method)) is Lane.AT_ONCE:
            in_own_thread(call, f"window: {method}").add_done_callback(lambda ended: self._take(asked, ended))
        else:
            act = call if late_too else partial(self._unless_made_safe, era, call)
            self._follow(self._lanes[lane].submit(act), asked, may_be_dropped=not late_too)
        return line

    def deliver(self) -> list[Done]:
        """Return what has ended since the last time, after telling those who wait for it; in the caller's thread."""
        found: list[Done] = []
        while True:
            try:
                done, asked = self._done.get_nowait()
            except queue.Empty:
                return found
            found.append(done)
            if asked.then is not None:
                self._tell(asked.then, done, asked.era)

    def close(self) -> None:
        """Take no more commands; those that are under way end by themselves."""
        self._closed = True
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)

    def _drop(self, why: str) -> None:
        """Begin a new era: what waits is not done any more, and what follows from it neither."""
        with self._lock:
            self._era += 1
            self._why = why
            waiting = list(self._waiting)
        for future in waiting:
            future.cancel()  # no effect on one that has begun

    def _not_asked(self) -> NotAskedError:
        return NotAskedError(f"not asked any more: {self._why} came in between; ask again if it is still wanted")

    def _unless_made_safe(self, era: int, call: Callable[[], Any]) -> Any:
        if era != self._era:
            raise self._not_asked()
        return call()

    def _follow(self, future: "Future[Any]", asked: _Asked, *, may_be_dropped: bool) -> None:
        if may_be_dropped:
            with self._lock:
                self._waiting.add(future)
        future.add_done_callback(lambda ended: self._take(asked, ended))

    def _take(self, asked: _Asked, ended: "Future[Any]") -> None:
        with self._lock:
            self._waiting.discard(ended)
        if not ended.cancelled():
            error = ended.exception()
            self._end(asked, None if error else ended.result(), error)
        elif not self._closed:
            self._end(asked, None, self._not_asked())

    def _end(self, asked: _Asked, result: Any, error: BaseException | None) -> None:
        self.diary.end(asked.number, "" if error is None else str(error) or repr(error))
        with self._lock:
            self._pending -= 1
        self._done.put((Done(asked.line, result, error if isinstance(error, Exception) else None), asked))

    def _tell(self, then: Then, done: Done, era: int) -> None:
        before, self._told_era = self._told_era, era
        try:
            then(done)
        except Exception:  # of one view; the others are told all the same
            sys.excepthook(*sys.exc_info())
        finally:
            self._told_era = before


def python_line(method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Return a call as a line of Python, e.g. ``session.start('cascade')``."""
    said = [repr(value) for value in arguments] + [f"{name}={value!r}" for name, value in named.items()]
    return f"session.{method}({', '.join(said)})"
