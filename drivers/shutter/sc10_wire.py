"""The serial line of a Thorlabs SC10: each command is echoed, and each answer ends with a prompt."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import serial

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from drivers.wire.address import SERIAL_FORMS
from drivers.wire.said import in_words

BAUD = 9600
PROMPT = b">"
MAX_REPLY = 256

OpenPort = Callable[[str, float], serial.Serial]


def open_port(address: str, timeout_s: float) -> serial.Serial:
    """Open a serial port for nobody else, or a URL such as ``socket://host:port``. Raises `OSError`, `ValueError`."""
    return serial.serial_for_url(address, baudrate=BAUD, timeout=timeout_s, write_timeout=timeout_s, exclusive=True)


class Sc10Wire:
    """One question at a time; the port is given up at the first doubt, so that no late answer is taken for another.

    Parameters
    ----------
    device : str
        Name of the shutter in its rig.
    address : str
        Serial port or URL of pyserial.
    timeout_s : float
        Longest wait for an answer.
    open_wire : callable, optional
        Opens the port.
    """

    def __init__(self, device: str, address: str, timeout_s: float, open_wire: OpenPort = open_port) -> None:
        self._device, self._address, self._timeout_s = device, address, timeout_s
        self._open_wire = open_wire
        self._lock = threading.RLock()
        self._port: serial.Serial | None = None
        self._lost = ""

    @property
    def lost(self) -> bool:
        """Whether the connection broke while it was in use."""
        return bool(self._lost)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._port is not None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the line for several commands that belong together. Raises `DeviceTimeoutError` if it never gets free.

        Nobody holds it longer than three answers and one timeout take.
        """
        if not self._lock.acquire(timeout=4 * self._timeout_s):
            raise DeviceTimeoutError(self._device, f"the line to {self._address} is busy with a request without end")
        try:
            yield
        finally:
            self._lock.release()

    def open(self) -> None:
        """Open the port anew. Raises `CommunicationError` if that is not possible."""
        with self.turn():
            self._give_up()
            try:
                self._port = self._open_wire(self._address, self._timeout_s)
            except (OSError, ValueError) as error:
                raise CommunicationError(
                    self._device,
                    f"the port {self._address} cannot be opened ({in_words(error)}); check cable and key `address` "
                    f"({SERIAL_FORMS}), and close other programs that use it",
                ) from error
            self._lost = ""

    def close(self) -> None:
        """Close the port; no effect if closed."""
        with self.turn():
            self._give_up()
            self._lost = ""

    def ask(self, command: str) -> str:
        """Send a command and return what stands between its echo and the prompt, without white space around.

        Raises
        ------
        CommunicationError
            If there is no answer, or one to something else; the port is then closed.
        """
        with self.turn():
            port = self._port
            if port is None:
                reason = self._lost or "it was never opened"
                raise CommunicationError(self._device, f"is not connected any more ({reason}); connect it again")
            try:
                port.reset_input_buffer()
                port.write(command.encode("ascii") + b"\r")
                said = bytes(port.read_until(PROMPT, MAX_REPLY))
            except BaseException as error:
                self.lose(f"the port {self._address} failed: {error}")
                if not isinstance(error, OSError | TypeError):  # pyserial closes ports under readers' feet
                    raise
                message = f"{self._lost}; check the cable and connect it again"
                raise CommunicationError(self._device, message) from error
            return self._answer(command, said)

    def lose(self, reason: str) -> None:
        """Give the connection up for a reason."""
        self._lost = reason
        self._give_up()

    def _answer(self, command: str, said: bytes) -> str:
        if not said.endswith(PROMPT):
            self.lose(f"no prompt after {command!r} within {self._timeout_s:g} s, only {said!r}")
            raise DeviceTimeoutError(
                self._device, f"{self._lost}; look whether the controller is on, then connect it again"
            )
        lines = said[: -len(PROMPT)].decode("ascii", "replace").replace("\n", "\r").split("\r")
        filled = [line.strip() for line in lines if line.strip()]
        if not filled or filled[0] != command:
            self.lose(f"{command!r} was answered by {said!r}")
            raise CommunicationError(
                self._device,
                f"{self._lost}, which is no echo of it; check whether an SC10 hangs on {self._address}, then connect "
                "it again",
            )
        return " ".join(filled[1:])

    def _give_up(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with suppress(OSError):
                port.close()
