"""The time of a bench that programs outside of it look at: it is that of the wall."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from drivers.interfaces.clock import WallClock
from simulators.clock import BenchClock


class RealTimeClock(WallClock, BenchClock):
    """Wall time; whoever makes photons of a moment waits until that moment has come."""

    @contextmanager
    def participant(self) -> Iterator[None]:
        """Do nothing: time does not wait for anybody."""
        yield

    @contextmanager
    def driven(self) -> Iterator[None]:
        """Do nothing: time drives itself."""
        yield

    def drive_to(self, time_s: float) -> None:
        """Wait until `time_s` has come."""
        self.wait(threading.Event(), time_s - self.now())
