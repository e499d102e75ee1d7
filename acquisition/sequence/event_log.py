"""Writes the journal of a run so that a disk that is full, slow or hangs keeps nobody from making safe."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from acquisition.sequence.states import Transition

Journal = Callable[[Mapping[str, Any]], None]


class EventLog:
    """Events in their order, for any thread; nothing here raises.

    Parameters
    ----------
    write : callable
        Takes a dict of plain values.
    now : callable
        Returns the time of the rig's clock.
    """

    def __init__(self, write: Journal, now: Callable[[], float]) -> None:
        self._write, self._now = write, now
        self._writing = threading.Lock()
        self._waiting: deque[dict[str, Any]] = deque()
        self.error: Exception | None = None

    def note(self, event: str, **details: Any) -> None:
        """Write an event; it is stored on return."""
        self.later(event, **details)
        self.flush()

    def later(self, event: str, **details: Any) -> None:
        """Keep an event, with its time, until the next `flush`: while there may be light, nobody waits for a disk."""
        self._waiting.append({"event": event, "time_s": self._now(), **details})

    def transition_later(self, change: Transition) -> None:
        """As `later`, for a change of the state."""
        self.later("transition", verb=str(change.verb), before=str(change.before), after=str(change.after))

    def flush(self, *, wait: bool = True) -> None:
        """Write what was kept; without `wait`, leave that to a thread that is just writing."""
        while self._waiting:
            if not self._writing.acquire(blocking=wait):
                return
            try:
                while self._waiting:
                    self._write_one(self._waiting.popleft())
            finally:
                self._writing.release()

    def _write_one(self, event: dict[str, Any]) -> None:
        try:
            self._write(event)
        except Exception as error:
            self.error = self.error or error
