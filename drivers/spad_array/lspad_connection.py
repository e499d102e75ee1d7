"""The one connection to lSPAD: who may talk when, and how the bias goes off at any moment."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from drivers.rescue.lspad import rescue
from drivers.spad_array.lspad_replies import Answer, UnitStatus, parse_status
from drivers.spad_array.lspad_wire import LOCK_S, LspadWire
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings

SETTLE_S = 1.0
"""Longest wait for the confirmation of the safe commands."""


class AcquiringError(StateError):
    """lSPAD cannot be asked during a stream, as its replies would stand among the records."""


class LspadConnection:
    """The connection to lSPAD. Any thread may switch off at any time; the others take turns.

    A question without an answer, or a reply that is none, ends the connection: a late reply could be taken for
    the answer to something else.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    settings : SpadLambdaSettings
        Of the rig file.
    """

    def __init__(self, device: str, settings: SpadLambdaSettings) -> None:
        self._device, self._settings = device, settings
        self._turn, self._power = threading.Lock(), threading.Lock()
        self._wire: LspadWire | None = None
        self._unread = False
        self._streaming = False
        self._perhaps_on = False
        self._switched_off = 0
        self._status: tuple[UnitStatus, float] | None = None
        self.bias = False

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None

    @property
    def wire(self) -> LspadWire:
        """The connection. Raises `StateError` if there is none."""
        wire = self._wire
        if wire is None:
            raise StateError(self._device, "is not connected; connect it first")
        return wire

    def close(self) -> None:
        """Switch off and hang up; no effect if closed."""
        wire = self._wire
        if wire is None and not self._perhaps_on:
            return
        try:
            self.switch_off()
        finally:
            self._wire = None
            if wire is not None:
                wire.close()

    def switch_off(self) -> None:
        """Send STOP and POW,0, and wait shortly for what comes back unless photons are read.

        Raises
        ------
        CommunicationError
            If lSPAD cannot be told, neither on this connection nor on a new one, or does not confirm that a bias
            that was on is off.
        """
        wire, was_on = self._wire, self.bias
        held = self._power.acquire(timeout=LOCK_S)
        try:
            self._switched_off += 1
            self.bias = False
            if wire is not None:
                self._unread = True
                wire.send("STOP", "POW,0")
        except CommunicationError:
            self._give_up()
        finally:
            if held:
                self._power.release()
        if wire is not None and wire is self._wire and self._turn.acquire(timeout=LOCK_S):
            try:
                self._hear_confirmation(wire, was_on=was_on)
            finally:
                self._turn.release()
        if self._perhaps_on:
            self._rescue()

    def _hear_confirmation(self, wire: LspadWire, *, was_on: bool) -> None:
        """Read what comes after the safe commands, unless a stream is being read."""
        if self._streaming:
            return
        try:
            wire.question()
            self._note(wire.answer(SETTLE_S))
            self._unread = False
        except DeviceTimeoutError as error:  # whoever asks next waits for it
            if was_on:
                raise DeviceTimeoutError(
                    self._device,
                    f"does not confirm in {SETTLE_S:g} s that its bias is off; look at the window of lSPAD, and keep "
                    "light away from it until then",
                ) from error
        except CommunicationError:
            self._give_up()

    def _ask(self, *commands: str) -> str:
        """Send commands, and return the text of their replies; the status is asked for, too."""
        with self._talking() as wire:
            wire.question(*commands)
            return self._note(wire.answer(self._settings.reply_timeout_s))

    def _note(self, answer: Answer) -> str:
        """Keep the status of an answer and return its text."""
        known = self._status
        field_count = None if known is None else known[0].field_count
        self._status = parse_status(self._device, answer.status, field_count), time.monotonic()
        return answer.text

    @contextmanager
    def _talking(self, *, also_in_stream: bool = False) -> Iterator[LspadWire]:
        """Wait for one's turn; a connection that fails meanwhile is given up."""
        if not self._turn.acquire(timeout=self._settings.reply_timeout_s):
            raise DeviceTimeoutError(self._device, "is busy with the commands of others; try again")
        try:
            wire = self.wire
            if self._streaming and not also_in_stream:
                raise AcquiringError(
                    self._device, "is acquiring and cannot be asked; wait for the end, or close the stream"
                )
            if self._unread and not self._streaming:
                self._catch_up(wire)
            yield wire
        except CommunicationError:
            self._give_up()
            raise
        finally:
            self._turn.release()

    def _catch_up(self, wire: LspadWire, patience_s: float | None = None) -> None:
        """Read what is owed: the replies to all that was sent."""
        wire.question()
        self._note(wire.answer(self._settings.reply_timeout_s if patience_s is None else patience_s))
        self._unread = False

    def _give_up(self) -> None:
        """Hang up; try to switch off before. Without a confirmation the bias counts as on."""
        wire, self._wire = self._wire, None
        self._perhaps_on = self._perhaps_on or self.bias or self._unread
        self._streaming = self.bias = False
        if wire is not None:
            with suppress(CommunicationError):
                wire.send("STOP", "POW,0")
            wire.close()

    def _rescue(self) -> None:
        """Switch off on a connection of its own."""
        try:
            rescue(self._settings.host, self._settings.port)
        except OSError as error:
            raise CommunicationError(
                self._device,
                f"the bias may be on, and lSPAD cannot be told to switch it off ({error}); switch it off in lSPAD or "
                "at the unit, and keep light away from it until then",
            ) from error
        self._perhaps_on = False
