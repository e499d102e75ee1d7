"""The session server: one session of this process, shared with programs of this computer that know the token."""

import hmac
import http
import logging
import secrets
import socket
import threading
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from acquisition.queue.verbs import ServedQueue
from acquisition.remote.clients import MAX_CLIENTS, MAX_CONNECTIONS_OF_CLIENT, Client, Clients
from acquisition.remote.desk import METHODS, Desk
from acquisition.remote.endpoint import Announcement, Endpoint
from acquisition.remote.entrance import Entrance
from acquisition.remote.exceptions import to_wire
from acquisition.remote.wire import (
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    PING_TIMEOUT_S,
    PROTOCOL,
    WireError,
    decode,
    encode,
)
from acquisition.session import Session, SessionError
from drivers.interfaces.closing import Closing

HOST = "127.0.0.1"
MAX_CONNECTIONS = MAX_CLIENTS * MAX_CONNECTIONS_OF_CLIENT + 16
"""Of programs that know the token."""
TOKEN_TIMEOUT_S = 3.0
OPEN_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0
RECEIVE_PIECE_S = 5.0
END_TIMEOUT_S = 60.0
"""Longest that calls of clients are waited for once the session is closed."""

_MAX_NAME = 100
_LOG = logging.getLogger(__name__)
_LOG_OF_LIBRARY = logging.getLogger(f"{__name__}.websockets")
_LOG_OF_LIBRARY.addHandler(logging.NullHandler())
_LOG_OF_LIBRARY.propagate = False  # garbage from the network is no event of ours


class SessionServer(Closing):
    """Serves a session on this computer only, until closed; closes the session with itself.

    Its threads are one that listens and one per connection; a client has a connection for each call at a time.

    Parameters
    ----------
    session : Session
        What is served.
    announcement : Announcement
        Its place; closed at the end.
    port : int
        TCP port; 0 takes a free one.
    queue : ServedQueue, optional
        What the session carries out; closed before it. Without it there is no queue.

    Raises
    ------
    SessionError
        If the port is taken, or the token file cannot be written; session, queue and announcement are closed then, too.
    """

    def __init__(
        self, session: Session, announcement: Announcement, port: int = 0, queue: ServedQueue | None = None
    ) -> None:
        self._session, self._announcement, self._queue = session, announcement, queue
        self._clients = Clients()
        self._ending, self._asked = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._entrance = Entrance(MAX_CONNECTIONS)
        self._closed = False
        self._token = secrets.token_urlsafe(32)
        with ExitStack() as undo:
            undo.callback(announcement.close)
            undo.callback(session.close)
            undo.callback(self._close_queue)
            self._server = _listen(port, self)
            undo.callback(self._server.socket.close)
            actual = self._server.socket.getsockname()[1]
            self._handle, self._server.handler = self._server.handler, self._admit
            self._thread = threading.Thread(target=self._server.serve_forever, name="session server", daemon=True)
            self._thread.start()
            undo.callback(self._end_connections)
            self.endpoint: Endpoint = announcement.publish(f"ws://{HOST}:{actual}", self._token)
            undo.pop_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait until a client has ended the server, at most `timeout_s`; return whether one has."""
        return self._asked.wait(timeout_s)

    def close(self) -> None:
        """Abort what runs, make the instruments safe, then disconnect the clients; no effect if closed.

        Raises
        ------
        NotSafeError
            If an instrument could not be made safe.
        SessionError
            If a call of a client has not ended after `END_TIMEOUT_S`.
        """
        with self._lock:
            closed, self._closed = self._closed, True
        if closed:
            return
        self._ending.set()
        with ExitStack() as rest:  # each is done whatever the others raise
            rest.callback(self._announcement.close)
            rest.callback(self._end_connections)
            rest.callback(self._session.close)
            rest.callback(self._close_queue)

    def _close_queue(self) -> None:
        if self._queue is not None:
            self._queue.close()

    def _end_connections(self) -> None:
        end = threading.Thread(
            target=self._server.shutdown,
            kwargs={"reason": "the session server has ended"},
            name="session server end",
            daemon=True,
        )
        end.start()
        end.join(END_TIMEOUT_S)
        self._thread.join(CLOSE_TIMEOUT_S)
        if end.is_alive():
            raise SessionError(f"a call of a client has not ended after {END_TIMEOUT_S:g} s; it is given up")

    def _admit(self, connection: socket.socket, address: Any) -> None:
        """Handle a connection in its thread."""
        connection.settimeout(SEND_TIMEOUT_S)  # who does not read cannot hold the thread
        self._entrance.arrive(connection)
        try:
            self._handle(connection, address)
        finally:
            self._entrance.leave(connection)
            with self._server.lock:
                self._server.handler_threads.discard(threading.current_thread())

    def check_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse who does not know the token, before anything else is read, and those that are too many."""
        expected = f"Bearer {self._token}".encode()
        said = request.headers.get_all("Authorization")
        if len(said) == 1 and hmac.compare_digest(said[0].encode("utf-8", "surrogateescape"), expected):
            if self._entrance.enter(connection.socket):
                return None
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "there are too many connections\n")
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "the token is wrong or missing\n")

    def serve_client(self, connection: ServerConnection) -> None:
        """Answer the messages of a connection, one after the other, until it ends."""
        try:
            client = self._greet(connection)
            if client is None:
                return
            try:
                self._answer_all(connection, client)
            finally:
                self._clients.leave(client)
        except ConnectionClosed:
            _LOG.debug("a connection has ended")

    def _answer_all(self, connection: ServerConnection, client: Client) -> None:
        desk = Desk(client, self._session, self._clients, self._ending, self._asked.set, self._queue)
        while True:
            try:
                message = connection.recv(timeout=RECEIVE_PIECE_S)
            except TimeoutError:
                continue
            connection.send(desk.answer(message))

    def _greet(self, connection: ServerConnection) -> Client | None:
        """Return who has connected; None, and the reason as an answer, if it is refused."""
        try:
            client = _client(decode(connection.recv(timeout=OPEN_TIMEOUT_S)))
            self._clients.enter(client)
        except TimeoutError:
            return None
        except SessionError as error:
            connection.send(encode({"error": to_wire(error)}, MAX_ANSWER_BYTES))
            return None
        welcome = {"protocol": PROTOCOL, "rig": str(self._announcement.rig), "methods": list(METHODS)}
        try:
            connection.send(encode({"hello": welcome}, MAX_ANSWER_BYTES))
        except ConnectionClosed:
            self._clients.leave(client)
            raise
        return client


def _client(message: dict[str, Any]) -> Client:
    """Return who says hello. Raises `WireError`."""
    hello = message.get("hello")
    if not isinstance(hello, dict):
        raise WireError("the first message must be a hello")
    if hello.get("protocol") != PROTOCOL:
        raise WireError(
            f"protocol {hello.get('protocol')!r:.20} is not known here, {PROTOCOL} is; "
            "use the same version of cascadescope on both sides"
        )
    key, name = hello.get("key"), hello.get("name")
    if not (
        isinstance(key, str) and 0 < len(key) <= _MAX_NAME and isinstance(name, str) and 0 < len(name) <= _MAX_NAME
    ):
        raise WireError(f"a hello has a key and a name, texts of 1 to {_MAX_NAME} characters")
    return Client(key, "".join(letter if letter.isprintable() else "?" for letter in name))


def _listen(port: int, server: SessionServer) -> Server:
    try:
        return serve(
            server.serve_client,
            HOST,
            port,
            origins=[None],  # no web page
            compression=None,
            process_request=server.check_request,
            open_timeout=TOKEN_TIMEOUT_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_REQUEST_BYTES,
            logger=_LOG_OF_LIBRARY,
        )
    except (OSError, OverflowError) as error:
        raise SessionError(f"port {port} of {HOST} cannot be used: {error}; 0 takes a free one") from error
