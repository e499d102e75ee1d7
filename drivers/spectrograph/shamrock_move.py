"""A move of an Andor spectrograph: the library may report an error although it was made, so it is read back."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.interfaces.errors import CommunicationError, FaultError
from drivers.spectrograph.atspectrograph import Code, error_of
from drivers.spectrograph.shamrock_wire import RETRIES, ShamrockWire


@dataclass(frozen=True, slots=True)
class Move:
    """One move; the last of its arguments is where it goes, `read` tells where it is, both in the same unit."""

    wire: ShamrockWire
    function: str
    arguments: tuple[float, ...]
    read: Callable[[], float]
    tolerance: float

    def make(self, reopen: Callable[[], None]) -> None:
        """Move and read back; if the library does not get it done, try again after `reopen`.

        Raises
        ------
        FaultError
            If it arrives elsewhere.
        DeviceError
            As the code of the last try means.
        """
        code = self._try()
        if code in (Code.COMMUNICATION_ERROR, Code.NOT_INITIALISED):
            reopen()
            code = self._try()
        if code != Code.SUCCESS:
            raise error_of(self.wire.device, self.function, code)
        if not self._is_there():
            raise FaultError(
                self.wire.device,
                f"was set to {self.arguments[-1]:g} by {self.function} but reads {self.read():g}; look at it before "
                "you go on",
            )

    def _try(self) -> int:
        """Return the code of the last of at most 6 tries; success also if it got there in spite of its code."""
        for _ in range(1 + RETRIES):
            code = self.wire.move(self.function, *self.arguments)
            if code != Code.COMMUNICATION_ERROR:
                return code
            try:
                if self._is_there():
                    return int(Code.SUCCESS)
            except CommunicationError:  # it does not answer at all: trying on would only take time
                break
        return int(Code.COMMUNICATION_ERROR)

    def _is_there(self) -> bool:
        return abs(self.read() - self.arguments[-1]) <= self.tolerance
