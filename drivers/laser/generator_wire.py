"""The connection to a function generator: one question at a time, and one command that never waits for its turn."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError
from drivers.laser.generator import Generator, open_generator
from drivers.laser.generator_settings import GeneratorSettings
from drivers.wire.address import VISA_FORMS
from drivers.wire.said import in_words

T = TypeVar("T")

URGENT_WAIT_S = 0.2
"""Longest that what makes safe waits for its turn."""

MAX_ERRORS = 20
"""Longest error queue that is believed."""


class GeneratorWire:
    """A connection that is given up at the first doubt, so that no late reply is taken for that to another question.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig, for messages.
    settings : GeneratorSettings
        Address and model.
    open_wire : callable, optional
        Opens the connection; over VISA by default.
    """

    def __init__(
        self,
        device: str,
        settings: GeneratorSettings,
        open_wire: Callable[[GeneratorSettings], Generator] = open_generator,
    ) -> None:
        self._device, self._settings, self._open_wire = device, settings, open_wire
        self._lock = threading.Lock()
        self._generator: Generator | None = None
        self._lost = ""

    @property
    def name(self) -> str:
        """What messages call the instrument at the other end."""
        return f"the function generator {self._settings.model} at {self._settings.address}"

    @property
    def lost(self) -> bool:
        """Whether the connection broke while it was in use."""
        return bool(self._lost)

    @property
    def reason(self) -> str:
        """Why the connection broke; empty if it did not."""
        return self._lost

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._generator is not None

    def open(self, *, only_if_lost: bool = False) -> None:
        """Open the connection anew, or `only_if_lost`. Raises `CommunicationError` if nobody is there."""
        with self._turn():
            if only_if_lost and self._generator is not None:
                return
            self._give_up()
            try:
                self._generator = self._open_wire(self._settings)
            except Exception as error:  # pyvisa and its libraries raise errors of any kind here
                raise CommunicationError(
                    self._device,
                    f"{self.name} cannot be reached ({in_words(error)}); switch it on, and check cable and "
                    f"address ({VISA_FORMS})",
                ) from error
            self._lost = ""

    def close(self) -> None:
        """Close the connection; no effect if there is none."""
        with self._turn():
            self._give_up()
            self._lost = ""

    def do(self, action: Callable[[Generator], T]) -> T:
        """Do one exchange with the generator.

        Raises
        ------
        CommunicationError
            If it does not answer, or not what was asked; the connection is then given up.
        """
        with self._turn():
            generator = self._generator
            if generator is None:
                raise self._not_connected()
            with self._giving_up_at_errors():
                return action(generator)

    def do_urgently(self, action: Callable[[Generator], None]) -> None:
        """Say what needs no answer, without waiting longer than 0.2 s for those who wait for theirs.

        The command then goes out between the question of another thread and its answer; that thread may lose
        its answer, but an output that is to go off goes off.

        Raises
        ------
        CommunicationError
            If there is no connection, or it breaks.
        """
        generator = self._generator
        if generator is None:
            raise self._not_connected()
        mine = self._lock.acquire(timeout=URGENT_WAIT_S)
        try:
            with self._giving_up_at_errors():
                action(generator)
        finally:
            if mine:
                self._lock.release()

    def refuse_errors(self, doing: str) -> None:
        """Read the error queue to its end.

        Raises
        ------
        FaultError
            If there is an error in it.
        """
        errors = []
        for _ in range(MAX_ERRORS):
            number, text = self.do(lambda generator: generator.next_error())
            if number == 0:
                break
            errors.append(f"{number} {text}")
        if errors:
            raise FaultError(
                self._device,
                f"{self.name} reports {'; '.join(errors)} after {doing}; correct the settings of the rig file for this "
                "model, or look at the instrument",
            )

    def lose(self, reason: str) -> None:
        """Give the connection up for a reason."""
        self._give_up()
        self._lost = reason

    @property
    def _again(self) -> str:
        return f"connect it again (`cascadescope pause`, then `cascadescope reconnect {self._device}`)"

    def _not_connected(self) -> CommunicationError:
        reason = self._lost or "the connection is closed"
        return CommunicationError(self._device, f"{self.name} is not connected any more ({reason}); {self._again}")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=2 * self._settings.timeout_s + 1.0):
            raise DeviceTimeoutError(self._device, f"{self.name} is busy with another request that does not end")
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _giving_up_at_errors(self) -> Iterator[None]:
        try:
            yield
        except DeviceError:
            raise
        except BaseException as error:
            self.lose(in_words(error))
            if not isinstance(error, Exception):
                raise
            if "VI_ERROR_TMO" in str(error):
                raise DeviceTimeoutError(
                    self._device,
                    f"{self.name} did not answer within {self._settings.timeout_s:g} s; look whether it is on and "
                    f"its cable plugged in, then {self._again}",
                ) from error
            raise CommunicationError(
                self._device,
                f"{self.name} did not answer as it should ({in_words(error)}); check address, cable and model, then "
                f"{self._again}",
            ) from error

    def _give_up(self) -> None:
        generator, self._generator = self._generator, None
        if generator is not None:
            with suppress(Exception):  # whatever a broken connection says when it is closed
                generator.close()
