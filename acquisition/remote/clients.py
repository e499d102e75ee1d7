"""Who is connected to a session server, and who of them is in control."""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from acquisition.remote.exceptions import NotInControlError
from acquisition.session import SessionError

MAX_CLIENTS = 12
MAX_CONNECTIONS_OF_CLIENT = 24


@dataclass(frozen=True, slots=True)
class Client:
    """A program that is connected.

    Attributes
    ----------
    key : str
        Made up by the program and told to nobody else; it may have several connections under it.
    name : str
        What others read of it, e.g. ``"ada, window (pid 812)"``.
    """

    key: str
    name: str


class Clients:
    """The programs that are connected; safe to use from any thread.

    Control is somebody's who asked for it and is still connected, or nobody's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._in_control: Client | None = None

    def enter(self, client: Client) -> None:
        """Count a connection. Raises `SessionError` if there are too many."""
        with self._lock:
            if client.key not in self._connections and len(self._connections) >= MAX_CLIENTS:
                raise SessionError(f"{MAX_CLIENTS} programs are connected, and no more are allowed; close one of them")
            if self._connections[client.key] >= MAX_CONNECTIONS_OF_CLIENT:
                raise SessionError(f"{client.name} has {MAX_CONNECTIONS_OF_CLIENT} connections; no more are allowed")
            self._connections[client.key] += 1
            self._names[client.key] = client.name

    def leave(self, client: Client) -> None:
        """Forget a connection; with the last one of a client its control ends."""
        with self._lock:
            self._connections[client.key] -= 1
            if self._connections[client.key] <= 0:
                del self._connections[client.key], self._names[client.key]
                if self._in_control is not None and self._in_control.key == client.key:
                    self._in_control = None

    def take_control(self, client: Client, *, force: bool) -> None:
        """Put a client in control. Raises `NotInControlError` if another one is, unless forced."""
        with self._lock:
            holder = self._in_control
            if holder is not None and holder.key != client.key and not force:
                raise NotInControlError(f"{holder.name} is in control; ask there, or take it by force")
            self._in_control = client

    def release_control(self, client: Client) -> None:
        """Leave control to whoever asks for it next; no effect if the client has none."""
        with self._lock:
            if self._in_control is not None and self._in_control.key == client.key:
                self._in_control = None

    def check_control(self, client: Client, what: str) -> None:
        """Raise `NotInControlError` if a client is not in control."""
        with self._lock:
            holder = self._in_control
        if holder is None:
            raise NotInControlError(f"{what}: nobody is in control; take control first")
        if holder.key != client.key:
            raise NotInControlError(
                f"{what}: {holder.name} is in control; you can look on, abort and stop in emergency"
            )

    def describe(self, client: Client) -> dict[str, Any]:
        """Return who is in control, as plain data, for a client: ``in_control``, ``mine`` and ``clients`` by name."""
        with self._lock:
            holder = self._in_control
            return {
                "in_control": None if holder is None else holder.name,
                "mine": holder is not None and holder.key == client.key,
                "clients": sorted(self._names.values()),
            }
