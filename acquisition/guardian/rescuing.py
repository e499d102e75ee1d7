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
"""Pause before another attempt: the port may still be held for the dead program."""
ATTEMPTS_S = 5.0
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


def run_rescues(rescues: Sequence[Rescue], acts: Mapping[str, Act], may_be_last: threading.Event) -> list[Outcome]:
    """Make all instruments safe, each in a thread of its own, and return what became of them.

    What fails is tried again for a while. Those that come `last` begin when all others have ended, or after
    `LAST_AFTER_S`, but not before `may_be_last`.

    Parameters
    ----------
    rescues : sequence of Rescue
        What is to be done.
    acts : mapping
        The function of each kind.
    may_be_last : threading.Event
        Set once the dead program is known to be gone, so that nothing has two masters.
    """
    begin_s = time.monotonic()
    works = [_Work(rescue, acts[rescue.kind], begin_s) for rescue in rescues]
    first = [work for work in works if not work.rescue.last]
    for work in first:
        work.start()
    for work in first:
        work.ended.wait(max(0.0, begin_s + LAST_AFTER_S - time.monotonic()))
    if may_be_last.wait(LIMIT_S):
        for work in works:
            if work.rescue.last:
                work.start()
    for work in works:
        if work.started:
            work.ended.wait(max(0.0, begin_s + LIMIT_S - time.monotonic()))
    return [work.outcome() for work in works]


class _Work:
    """The attempts to make one instrument safe."""

    def __init__(self, rescue: Rescue, act: Act, begin_s: float) -> None:
        self.rescue, self._act, self._begin_s = rescue, act, begin_s
        self.ended = threading.Event()
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
        pause, last_s = threading.Event(), time.monotonic() + ATTEMPTS_S
        while True:
            try:
                self._act(**self.rescue.arguments)
            except Exception as error:  # a rescue that is wrong in itself is a rescue that failed
                self._error = str(error) or repr(error)
            else:
                self._safe_after_s = time.monotonic() - self._begin_s
                break
            if time.monotonic() + AGAIN_S > last_s:
                break
            pause.wait(AGAIN_S)
        self.ended.set()
