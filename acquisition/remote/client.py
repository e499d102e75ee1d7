"""A session in another process of this computer: the same methods as a local one."""

import os
import secrets
import threading
import time
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from acquisition.config import ConfigError
from acquisition.queue.verbs import QueueVerbs
from acquisition.remote.clients import Client
from acquisition.remote.connection import Connection
from acquisition.remote.desk import METHODS, SharedSession
from acquisition.remote.endpoint import Endpoint, find_endpoint
from acquisition.remote.exceptions import ConnectionLostError
from acquisition.remote.methods import Method
from acquisition.remote.wire import WAIT_PIECE_S
from acquisition.session import Session, SessionError
from acquisition.session.access import Access
from acquisition.session.run_record import operator

MAX_CALLS = 16
"""How many calls that are not urgent may go on at a time."""

FREE_FOR_URGENT = 1
"""How many connections only urgent calls may take, so that they need not wait at the door of a busy server."""

ANSWER_TIMEOUT_S = 120.0
WORK_TIMEOUT_S = 24 * 3600.0
"""Longest that reading and making safe take, and what else is asked, such as an analysis; a server that is gone is
noticed long before."""

MAKING_SAFE = frozenset({"abort", "emergency_stop", "switch_off"})
_LIGHTING_UP = frozenset({"do_step", "queue_start", "resume", "resume_run", "start", "start_alignment"})
"""Calls of the second kind that still wait to be sent when one of the first kind is made are not sent any more."""

_PATHS = ("run", "path", "out", "report")
_ENTRIES = ("entry", "changes")
"""Arguments that hold paths; a queue has them under the same names, and those of files under others."""

_FILES = ("sequence", "rig", "source", "sample")


class _Calls(ABC):
    """Sends calls of methods."""

    @abstractmethod
    def _call(self, method: Method, arguments: Mapping[str, Any]) -> Any:
        """Return what the server answers."""


def _calling(method: Method) -> Callable[..., Any]:
    """Return a method that asks the server for it."""

    def call(self: _Calls, *positional: Any, **named: Any) -> Any:
        return self._call(method, method.bind(positional, named))

    call.__name__, call.__qualname__, call.__doc__ = method.name, f"RemoteSession.{method.name}", method.doc
    return call


_Methods: Any = ABCMeta(
    "_Methods", (_Calls, Session, SharedSession, QueueVerbs), {name: _calling(each) for name, each in METHODS.items()}
)


class RemoteSession(_Methods):
    """The session of a server, with all methods of `Session` and `SharedSession`.

    Whoever only looks on may call what reads, `abort` and `emergency_stop`; everything else needs control. A connection
    that was lost is made anew by the next call, without control; if the server of the rig was started anew, to that
    one. Closing leaves the server and its run alone. One connection is kept free for what is urgent.

    Parameters
    ----------
    endpoint : Endpoint
        The server.
    name : str, optional
        What others read of this program; by default user and process.

    Attributes
    ----------
    endpoint : Endpoint
        The server that was reached last.

    Raises
    ------
    ConnectionLostError
        If the server cannot be reached.
    SessionError
        If it refuses the client; says why.
    """

    def __init__(self, endpoint: Endpoint, name: str | None = None) -> None:
        self.endpoint = endpoint
        self._client = Client(secrets.token_hex(16), name or f"{operator({})} (process {os.getpid()})")
        self._lock = threading.Lock()
        self._calls = threading.BoundedSemaphore(MAX_CALLS)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._made_safe = 0
        self._closed = False
        try:
            for _ in range(1 + FREE_FOR_URGENT):
                self._idle.append(Connection(endpoint, self._client))
        except BaseException:
            self.close()
            raise

    @classmethod
    def find(cls, rig: str | None = None, name: str | None = None) -> Self:
        """Return the session of the server that runs for this user.

        Parameters
        ----------
        rig : str, optional
            Path of its rig file or name of a shipped one; needed only if there are several servers.
        name : str, optional
            What others read of this program.

        Raises
        ------
        SessionError
            If there is no such server, or more than one.
        """
        return cls(find_endpoint(rig), name)

    @property
    def connected(self) -> bool:
        """Whether a connection to the server stands, as far as is known."""
        with self._lock:
            return any(connection.open for connection in [*self._idle, *self._busy])

    def wait(self, timeout_s: float) -> dict[str, Any]:
        """Wait until the run and its analysis have ended, at most `timeout_s`; return the status."""
        end, left_s = time.monotonic() + timeout_s, timeout_s
        while True:
            piece_s = min(max(0.0, left_s), WAIT_PIECE_S)
            status: dict[str, Any] = self._call(METHODS["wait"], {"timeout_s": piece_s})
            left_s = end - time.monotonic()
            if status["outcome"] is not None or status["run"] is None or left_s <= 0:
                return status

    def close(self) -> None:
        """Disconnect; the server's session and its run go on. No effect if closed."""
        with self._lock:
            self._closed = True
            connections = [*self._idle, *self._busy]
            self._idle.clear()
        for connection in connections:
            connection.close()

    def _call(self, method: Method, arguments: Mapping[str, Any]) -> Any:
        urgent = method.access is Access.EVERYBODY
        said = {name: _from_anywhere(name, value) for name, value in arguments.items()}
        timeout_s = WORK_TIMEOUT_S if method.access is Access.CONTROL else ANSWER_TIMEOUT_S
        with self._lock:
            self._made_safe += method.name in MAKING_SAFE
            made_safe = self._made_safe
        with self._turn(method.name, urgent=urgent):
            try:
                with self._connection(urgent=urgent) as connection:
                    if self._made_safe != made_safe and method.name in _LIGHTING_UP:
                        raise SessionError(f"{method.name}: not asked any more: all was made safe while it waited")
                    return connection.ask(method.name, said, timeout_s)
            except ConnectionLostError:
                if method.access is Access.CONTROL or self._closed:  # asked twice, it might be done twice
                    raise
            with self._connection(urgent=urgent, new=True) as connection:  # the free ones may be broken as well
                return connection.ask(method.name, said, timeout_s)

    @contextmanager
    def _turn(self, name: str, *, urgent: bool) -> Iterator[None]:
        """Wait until a call may be made; what is urgent need not wait."""
        if urgent:
            yield
            return
        if not self._calls.acquire(timeout=ANSWER_TIMEOUT_S):
            raise SessionError(f"{name}: {MAX_CALLS} calls of this session go on already; wait for one of them")
        try:
            yield
        finally:
            self._calls.release()

    @contextmanager
    def _connection(self, *, urgent: bool, new: bool = False) -> Iterator[Connection]:
        """Lend a connection that stands: one that is free, unless it is to be new, else a new one."""
        free = None if new else self._free_connection(0 if urgent else FREE_FOR_URGENT)
        connection = free or self._new_connection()
        with self._lock:
            self._busy.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._busy.discard(connection)
                keep = connection.open and not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _new_connection(self) -> Connection:
        """Return a connection to the server, also to one that has taken the place of a server that is gone."""
        before = self.endpoint
        try:
            return Connection(before, self._client)
        except ConnectionLostError:
            found = None
            with suppress(SessionError, ConfigError):
                found = find_endpoint(before.rig)
            if found is None or found == before:
                raise
        connection = Connection(found, self._client)
        self.endpoint = found
        return connection

    def _free_connection(self, keep: int) -> Connection | None:
        """Return a free connection that stands, if `keep` others stay free."""
        dead: list[Connection] = []
        try:
            with self._lock:
                if self._closed:
                    raise SessionError("the session is closed; open a new one")
                dead = [each for each in self._idle if not each.open]
                self._idle = [each for each in self._idle if each not in dead]
                return self._idle.pop() if len(self._idle) > keep else None
        finally:
            for each in dead:
                each.close()


def _from_anywhere(name: str, value: Any) -> Any:
    """Return an argument as the server understands it, which works in another folder: paths from the root."""
    if isinstance(value, str) and (name in _PATHS or (name in _FILES and Path(value).is_file())):
        return str(Path(value).absolute())
    if name in _ENTRIES and isinstance(value, Mapping):
        return {key: _from_anywhere(key, each) for key, each in value.items()}
    return value
