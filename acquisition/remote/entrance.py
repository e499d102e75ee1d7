"""Who stands at the door of a session server: a few that have not shown the token yet, and those that have."""

import socket
import threading
from contextlib import suppress

MAX_WAITING = 64
"""How many connections may be on their way in; whoever knows the token needs a few ms for it."""


class Entrance:
    """The connections of a server; safe to use from any thread.

    Connections that have not shown the token have places of their own, and the longest there makes room for the
    newest: programs of other users, which do not know it, cannot keep out those that do.

    Parameters
    ----------
    most : int
        How many connections may have shown the token.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[socket.socket, None] = {}
        self._inside: set[socket.socket] = set()

    def arrive(self, connection: socket.socket) -> None:
        """Let a connection show the token, and turn away the one that has taken longest if there are too many."""
        with self._lock:
            self._waiting[connection] = None
            longest = next(iter(self._waiting)) if len(self._waiting) > MAX_WAITING else None
            if longest is not None:
                del self._waiting[longest]
        if longest is not None:
            with suppress(OSError):  # it is gone already
                longest.shutdown(socket.SHUT_RDWR)

    def enter(self, connection: socket.socket) -> bool:
        """Let a connection in that has shown the token; return whether there is room."""
        with self._lock:
            self._waiting.pop(connection, None)
            if len(self._inside) >= self._most:
                return False
            self._inside.add(connection)
            return True

    def leave(self, connection: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._waiting.pop(connection, None)
            self._inside.discard(connection)
