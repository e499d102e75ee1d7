"""Takes the light of a laser off that a function generator triggers or gates."""

import re
import socket
from typing import Any

from drivers.interfaces.errors import CommunicationError, FaultError

_SOCKET = re.compile(r"TCPIP\d*::([^:]+)::(\d+)::SOCKET", re.IGNORECASE)
_WORDS = {"OFF": 0.0, "ON": 1.0}
_TOLERANCE = 0.1


def rescue(
    address: str, visa_library: str, command: str, question: str, expected: float, timeout_s: float = 0.5
) -> None:
    """Send the command that makes dark, before any question, and read back whether it did.

    Parameters
    ----------
    address : str
        VISA address; a raw socket is opened without VISA, which takes less time.
    visa_library : str
        For other addresses.
    command, question : str
        As the instrument wants them, without an end of line.
    expected : float
        Answer to the question when it is dark; ``OFF`` counts as 0.
    timeout_s : float
        Longest wait for each.

    Raises
    ------
    OSError, CommunicationError
        If the instrument cannot be reached.
    FaultError
        If it says that it is not dark.
    """
    match = _SOCKET.fullmatch(address.strip())
    if match is not None:
        said = _over_socket(match[1], int(match[2]), command, question, timeout_s)
    else:
        said = _over_visa(address, visa_library, command, question, timeout_s)
    try:
        found = _WORDS[said.upper()] if said.upper() in _WORDS else float(said)
    except ValueError as error:
        raise CommunicationError(
            "laser", f"{address} was told {command!r} but answers {said!r} to {question}"
        ) from error
    if not abs(found - expected) <= _TOLERANCE:
        message = f"{address} was told {command!r} but says {said!r}; switch the laser off at its key switch"
        raise FaultError("laser", message)


def _over_socket(host: str, port: int, command: str, question: str, timeout_s: float) -> str:
    with socket.create_connection((host, port), timeout_s) as connection:
        connection.settimeout(timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(f"{command}\n".encode())
        connection.sendall(f"{question}\n".encode())
        with connection.makefile("rb") as lines:
            return lines.readline(256).decode("ascii", "replace").strip()


def _over_visa(address: str, library: str, command: str, question: str, timeout_s: float) -> str:
    import pyvisa

    timeout_ms = round(timeout_s * 1e3)
    try:
        resource: Any = pyvisa.ResourceManager(library).open_resource(address, open_timeout=timeout_ms)
        try:
            resource.timeout = timeout_ms
            resource.read_termination = resource.write_termination = "\n"
            resource.write(command)
            return str(resource.query(question)).strip()
        finally:
            resource.close()
    except (pyvisa.errors.Error, ValueError) as error:
        raise CommunicationError("laser", f"{address} cannot be reached: {error}") from error
