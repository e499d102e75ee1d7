"""Which calls into instruments have begun and not come back, so that one that hangs is noticed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


class CallsUnderWay:
    """Takes note of the calls into the instruments of a rig, from any thread."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._numbers = count()
        self._begun: dict[int, tuple[str, float]] = {}

    @contextmanager
    def under_way(self, what: str) -> Iterator[None]:
        """Count a call as long as the context lasts."""
        begun = what, time.monotonic()
        with self._changing:
            number = next(self._numbers)
            self._begun[number] = begun
        try:
            yield
        finally:
            with self._changing:
                del self._begun[number]

    @property
    def oldest(self) -> tuple[str, float] | None:
        """The call that goes on for the longest time, and for how long, in s of wall time; None without one."""
        with self._changing:
            if not self._begun:
                return None
            what, begun_s = min(self._begun.values(), key=lambda each: each[1])
        return what, time.monotonic() - begun_s
