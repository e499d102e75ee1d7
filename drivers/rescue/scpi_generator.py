"""Takes the light of a laser off that a function generator triggers or gates."""

import re
import socket
from typing import Any, BinaryIO

from drivers.interfaces.errors import CommunicationError, FaultError

_SOCKET = re.compile(r"TCPIP\d*::([^:]+)::(\d+)::SOCKET", re.IGNORECASE)
_WORDS = {"OFF": 0.0, "ON": 1.0}
_TOLERANCE = 0.1


def rescue(
    address: str,
    visa_library: str,
    command: str,
    question: str,
    expected: float,
    drive: str = "",
    is_driven: str = "",
    timeout_s: float = 0.5,
) -> None:
    """Send the commands that make dark, before any question, and read back whether they did.

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
    drive, is_driven : str
        Command that switches the output on after that, and question whether it is on, where dark is a driven level.
    timeout_s : float
        Longest wait for each.

    Raises
    ------
    OSError, CommunicationError
        If the instrument cannot be reached.
    FaultError
        If it says that it is not dark.
    """
    commands, wanted = [command, drive] if drive else [command], {question: expected}
    if is_driven:
        wanted[is_driven] = 1.0
    match = _SOCKET.fullmatch(address.strip())
    if match is not None:
        answers = _over_socket(match[1], int(match[2]), commands, list(wanted), timeout_s)
    else:
        answers = _over_visa(address, visa_library, commands, list(wanted), timeout_s)
    for (asked, value), said in zip(wanted.items(), answers, strict=True):
        _check(address, "; ".join(commands), asked, said, value)


def _check(address: str, told: str, asked: str, said: str, expected: float) -> None:
    try:
        found = _WORDS[said.upper()] if said.upper() in _WORDS else float(said)
    except ValueError as error:
        message = f"{address} was told {told!r} but answers {said!r} to {asked}"
        raise CommunicationError("laser", message) from error
    if not abs(found - expected) <= _TOLERANCE:
        message = f"{address} was told {told!r} but says {said!r} to {asked}; switch the laser off at its key switch"
        raise FaultError("laser", message)


def _over_socket(host: str, port: int, commands: list[str], questions: list[str], timeout_s: float) -> list[str]:
    with socket.create_connection((host, port), timeout_s) as connection:
        connection.settimeout(timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for command in commands:
            connection.sendall(f"{command}\n".encode())
        with connection.makefile("rb") as lines:
            return [_answer(connection, lines, question) for question in questions]


def _answer(connection: socket.socket, lines: BinaryIO, question: str) -> str:
    connection.sendall(f"{question}\n".encode())
    return lines.readline(256).decode("ascii", "replace").strip()


def _over_visa(address: str, library: str, commands: list[str], questions: list[str], timeout_s: float) -> list[str]:
    import pyvisa

    timeout_ms = round(timeout_s * 1e3)
    try:
        resource: Any = pyvisa.ResourceManager(library).open_resource(address, open_timeout=timeout_ms)
        try:
            resource.timeout = timeout_ms
            resource.read_termination = resource.write_termination = "\n"
            for command in commands:
                resource.write(command)
            return [str(resource.query(question)).strip() for question in questions]
        finally:
            resource.close()
    except (pyvisa.errors.Error, ValueError) as error:
        raise CommunicationError("laser", f"{address} cannot be reached: {error}") from error
