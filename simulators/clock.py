"""The time of the simulated bench: it stands still while anybody works and jumps when everybody waits."""

import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import inf, isnan

from drivers.interfaces.clock import Clock

OUTSIDE_EVENT_LATENCY_S = 0.02
"""Real time after which an event set by a thread that does not use the clock is noticed."""


@dataclass(slots=True, eq=False)
class _Waiter:
    event: threading.Event
    deadline_s: float
    thread: int
    released: bool = False


class BenchClock(Clock):
    """The time of a bench, and who moves it."""

    @abstractmethod
    def participant(self) -> AbstractContextManager[None]:
        """Register the calling thread: if time can wait, it stands still while the thread works."""

    @abstractmethod
    def driven(self) -> AbstractContextManager[None]:
        """Let the calling thread drive the time, if anybody can."""

    @abstractmethod
    def drive_to(self, time_s: float) -> None:
        """Return when it is `time_s`, never earlier."""


class SimulatedClock(BenchClock):
    """Time that advances in one place: to the earliest deadline once every participant waits.

    A thread that takes part in an experiment says so with `participant`; the clock stands still
    while one of them works. Threads that only wait need not register. While a photon stream is
    active (`driven`) it alone moves the time, with `drive_to`.

    Events are seen before time advances, so what a participant sets before it waits is handled
    at the time at which it was set.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now_s = 0.0
        self._participants: dict[int, int] = {}
        self._drivers: dict[int, int] = {}
        self._waiters: list[_Waiter] = []

    def now(self) -> float:
        """Return the seconds since the clock was made."""
        with self._changed:
            return self._now_s

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until `event` is set or `timeout_s` of simulated time have passed.

        Raises
        ------
        ValueError
            If `timeout_s` is not a number.
        """
        if isnan(timeout_s):
            raise ValueError("a wait needs a timeout in seconds, not NaN")
        with self._changed:
            if event.is_set() or timeout_s <= 0:
                return event.is_set()
            waiter = _Waiter(event, self._now_s + timeout_s, threading.get_ident())
            self._waiters.append(waiter)
            try:
                self._settle()
                while not (waiter.released or event.is_set()):
                    self._changed.wait(OUTSIDE_EVENT_LATENCY_S)
            finally:
                self._waiters.remove(waiter)
                self._settle()
            return event.is_set()

    @contextmanager
    def participant(self) -> Iterator[None]:
        """Register the calling thread: time stands still while it works."""
        with self._registered(self._participants):
            yield

    @contextmanager
    def driven(self) -> Iterator[None]:
        """Let the calling thread drive the time; a wait of the same thread still ends at its deadline."""
        with self._registered(self._drivers):
            yield

    def drive_to(self, time_s: float) -> None:
        """Advance to `time_s` (never back) and wake whoever waited for a time up to then."""
        with self._changed:
            self._advance(time_s)

    @contextmanager
    def _registered(self, threads: dict[int, int]) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            threads[me] = threads.get(me, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                threads[me] -= 1
                if not threads[me]:
                    del threads[me]
                self._settle()

    def _settle(self) -> None:
        """Release waiters whose event is set, else advance if nobody works and nobody drives."""
        for waiter in self._waiters:
            waiter.released = waiter.released or waiter.event.is_set()
        waiting = {waiter.thread for waiter in self._waiters if not waiter.released}
        working = self._participants.keys() - waiting
        driving = self._drivers.keys() - waiting
        next_s = min((waiter.deadline_s for waiter in self._waiters if not waiter.released), default=inf)
        if next_s < inf and not working and not driving:
            self._advance(next_s)
        else:
            self._changed.notify_all()

    def _advance(self, time_s: float) -> None:
        self._now_s = max(self._now_s, time_s)
        for waiter in self._waiters:
            waiter.released = waiter.released or waiter.event.is_set() or waiter.deadline_s <= self._now_s
        self._changed.notify_all()
