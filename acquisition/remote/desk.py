"""What a session server answers to the messages of one client: no socket here, and no message that could break it."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from acquisition.queue.verbs import QueueVerbs, ServedQueue
from acquisition.remote.clients import Client, Clients
from acquisition.remote.exceptions import is_known, to_wire
from acquisition.remote.methods import Method, methods_of
from acquisition.remote.wire import MAX_ANSWER_BYTES, WAIT_PIECE_S, WireError, decode, encode
from acquisition.session import Session, SessionError
from acquisition.session.access import Access, for_everybody, reading

_LOG = logging.getLogger(__name__)


class SharedSession(ABC):
    """What a server offers beside the methods of its session: sharing it, and ending it."""

    @for_everybody
    @abstractmethod
    def take_control(self, force: bool = False) -> dict[str, Any]:
        """Ask for control, which methods that change anything need; return what `control` returns.

        Parameters
        ----------
        force : bool
            Take it from whoever is in control.

        Raises
        ------
        NotInControlError
            If another client is in control; names it.
        """

    @for_everybody
    @abstractmethod
    def release_control(self) -> dict[str, Any]:
        """Give control up; return what `control` returns."""

    @reading
    @abstractmethod
    def control(self) -> dict[str, Any]:
        """Return who is ``in_control`` (None: nobody), whether that is ``mine``, and all ``clients`` by name."""

    @abstractmethod
    def shutdown(self, force: bool = False) -> None:
        """End the server: abort what runs, make the instruments safe, disconnect them.

        Parameters
        ----------
        force : bool
            End it although a run goes on.

        Raises
        ------
        SessionError
            If a run goes on.
        """


SESSION_METHODS = methods_of(Session)
SHARING_METHODS = methods_of(SharedSession)
QUEUE_METHODS = methods_of(QueueVerbs)
METHODS: Mapping[str, Method] = {**SESSION_METHODS, **SHARING_METHODS, **QUEUE_METHODS}
"""All that can be asked over the wire."""

_BEGINNING = ("start", "resume_run", "start_alignment", "do_step", "choose_sample")
"""Methods that nobody may call while the queue is carried out."""

_MAKING_SAFE = ("abort", "emergency_stop")
"""Methods after which the queue begins nothing more."""

_KEYS = {"id", "call", "arguments"}


class Desk(SharedSession):
    """Answers one client.

    Parameters
    ----------
    client : Client
        Who asks.
    session : Session
        What is asked for.
    clients : Clients
        All who are connected.
    ending : threading.Event
        Is set once the server ends; nothing is begun any more then.
    shut_down : callable
        Ends the server, later.
    queue : ServedQueue, optional
        What the session carries out; without it the methods of the queue are refused.
    """

    def __init__(
        self,
        client: Client,
        session: Session,
        clients: Clients,
        ending: threading.Event,
        shut_down: Callable[[], None],
        queue: ServedQueue | None = None,
    ) -> None:
        self._client, self._session, self._clients = client, session, clients
        self._ending, self._shut_down, self._queue = ending, shut_down, queue

    def answer(self, text: str | bytes) -> str:
        """Return the answer to a message: a result or an error, with the number that the message had."""
        number: int | None = None
        try:
            message = decode(text)
            if type(message.get("id")) is int:
                number = message["id"]
            return encode({"id": number, "result": self._carry_out(message)}, MAX_ANSWER_BYTES)
        except Exception as error:
            if not is_known(error):
                _LOG.error("a request of %s failed", self._client.name, exc_info=error)
            return encode({"id": number, "error": to_wire(error)}, MAX_ANSWER_BYTES)

    def _carry_out(self, message: Mapping[str, Any]) -> Any:
        if set(message) != _KEYS or type(message["id"]) is not int:
            raise WireError("a request is an object with id (a whole number), call (text) and arguments (an object)")
        name, arguments = message["call"], message["arguments"]
        method = METHODS.get(name) if isinstance(name, str) else None
        if method is None:
            raise WireError(f"{name!r:.60} cannot be asked; what can: {', '.join(METHODS)}")
        if not isinstance(arguments, dict):
            raise WireError(f"{name}: arguments must be an object with names; allowed is {method.usage}")
        checked = method.checked(arguments)
        if method.access is Access.CONTROL:
            if self._ending.is_set():
                raise SessionError(f"{name}: the session server is ending")
            self._clients.check_control(self._client, method.name)
        if method.name == "wait":
            checked["timeout_s"] = min(max(0.0, checked["timeout_s"]), WAIT_PIECE_S)
        self._halt_for_all_off(method.name, checked.get("role"))
        return getattr(self._owner(method.name), method.name)(**checked)

    def _owner(self, name: str) -> Any:
        """Return who has a method, after what it means for the queue."""
        if name in SHARING_METHODS:
            return self
        if name in QUEUE_METHODS:
            if self._queue is None:
                raise SessionError(f"{name}: this session server has no queue; one of `cascadescope serve` has")
            return self._queue
        if self._queue is not None and name in _BEGINNING:
            self._queue.check_free(name)
        if self._queue is not None and name in _MAKING_SAFE:
            self._queue.halt(f"{name} by {self._client.name}")
        return self._session

    def _halt_for_all_off(self, name: str, role: str | None) -> None:
        """Let the queue begin nothing after all was switched off between two of its entries."""
        if self._queue is None or name != "switch_off" or role is not None:
            return
        status = self._session.status()
        if status["run"] is None or status["outcome"] is not None:  # else it is refused
            self._queue.halt(f"{name} by {self._client.name}")

    def take_control(self, force: bool = False) -> dict[str, Any]:
        """Put the client in control."""
        self._clients.take_control(self._client, force=force)
        return self.control()

    def release_control(self) -> dict[str, Any]:
        """Leave control to others."""
        self._clients.release_control(self._client)
        return self.control()

    def control(self) -> dict[str, Any]:
        """Return who is in control."""
        return self._clients.describe(self._client)

    def shutdown(self, force: bool = False) -> None:
        """End the server as soon as this is answered."""
        if self._queue is not None and not force:
            self._queue.check_free("shutdown")
        status = self._session.status()
        if status["run"] is not None and status["outcome"] is None and not force:
            raise SessionError(f"the run {status['run']} is going on; wait for it, stop it, or end the server by force")
        self._shut_down()
