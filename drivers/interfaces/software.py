"""What instruments that are programs have in common: simulated ones, and recordings that play the part of one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from drivers.interfaces.device import Device
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.spad_array import SpadArray


class SoftwareDevice(Device):
    """An instrument that is always reached, and safe when connected and when closed."""

    def connect(self) -> None:
        """Make the instrument safe and count it as connected."""
        self.make_safe()
        self._connected = True

    def close(self) -> None:
        """Make the instrument safe and disconnect it."""
        if self._connected:
            self.make_safe()
        self._connected = False


class SoftwareSpadArray(SoftwareDevice, SpadArray):
    """A SPAD array with a bias that is no more than a flag, and one stream at a time.

    `set_bias(False)` or `make_safe` from another thread end a stream at the next block: whoever
    makes the blocks looks at `_bias` before each.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._bias = False
        self._acquiring = threading.Lock()

    def make_safe(self) -> None:
        """Switch the bias off; an acquisition ends at its next block."""
        self._bias = False

    def set_bias(self, on: bool) -> None:
        """Switch the bias."""
        self.require_connected()
        self._bias = on

    @contextmanager
    def _occupied(self, duration_s: float) -> Iterator[None]:
        """Occupy the array for one stream.

        Raises
        ------
        RangeError
            If the duration is not above 0 and finite.
        StateError
            If not connected, bias off or already acquiring.
        """
        if not 0 < duration_s < float("inf"):
            raise RangeError(self.name, f"duration_s = {duration_s} must be above 0 and finite")
        self.require_connected()
        if not self._bias:
            raise StateError(self.name, "has its bias off; switch the bias on before acquiring")
        if not self._acquiring.acquire(blocking=False):
            raise StateError(self.name, "is already acquiring; close the running stream first")
        try:
            yield
        finally:
            self._acquiring.release()
