"""The time of a rig: all waiting of the program goes through a `Clock`."""

import threading
import time
from abc import ABC, abstractmethod


class Clock(ABC):
    """Time in seconds since the rig was opened, and the ways to wait for it."""

    @abstractmethod
    def now(self) -> float:
        """Return the seconds since the clock was made; never decreases."""

    @abstractmethod
    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until `event` is set or `timeout_s` of this clock's time have passed.

        Returns
        -------
        bool
            Whether the event is set.
        """

    def sleep(self, duration_s: float) -> None:
        """Wait for `duration_s` of this clock's time."""
        self.wait(threading.Event(), duration_s)


class WallClock(Clock):
    """Real time, for real instruments and wire-level simulators."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def now(self) -> float:
        """Return the seconds since the clock was made."""
        return time.monotonic() - self._start

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until `event` is set or `timeout_s` seconds have passed."""
        return event.wait(max(0.0, timeout_s))
