"""The wire of a VAHEAT: one thread reads the port and sorts what comes; any thread may send."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from drivers.heater.vaheat_json import JsonObject, ObjectStream
from drivers.heater.vaheat_port import SerialPort, available
from drivers.heater.vaheat_replies import Replies, Request
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError

QUIET_S = 0.3
LONGEST_S = 1.0
"""An object that has not ended after this long without a byte, or this long at all, was cut off."""

LOCK_S = 0.3
"""Longest wait for a lock that is held while bytes are written, which takes 0.2 s at most."""

TURN_S = 10.0
"""Longest wait for the requests of other threads."""

JOIN_S = 2.0
MOST_WITHOUT_ANSWER = 50

RECONNECT = "check its cable and power, then reconnect it"

PROBES = (
    ("get_info", frozenset({"serial_number", "version"})),
    ("get_settings", frozenset({"temperature_limit", "limit_enabled"})),
)
"""Questions whose answers cannot be taken for one another; one of them finds the step again."""


class VaheatWire:
    """Requests and replies over a port. One thread reads until `close`.

    Requests are made one at a time (`ask`), but for those that stop the heating (`post`, `stop`), which go out
    at once. After a request without an answer, the next one is sent only when another question was answered, so
    that a late reply is never taken for the answer to something else.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    port : SerialPort
        Open; closed by `close`.
    each_turn : callable
        Called with the wire by the reading thread every 0.05 s or so; must not wait.
    """

    def __init__(self, device: str, port: SerialPort, each_turn: Callable[["VaheatWire"], None]) -> None:
        self._device, self._port, self._each_turn = device, port, each_turn
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._replies, self._stream = Replies(), ObjectStream()
        self._out_of_step = False
        self._broken: str | None = None
        self._stops = 0
        self._heard_s = self._begun_s = time.monotonic()
        self._ending = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"{device} reader")
        self._reader.start()

    @property
    def broken(self) -> str | None:
        """Why nothing can be sent or read any more; None if it can."""
        return self._broken

    @property
    def stops(self) -> int:
        """How often the heating was stopped."""
        return self._stops

    @property
    def packet(self) -> JsonObject | None:
        """The last packet of streaming."""
        return self._replies.packet

    def close(self) -> None:
        """End the reading thread and close the port; no effect if closed."""
        self._ending.set()
        if threading.current_thread() is not self._reader:
            self._reader.join(JOIN_S)
        self._break("the connection was closed")
        with suppress(OSError):
            self._port.close()

    def ask(self, request: Request, timeout_s: float, *, unless_stopped_since: int | None = None) -> JsonObject:
        """Send a request, wait for its answer, and return it.

        Raises
        ------
        DeviceTimeoutError
            If there is no answer in time.
        CommunicationError
            If the answer is malformed or the wire broken.
        StateError
            If the device refuses, or the heating was stopped since `stops` was as given: nothing is sent then.
        """
        if not self._turn.acquire(timeout=TURN_S):
            raise DeviceTimeoutError(self._device, f"was busy for {TURN_S:g} s; try again")
        try:
            if self._out_of_step:
                self._find_step(timeout_s)
            return self.answer(self.post(request, unless_stopped_since=unless_stopped_since), timeout_s)
        finally:
            self._turn.release()

    def post(self, request: Request, *, unless_stopped_since: int | None = None) -> Request:
        """Send a request at once, whatever else is under way, and return it; `answer` waits for its answer."""
        self._send(request, unless_stopped_since)
        return request

    def stop(self) -> Request:
        """Send ``stop_heating`` at once; what was about to start the heating is not sent any more."""
        self._stops += 1
        return self.post(Request("stop_heating"))

    def answer(self, request: Request, timeout_s: float) -> JsonObject:
        """Wait for the answer to a request that was sent, and return it; raises as `ask` does."""
        if not request.answered.wait(timeout_s):
            self._out_of_step = True
            with_stray = f"; it sent {self._replies.stray} instead" if self._replies.stray else ""
            raise DeviceTimeoutError(
                self._device, f"gave no answer to {request.command} within {timeout_s:g} s{with_stray}; {RECONNECT}"
            )
        if self._broken is not None and request.reply is None:
            raise self._failure()
        if request.failure is not None or request.reply is None:
            self._out_of_step = True
            raise CommunicationError(self._device, f"{request.failure}; {RECONNECT} if that happens again")
        if "error" in request.reply or request.reply.get("success") is False:
            raise StateError(self._device, f"refuses {request.command} {request.arguments!r}: {_reason(request.reply)}")
        return request.reply

    def _find_step(self, timeout_s: float) -> None:
        """Ask what cannot be taken for what was asked before: after its answer nothing older can come."""
        with self._lock:
            if self._stream.unfinished:
                self._replies.garbage(self._stream.give_up())
            unanswered = self._replies.commands()
        probe = next(((command, keys) for command, keys in PROBES if command not in unanswered), None)
        if probe is None:
            self._break("it does not answer")
            raise self._failure()
        self.answer(self.post(Request(probe[0], keys=probe[1])), timeout_s)
        self._out_of_step = False

    def _send(self, request: Request, unless_stopped_since: int | None) -> None:
        if not self._lock.acquire(timeout=LOCK_S):
            raise DeviceTimeoutError(self._device, f"the port takes no bytes; {RECONNECT}")
        try:
            if self._broken is not None:
                raise self._failure()
            if unless_stopped_since is not None and self._stops != unless_stopped_since:
                raise StateError(self._device, f"was stopped meanwhile; {request.command} was not sent")
            if self._replies.count >= MOST_WITHOUT_ANSWER:
                self._broken = "it does not answer"
                raise self._failure()
            self._replies.add(request)
            self._port.write(request.text())
        except OSError as error:
            self._broken = str(error)
            raise self._failure() from error
        finally:
            self._lock.release()

    def _read(self) -> None:
        """Read until the end; if the program ends without closing, stop the heating first."""
        while not self._ending.is_set() and self._broken is None:
            try:
                self._take(available(self._port))
                self._each_turn(self)
                if not threading.main_thread().is_alive():
                    self.stop()
                    self._ending.set()
            except (OSError, TypeError, ValueError) as error:  # pyserial says TypeError when the port has gone
                self._break(str(error))
            except CommunicationError as error:
                self._break(error.message)

    def _take(self, data: bytes) -> None:
        """Sort in what has come; give up what takes too long to end."""
        now_s = time.monotonic()
        if data:
            self._heard_s = now_s
        with self._lock:
            if not self._stream.unfinished:
                self._begun_s = now_s
            elif now_s - self._heard_s > QUIET_S or now_s - self._begun_s > LONGEST_S:
                self._replies.garbage(self._stream.give_up())
                self._out_of_step = True
            for text in self._stream.feed(data):
                if not self._replies.take(text):
                    self._out_of_step = True

    def _break(self, reason: str) -> None:
        with self._lock:
            self._broken = self._broken or reason
            self._replies.fail(reason)

    def _failure(self) -> CommunicationError:
        return CommunicationError(
            self._device,
            f"cannot be reached: {self._broken}. If it was heating, it may still be: switch it off at the device; "
            f"{RECONNECT}",
        )


def _reason(reply: JsonObject) -> str:
    """Return the device's own words; which there are was not found."""
    said = {key: value for key, value in reply.items() if key not in {"command", "success", "data"}}
    return ", ".join(f"{key} {value}" for key, value in said.items()) or "it gives no reason"
