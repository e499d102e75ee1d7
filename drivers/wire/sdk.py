"""The wire of instruments that are reached through functions of a vendor's library."""

import ctypes
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError

TEXT_BYTES = 260
"""Size of the buffers that such libraries write text into (MAX_PATH)."""

INTERRUPTED_S = 0.2
"""How long a call whose caller was interrupted, but which is not overdue, is waited for."""

T = TypeVar("T")


class SdkFunctions:
    """Calls functions of a library that return a code and write their results through pointers.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig.
    library : object
        As ctypes loads it, or a double with the same functions.
    """

    def __init__(self, device: str, library: Any) -> None:
        self.device, self._library = device, library

    def call(self, function: str, *arguments: Any) -> int:
        """Call a function and return its code. Raises `CommunicationError` if the library has no such function."""
        try:
            found = getattr(self._library, function)
        except AttributeError as error:
            message = f"the library has no function {function}; install a newer one, or correct the key `library`"
            raise CommunicationError(self.device, message) from error
        return int(found(*arguments))


def int_buffers(count: int) -> list[ctypes.c_int]:
    """Return places for whole numbers."""
    return [ctypes.c_int() for _ in range(count)]


def float_buffers(count: int) -> list[ctypes.c_float]:
    """Return places for real numbers."""
    return [ctypes.c_float() for _ in range(count)]


def text_of(buffer: "ctypes.Array[ctypes.c_char]") -> str:
    """Return what a function has written into a buffer."""
    return buffer.value.decode("ascii", "replace").strip()


class BoundedCalls:
    """Calls that may never come back, each in a thread of its own; one that did not forbids the next.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._stuck: threading.Thread | None = None
        self._overdue = False

    def do(self, what: str, act: Callable[[], T], timeout_s: float) -> T:
        """Return what `act` returns, or give up on it after `timeout_s`.

        Raises
        ------
        DeviceTimeoutError
            If it does not come back, or the one before has not yet.
        Exception
            What `act` raises.
        """
        if self._stuck is not None and self._has_not_come_back(self._stuck):
            raise DeviceTimeoutError(
                self._device, f"is still busy with {self._stuck.name}; switch it off and on, or restart the program"
            )
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(act())
            except BaseException as error:  # raised again in the thread that waits
                errors.append(error)

        self._stuck = thread = threading.Thread(target=run, name=what, daemon=True)
        self._overdue = False
        thread.start()
        thread.join(timeout_s)
        if errors:
            raise errors[0]
        if not results:
            self._overdue = True
            message = (
                f"{what} has not come back for {timeout_s:g} s; switch the instrument off and on, then reconnect it"
            )
            raise DeviceTimeoutError(self._device, message)
        return results[0]

    def _has_not_come_back(self, thread: threading.Thread) -> bool:
        """Whether a call is still under way; one whose caller was interrupted has a moment to come back."""
        thread.join(0.0 if self._overdue else INTERRUPTED_S)
        return thread.is_alive()
