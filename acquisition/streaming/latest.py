"""A mailbox that holds the newest value only, for a display that pulls at its own pace."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """The newest value that any thread has put; older ones are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def put(self, value: T | None) -> None:
        """Replace the value."""
        with self._lock:
            self._value = value

    def get(self) -> T | None:
        """Return the newest value; None if there is none yet."""
        with self._lock:
            return self._value
