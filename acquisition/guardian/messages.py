"""What the three processes say to each other: JSON lines over connections on this computer, opened by a secret."""

import hmac
import json
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

HOST = "127.0.0.1"
GUARDIAN_VARIABLE = "CASCADESCOPE_GUARDIAN"
"""Environment variable that tells a session where its guardian is."""
LAUNCHER_VARIABLE = "CASCADESCOPE_LAUNCHER"
"""Environment variable that tells guardian and session where the program is that the user has started."""

CONNECT_TIMEOUT_S = 10.0
SEND_TIMEOUT_S = 1.0
HELLO_TIMEOUT_S = 0.2
"""Whoever knocks says at once who it is; nobody who does not may keep the guardian waiting."""
MAX_LINE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Address:
    """A port of this computer and what opens it."""

    port: int
    token: str

    @property
    def text(self) -> str:
        """The address as an environment variable holds it."""
        return f"{self.port}:{self.token}"

    @classmethod
    def taken_from_environment(cls, variable: str) -> "Address | None":
        """Return the address in an environment variable, and remove that, so that no other program inherits it."""
        port, _, token = os.environ.pop(variable, "").partition(":")
        return cls(int(port), token) if port.isdecimal() and token else None


class Line:
    """One connection; sending may be done by any thread, receiving by one.

    Parameters
    ----------
    connection : socket
        Connected.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self._lines: deque[bytes] = deque()
        connection.settimeout(SEND_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self) -> int:
        """Return the number by which a selector knows the connection."""
        return self._connection.fileno()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message. Raises `OSError` if the connection is lost or the other does not read."""
        self._connection.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> Iterator[dict[str, Any]]:
        """Yield the messages that have come, after waiting for some at most `SEND_TIMEOUT_S`.

        Raises
        ------
        OSError
            If the connection is lost, or what comes is no message.
        """
        if not self._lines:
            self._wait_for_lines()
        while self._lines:
            line = self._lines.popleft()
            try:
                message = json.loads(line)
            except ValueError as error:
                raise ConnectionAbortedError(f"what is no message came: {line!r:.80}") from error
            if not isinstance(message, dict):
                raise ConnectionAbortedError(f"what is no message came: {line!r:.80}")
            yield message

    def _wait_for_lines(self) -> None:
        try:
            data = self._connection.recv(65536)
        except TimeoutError:
            return
        if not data:
            raise ConnectionResetError("the connection has ended")
        *lines, self._received = (self._received + data).split(b"\n")
        if len(self._received) > MAX_LINE_BYTES:
            raise ConnectionAbortedError("a message without end came")
        self._lines.extend(lines)

    def close(self) -> None:
        """Hang up; no effect if closed, and the thread that receives hears of it."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


class Door:
    """A port of this computer at which connections with the right secret are let in."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(0.0)
        self.address = Address(self._listener.getsockname()[1], secrets.token_hex(16))

    def fileno(self) -> int:
        """Return the number by which a selector knows the port."""
        return self._listener.fileno()

    def let_in(self) -> tuple[Line, str] | None:
        """Return a connection that waits, and who it says that it is; None if there is none, or it is a stranger's."""
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        line = Line(connection)
        try:
            connection.settimeout(HELLO_TIMEOUT_S)
            for message in line.receive():
                connection.settimeout(SEND_TIMEOUT_S)
                if hmac.compare_digest(str(message.get("token", "")).encode(), self.address.token.encode()):
                    line.send({"welcome": True})
                    return line, str(message.get("who", ""))
                break
        except OSError:
            pass
        line.close()
        return None

    def close(self) -> None:
        """Let nobody in any more."""
        self._listener.close()


def connect(address: Address, who: str) -> Line:
    """Connect to a door, as `who`, and wait until it is open. Raises `OSError` if nobody is there."""
    line = Line(socket.create_connection((HOST, address.port), timeout=CONNECT_TIMEOUT_S))
    end = time.monotonic() + CONNECT_TIMEOUT_S
    try:
        line.send({"token": address.token, "who": who})
        while time.monotonic() < end:
            if any("welcome" in message for message in islice(line.receive(), 1)):
                return line
    except OSError:
        line.close()
        raise
    line.close()
    raise TimeoutError(f"nobody has let {who} in for {CONNECT_TIMEOUT_S:g} s")
