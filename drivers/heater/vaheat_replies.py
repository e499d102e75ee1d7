"""Which reply of a VAHEAT answers which request: they come in order, some late, some never, packets in between."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from drivers.heater.vaheat_json import JsonObject, parsed, with_commas

Arguments: TypeAlias = Mapping[str, Any] | bool

REPLY_KEYS = frozenset({"command", "data", "success", "error"})
"""An object with none of them is a packet of streaming (unverified on hardware: no packet was found described)."""

COMMANDS = frozenset(
    {
        "get_info", "get_status", "get_settings", "get_streaming", "get_profile", "start_heating", "stop_heating",
        "set_mode", "set_settings", "set_streaming", "set_profile", "set_keylock", "do_reset",
    }
)  # fmt: skip
"""What a reply may name; another word says nothing of which request is answered."""

SHOWN = 120
"""Characters of a malformed text that a message shows."""


@dataclass(slots=True, eq=False)
class Request:
    """A request and, once it has come, its answer.

    Attributes
    ----------
    command, arguments : str, mapping or bool
        What is asked.
    keys : frozenset of str, optional
        What its data hold at least; None for a command that has no data.
    commas_missing : bool
        Whether the firmware forgets commas in the reply.
    reply : dict, optional
        The reply.
    failure : str, optional
        Why there is none that can be used.
    """

    command: str
    arguments: Arguments = True
    keys: frozenset[str] | None = None
    commas_missing: bool = False
    reply: JsonObject | None = None
    failure: str | None = None
    answered: threading.Event = field(default_factory=threading.Event)

    def text(self) -> bytes:
        """Return what is sent."""
        return json.dumps({self.command: self.arguments}).encode()

    def data(self) -> JsonObject:
        """Return the data of a reply that has some."""
        data = None if self.reply is None else self.reply.get("data")
        return data if isinstance(data, dict) else {}

    def fits(self, reply: JsonObject) -> bool:
        """Whether `reply` may be the answer: replies name their command, though maybe not all of them."""
        named = str(reply.get("command", "")).lower()
        if named in COMMANDS:
            return named == self.command
        if "error" in reply or reply.get("success") is False:
            return True
        if self.keys is None:
            return "data" not in reply
        return isinstance(reply.get("data"), dict) and self.keys <= reply["data"].keys()

    def end(self, reply: JsonObject | None, failure: str | None = None) -> None:
        """Note the answer, or why there is none; what comes after that is too late."""
        if self.answered.is_set():
            return
        self.reply, self.failure = reply, failure if reply is None else _malformed(self, reply)
        self.answered.set()


class Replies:
    """Requests that were sent and not answered, oldest first; not for several threads at once."""

    def __init__(self) -> None:
        self._waiting: list[Request] = []
        self.packet: JsonObject | None = None
        self.stray: str | None = None

    @property
    def count(self) -> int:
        """Number of requests without an answer."""
        return len(self._waiting)

    def commands(self) -> frozenset[str]:
        """Return what was asked and not answered."""
        return frozenset(request.command for request in self._waiting)

    def add(self, request: Request) -> None:
        """Expect an answer."""
        self.stray = None
        self._waiting.append(request)

    def take(self, text: bytes) -> bool:
        """Sort a complete object in; whether it was in order. Malformed text fails all that wait.

        The device answers in order: what was asked before the request that a reply fits gets no answer any more.
        """
        reply = self._read(text)
        if reply is None:
            return False
        if not REPLY_KEYS & reply.keys():
            self.packet = reply
            return True
        for place, request in enumerate(self._waiting):
            if request.fits(reply):
                unanswered, self._waiting = self._waiting[:place], self._waiting[place + 1 :]
                for other in unanswered:
                    other.end(None, f"gave no answer to {other.command}")
                request.end(reply)
                return request.failure is None
        self.stray = _shown(text)
        return False

    def garbage(self, text: bytes) -> None:
        """Take bytes that are no object: nobody knows whose answer is lost, so that nobody gets one."""
        self.fail(f"sent text that is no reply: {_shown(text)}")

    def fail(self, failure: str) -> None:
        """Let all that wait fail; those that were sent stay expected."""
        for request in self._waiting:
            if not request.answered.is_set():
                request.end(None, failure)

    def _read(self, text: bytes) -> JsonObject | None:
        try:
            return parsed(text)
        except ValueError as error:
            if any(request.commas_missing for request in self._waiting):
                return self._mended(text)
            self.garbage(text + f" ({error})".encode())
            return None

    def _mended(self, text: bytes) -> JsonObject | None:
        """Return an object with missing commas, if it answers a request in whose replies they are missing."""
        try:
            reply = parsed(with_commas(text))
        except ValueError:
            reply = {}
        if any(request.commas_missing and request.fits(reply) for request in self._waiting):
            return reply
        self.garbage(text)
        return None


def _malformed(request: Request, reply: JsonObject) -> str | None:
    """Return what is wrong with the form of a reply; a refusal is well-formed."""
    if "error" in reply or reply.get("success") is False:
        return None
    if reply.get("success", True) is not True:
        return f"answered {request.command} with a success that is neither true nor false: {reply['success']!r}"
    if request.keys is None:
        return None if reply.get("success") is True else f"did not say whether {request.command} succeeded: {reply!r}"
    data = reply.get("data")
    missing = sorted(request.keys - data.keys()) if isinstance(data, dict) else ["data"]
    return (
        f"answered {request.command} without {', '.join(missing)}: {_shown(repr(reply).encode())}" if missing else None
    )


def _shown(text: bytes) -> str:
    said = text.decode(errors="backslashreplace")
    return repr(said if len(said) <= SHOWN else said[:SHOWN] + "...")
