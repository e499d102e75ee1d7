"""One connection of a client to a session server: asks, and waits for the answer."""

import itertools
import time
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect

from acquisition.remote.clients import Client
from acquisition.remote.endpoint import Endpoint
from acquisition.remote.exceptions import ConnectionLostError, from_wire
from acquisition.remote.wire import (
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    PING_TIMEOUT_S,
    PROTOCOL,
    decode,
    encode,
)
from acquisition.session import SessionError
from drivers.interfaces.closing import Closing

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 2.0


class Connection(Closing):
    """Asks one thing at a time; used by one thread at a time.

    Parameters
    ----------
    endpoint : Endpoint
        The server.
    client : Client
        Who asks.

    Raises
    ------
    ConnectionLostError
        If the server cannot be reached.
    SessionError
        If it refuses the client; says why.
    """

    def __init__(self, endpoint: Endpoint, client: Client) -> None:
        self._endpoint = endpoint
        self._numbers = itertools.count(1)
        self._exit = ExitStack()
        self._websocket = self._open()
        try:
            self._greet(client)
        except BaseException:
            self.close()
            raise

    @property
    def open(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._websocket.state is State.OPEN

    def ask(self, call: str, arguments: dict[str, Any], timeout_s: float) -> Any:
        """Return what the server answers.

        Raises
        ------
        ConnectionLostError
            If the connection breaks or no answer comes in time; the connection is closed then.
        Exception
            As the session in the server raised it.
        """
        number = next(self._numbers)
        text = encode({"id": number, "call": call, "arguments": arguments}, MAX_REQUEST_BYTES)
        answer = self._exchange(text, call, timeout_s)
        if answer.get("id") != number:
            self.close()
            raise ConnectionLostError(f"{self._endpoint.url}: what came is no answer to `{call}`")
        if "error" in answer:
            raise from_wire(answer["error"])
        return answer.get("result")

    def close(self) -> None:
        """Disconnect; no effect if closed."""
        self._exit.close()

    def _open(self) -> ClientConnection:
        try:
            return self._exit.enter_context(
                connect(
                    self._endpoint.url,
                    additional_headers={"Authorization": f"Bearer {self._endpoint.token}"},
                    compression=None,
                    proxy=None,
                    open_timeout=OPEN_TIMEOUT_S,
                    ping_timeout=PING_TIMEOUT_S,
                    close_timeout=CLOSE_TIMEOUT_S,
                    max_size=MAX_ANSWER_BYTES,
                )
            )
        except InvalidStatus as error:
            why = "its token is another one" if error.response.status_code == 401 else str(error)
            raise ConnectionLostError(f"the session server at {self._endpoint.url} refuses: {why}") from error
        except (OSError, EOFError, WebSocketException) as error:
            raise ConnectionLostError(
                f"the session server at {self._endpoint.url} cannot be reached ({error}); "
                "`cascadescope serve` starts one"
            ) from error

    def _greet(self, client: Client) -> None:
        hello = {"hello": {"protocol": PROTOCOL, "key": client.key, "name": client.name}}
        answer = self._exchange(encode(hello, MAX_REQUEST_BYTES), "hello", OPEN_TIMEOUT_S)
        if "error" in answer:
            raise from_wire(answer["error"])
        welcome = answer.get("hello")
        if not isinstance(welcome, dict) or welcome.get("protocol") != PROTOCOL:
            raise SessionError(f"{self._endpoint.url} is no session server of this version of cascadescope")

    def _exchange(self, text: str, call: str, timeout_s: float) -> dict[str, Any]:
        """Send a message and return the next one; an exchange that was left in the middle is the last one."""
        begun = time.monotonic()
        try:
            self._websocket.send(text)
            return decode(self._websocket.recv(timeout=max(0.0, timeout_s - (time.monotonic() - begun))))
        except TimeoutError as error:
            self.close()
            raise ConnectionLostError(
                f"the session server at {self._endpoint.url} has not answered `{call}` after {timeout_s:g} s; "
                "whether it was done is not known, `cascadescope status` tells"
            ) from error
        except ConnectionClosed as error:
            self.close()
            raise ConnectionLostError(
                f"the connection to the session server at {self._endpoint.url} was lost while `{call}` was asked "
                f"({error}); whether it was done is not known"
            ) from error
        except BaseException:  # an interrupt, or nonsense: what comes next would be the answer to this
            self.close()
            raise
