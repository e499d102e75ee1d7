"""Making instruments safe from outside, after the program that drove them has died: all at once, the bias last."""

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.interfaces.rescue import Rescue

RESCUES = "drivers.rescue"
"""Package of what makes instruments safe."""

AGAIN_S = 0.2
"""Pause before another attempt at first: the port may still be held for the dead program."""
ATTEMPTS_S = 5.0
"""After this, what was not possible so far is told."""
SELDOM_S = 2.0
"""Pause before another attempt from then on: a cable may be put back, a server started anew."""
PERSIST_S = 300.0
"""No attempt is begun later than this."""
LAST_AFTER_S = 3.0
"""Longest that the SPAD bias waits for the light to be off."""
LIMIT_S = 20.0
"""Longest that anything takes; then it is given up, and told."""

Act = Callable[..., object]


class UnknownRescueError(Exception):
    """There is no way to make an instrument safe from outside that was said to be there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one instrument; `error` is None if it is safe."""

    device: str
    error: str | None
    took_s: float


def rescue_of(said: Mapping[str, Any]) -> Rescue:
    """Return a rescue from plain data. Raises `UnknownRescueError` if it is none."""
    try:
        return Rescue(str(said["device"]), str(said["kind"]), dict(said["arguments"]), bool(said["last"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownRescueError(f"is no rescue: {said!r:.200}") from error


def load(rescues: Iterable[Rescue], package: str = RESCUES) -> dict[str, Act]:
    """Return the function of each kind, loaded now: when it is needed, there is no time and perhaps no disk.

    Raises
    ------
    UnknownRescueError
        If one is not there.
    """
    acts: dict[str, Act] = {}
    for rescue in rescues:
        if not rescue.kind.isidentifier():
            raise UnknownRescueError(f"{rescue.device}: {rescue.kind!r} is no module of {package}")
        try:
            acts[rescue.kind] = importlib.import_module(f"{package}.{rescue.kind}").rescue
        except Exception as error:  # whatever is wrong with it, it will not help
            raise UnknownRescueError(f"{rescue.device}: {package}.{rescue.kind} cannot be used: {error}") from error
    return acts


class Rescuing:
    """Makes all instruments safe, each in a thread of its own; what fails is tried again and again.

    Those that come `last` begin when all others are safe, or after `LAST_AFTER_S`, but not before `may_be_last`.

    Parameters
    ----------
    rescues : sequence of Rescue
        What is to be done.
    acts : mapping
        The function of each kind.
    may_be_last : threading.Event
        Set once the dead program is known to be gone, so that nothing has two masters.
    persist_s : float
        Time in s after which no attempt is begun.
    """

    def __init__(
        self,
        rescues: Sequence[Rescue],
        acts: Mapping[str, Act],
        may_be_last: threading.Event,
        persist_s: float = PERSIST_S,
    ) -> None:
        self._begin_s, self._persist_s, self._may_be_last = time.monotonic(), persist_s, may_be_last
        self._given_up = threading.Event()
        self._works = [_Work(each, acts[each.kind], self._begin_s, persist_s, self._given_up) for each in rescues]

    def begin(self) -> list[Outcome]:
        """Begin, and return after a few seconds what has become of each instrument; those that failed go on."""
        first = [work for work in self._works if not work.rescue.last]
        for work in first:
            work.start()
        for work in first:
            work.ended.wait(max(0.0, self._begin_s + LAST_AFTER_S - time.monotonic()))
        if self._may_be_last.wait(LIMIT_S):
            self._start_the_rest()
        for work in self._works:
            if work.started:
                work.settled.wait(max(0.0, self._begin_s + LIMIT_S - time.monotonic()))
        return [work.outcome() for work in self._works]

    def go_on(self, safe: Callable[[Outcome], None], given_up: Callable[[], bool]) -> list[Outcome]:
        """Go on until all are safe, or the time is over, or `given_up`; return those that are not safe.

        Each instrument that has become safe meanwhile is told to `safe`.
        """
        left = [work for work in self._works if work.outcome().error is not None]
        end_s = self._begin_s + self._persist_s + AGAIN_S
        while left and time.monotonic() < end_s and not given_up():
            if self._may_be_last.is_set():
                self._start_the_rest()
            if all(work.ended.is_set() for work in left):
                break
            self._given_up.wait(AGAIN_S)
            for work in [each for each in left if each.outcome().error is None]:
                left.remove(work)
                safe(work.outcome())
        self._given_up.set()
        return [work.outcome() for work in left if work.outcome().error is not None]

    def _start_the_rest(self) -> None:
        for work in self._works:
            if not work.started:
                work.start()


class _Work:
    """The attempts to make one instrument safe."""

    def __init__(self, rescue: Rescue, act: Act, begin_s: float, persist_s: float, given_up: threading.Event) -> None:
        self.rescue, self._act, self._begin_s, self._persist_s = rescue, act, begin_s, persist_s
        self._given_up = given_up
        self.settled, self.ended = threading.Event(), threading.Event()
        self._safe_after_s: float | None = None
        self._error = ""
        self.started = False

    def start(self) -> None:
        self.started = True
        threading.Thread(target=self._try, name=f"rescue of {self.rescue.device}", daemon=True).start()

    def outcome(self) -> Outcome:
        if self._safe_after_s is not None:
            return Outcome(self.rescue.device, None, self._safe_after_s)
        waited_s = time.monotonic() - self._begin_s
        if not self.started:
            error = "was not tried: the session could not be ended, and it may still hold the only connection"
        else:
            error = self._error or f"has not answered for {waited_s:.0f} s"
        return Outcome(self.rescue.device, error, waited_s)

    def _try(self) -> None:
        often_until_s = min(time.monotonic() + ATTEMPTS_S, self._begin_s + self._persist_s)
        while not self._done():
            if time.monotonic() + AGAIN_S > often_until_s:
                self.settled.set()
            if self._given_up.wait(SELDOM_S if self.settled.is_set() else AGAIN_S):
                break
            if time.monotonic() > self._begin_s + self._persist_s:
                break
        self.settled.set()
        self.ended.set()

    def _done(self) -> bool:
        try:
            self._act(**self.rescue.arguments)
        except Exception as error:  # a rescue that is wrong in itself is a rescue that failed
            self._error = str(error) or repr(error)
            return False
        self._safe_after_s = time.monotonic() - self._begin_s
        return True
