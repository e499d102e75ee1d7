"""The time after which constant power is switched off: the thread that reads the port sees to it."""

import threading
import time
from collections.abc import Callable

from drivers.heater.vaheat_replies import Request
from drivers.heater.vaheat_wire import VaheatWire

AGAIN_S = 0.25


class PowerCap:
    """A moment at which the heating is stopped, and stopped again until the device says that it is off.

    Parameters
    ----------
    status_request : callable
        Returns what asks the device whether it heats.
    """

    def __init__(self, status_request: Callable[[], Request]) -> None:
        self._status_request = status_request
        self._lock = threading.Lock()
        self._next_s: float | None = None
        self._asked: Request | None = None

    def set(self, duration_s: float | None) -> None:
        """Stop the heating in `duration_s`; None for never."""
        with self._lock:
            self._asked, self._next_s = None, None if duration_s is None else time.monotonic() + duration_s

    def enforce(self, wire: VaheatWire) -> None:
        """Stop if it is time, ask a moment later whether it is off, and so on; does not wait."""
        with self._lock:
            due_s, now_s, asked = self._next_s, time.monotonic(), self._asked
            if due_s is None or now_s < due_s:
                return
            is_off = asked is not None and asked.data().get("heating_active") is False
            self._next_s = None if is_off else now_s + AGAIN_S
        if is_off:
            return
        to_ask = asked is not None and asked.keys is None
        posted = wire.post(self._status_request()) if to_ask else wire.stop()
        with self._lock:
            self._asked = posted
