"""What a function generator that triggers a laser, and one that drives its gate, have in common."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import TypeVar

from drivers.interfaces.errors import CommunicationError, FaultError, StateError
from drivers.interfaces.rescue import Rescue
from drivers.laser.generator import Generator, open_generator
from drivers.laser.generator_settings import GeneratorSettings
from drivers.laser.generator_wire import GeneratorWire
from drivers.laser.light_control import LightControl
from drivers.wire.whose import check_whose

T = TypeVar("T")

OpenWire = Callable[[GeneratorSettings], Generator]

LEVEL_TOLERANCE_V = 0.02
RATE_TOLERANCE = 1e-4
"""Relative; one class of pymeasure writes frequencies with six digits."""

TRIES = 5
"""How often in a row a lost connection is opened again, each time when somebody asks, before a person has to do it."""

BY_HAND = "switch the laser off at its key switch, then look at the generator"


class GeneratorControl(LightControl):
    """What trigger and gate have in common: a connection that is opened again when it is needed to make safe."""

    def __init__(self, device: str, settings: GeneratorSettings, open_wire: OpenWire = open_generator) -> None:
        self._device, self._generator_settings = device, settings
        self._wire = GeneratorWire(device, settings, open_wire)
        self._times_safe = 0
        self._said = ""
        self._may_shine = False
        self._tries_left = TRIES

    @property
    def lost(self) -> bool:
        """Whether there is no connection (any more)."""
        return not self._wire.is_open

    @property
    def may_shine(self) -> bool:
        """Whether light was allowed, or the generator reached, and darkness was not read back since."""
        return self._may_shine

    def connect(self, *, simulated: bool) -> str:
        """Open the connection, hold the light back, and set everything up without light."""
        self._wire.open()
        try:
            said = self._wire.do(lambda generator: generator.identity())
            check_whose(self._device, said, simulated=simulated)
            self._refuse_another_model(said)
            self._may_shine = True
            self._hold_back()
            self._wire.do(lambda generator: generator.clear())
            self._arrange()
            if self.allowed():
                self._make_safe_once()
            self._may_shine = False
        except BaseException:
            self._wire.close()
            raise
        self._said, self._tries_left = said, TRIES
        return said

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def make_safe(self) -> None:
        """Hold the light back and read that back; over a new connection if there is none or the old one broke.

        Raises
        ------
        CommunicationError
            If nobody answers; then it may shine, whether or not it was connected before.
        """
        self._times_safe += 1
        closed = not self._wire.is_open and not self._wire.lost
        if closed and not self._may_shine:
            return
        try:
            self._make_safe_anyhow(new=closed)
        finally:
            if closed:
                self._wire.close()

    def _make_safe_anyhow(self, *, new: bool) -> None:
        """Make safe once over the connection that there is, unless a `new` one is needed, and once over a new one."""
        reason = self._wire.reason
        if not new:
            try:
                self._make_safe_once()
                return
            except CommunicationError:
                if not self._wire.lost and not self._may_shine:  # closed meanwhile by `close`, which had read it back
                    return
                reason = reason or self._wire.reason
        try:
            self._wire.open()
            self._make_safe_once()
        except CommunicationError as error:
            first = f" (the connection was lost: {reason})" if reason and reason not in error.message else ""
            raise CommunicationError(
                self._device, f"could not be made dark for certain: {error.message}{first}; {BY_HAND}"
            ) from error

    def allow(self) -> None:
        """Set everything up without light, read it back, and only then let light through.

        Raises
        ------
        FaultError
            If the generator does not do what it is told.
        StateError
            If it was made safe meanwhile.
        """
        times = self._times_safe
        self._arrange_surely()
        self._may_shine = True
        self._wire.do(lambda generator: self._let_through(generator, times))
        if self._times_safe != times:
            self._make_safe_once()
            raise self._made_safe()
        if not self.allowed():
            raise FaultError(self._device, f"{self._wire.name} does not switch the light on; look at the instrument")

    def _ask(self, question: Callable[[Generator], T]) -> T:
        """Ask; a connection that is lost is opened again first, up to `TRIES` times in a row without an answer."""
        self._reconnect()
        found = self._wire.do(question)
        self._tries_left = TRIES
        return found

    def _reconnect(self) -> None:
        """Open a lost connection again, if the same instrument answers; what it says next is read, never assumed.

        Raises
        ------
        CommunicationError
            If it does not answer, or another instrument does.
        """
        if not self._wire.lost or self._tries_left == 0:
            return
        self._tries_left -= 1
        self._wire.open(only_if_lost=True)
        said = self._wire.do(lambda generator: generator.identity())
        if said != self._said:
            self._wire.lose(f"{said!r} answers where {self._said!r} did")
            raise CommunicationError(
                self._device,
                f"{self._wire.name} answers {said!r}, but it was {self._said!r}; look at it, then connect "
                f"it again (`cascadescope reconnect {self._device}`)",
            )

    def _arrange_surely(self) -> None:
        """Set everything up; once more over a new connection if the one that there is breaks meanwhile."""
        self._reconnect()
        try:
            self._arrange()
        except CommunicationError:
            if not self._wire.lost:
                raise
            self._reconnect()
            self._arrange()
        self._tries_left = TRIES

    def _let_through(self, generator: Generator, times: int) -> None:
        if self._times_safe != times:
            raise self._made_safe()
        self._say_on(generator)

    def _made_safe(self) -> StateError:
        return StateError(self._device, "was made safe while it was being switched on; it stays dark")

    def _make_safe_once(self) -> None:
        if self._wire.lost:
            self._wire.open(only_if_lost=True)
        self._hold_back()
        if self.allowed():
            raise FaultError(self._device, f"{self._wire.name} does not take the light off; {BY_HAND}")
        self._may_shine = False

    def _refuse_another_model(self, said: str) -> None:
        answers = self._generator_settings.facts.answers
        if not any(part in said for part in answers):
            model = self._generator_settings.model
            message = f"{said!r} answers at {self._generator_settings.address}, which is no {model}; correct the rig"
            raise StateError(self._device, f"{message} file. Nothing was sent to it")

    def _rescue(self, command: str, question: str, expected: float, *, driven: bool = False) -> Rescue:
        """Return the rescue that says one command; with `driven` it switches the output on after it."""
        settings, facts = self._generator_settings, self._generator_settings.facts
        arguments: dict[str, str | float | int | bool | None] = {
            "address": settings.address,
            "visa_library": settings.visa_library,
            "command": command.format(ch=settings.channel),
            "question": question.format(ch=settings.channel),
            "expected": expected,
        }
        if driven:
            arguments["drive"] = facts.on.format(ch=settings.channel)
            arguments["is_driven"] = facts.output.format(ch=settings.channel)
        return Rescue(device=self._device, kind="scpi_generator", arguments=arguments)

    def _confirm(self, what: str, found: float, wanted: float, tolerance: float) -> None:
        if not math.isfinite(found) or abs(found - wanted) > tolerance:
            raise FaultError(
                self._device,
                f"{self._wire.name} was set to {what} {wanted:g} but reads {found:g}; the output stays off. Look at "
                "the instrument: a limit or another user may be in the way",
            )

    def _choose_shape(self, shape: str) -> None:
        self._wire.do(lambda generator: generator.set_shape(shape))
        found = self._wire.do(lambda generator: generator.shape())
        if not found.startswith(shape):
            raise FaultError(self._device, f"{self._wire.name} was set to {shape} but reads {found}; look at it")

    @abstractmethod
    def _hold_back(self) -> None:
        """Say what takes the light away, without waiting."""

    @abstractmethod
    def _arrange(self) -> None:
        """Set up everything that light will need, without light, and read it back."""

    @abstractmethod
    def _say_on(self, generator: Generator) -> None:
        """Say what lets light through."""
