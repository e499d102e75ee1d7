"""What a function generator that triggers a laser, and one that drives its gate, have in common."""

import math
from abc import abstractmethod
from collections.abc import Callable

from drivers.interfaces.errors import CommunicationError, FaultError, StateError
from drivers.interfaces.rescue import Rescue
from drivers.laser.generator import Generator, open_generator
from drivers.laser.generator_settings import GeneratorSettings
from drivers.laser.generator_wire import GeneratorWire
from drivers.laser.light_control import LightControl
from drivers.wire.whose import check_whose

OpenWire = Callable[[GeneratorSettings], Generator]

LEVEL_TOLERANCE_V = 0.02
RATE_TOLERANCE = 1e-4
"""Relative; one class of pymeasure writes frequencies with six digits."""

BY_HAND = "switch the laser off at its key switch, then look at the generator"


class GeneratorControl(LightControl):
    """What trigger and gate have in common: a connection that is opened again when it is needed to make safe."""

    def __init__(self, device: str, settings: GeneratorSettings, open_wire: OpenWire = open_generator) -> None:
        self._device, self._generator_settings = device, settings
        self._wire = GeneratorWire(device, settings, open_wire)
        self._times_safe = 0

    @property
    def lost(self) -> bool:
        """Whether the connection broke while it was in use."""
        return self._wire.lost

    def connect(self, *, simulated: bool) -> str:
        """Open the connection, hold the light back, and set everything up without light."""
        self._wire.open()
        try:
            said = self._wire.do(lambda generator: generator.identity())
            check_whose(self._device, said, simulated=simulated)
            self._refuse_another_model(said)
            self._hold_back()
            self._wire.do(lambda generator: generator.clear())
            self._arrange()
        except BaseException:
            self._wire.close()
            raise
        return said

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def make_safe(self) -> None:
        """Hold the light back and read that back; over a new connection if the old one broke."""
        self._times_safe += 1
        if not self._wire.is_open and not self._wire.lost:
            return
        try:
            self._make_safe_once()
        except CommunicationError:
            if not self._wire.lost:  # closed meanwhile by `close`, which made it safe before
                return
            try:
                self._wire.open()
                self._make_safe_once()
            except CommunicationError as error:
                raise CommunicationError(
                    self._device, f"could not be made dark for certain: {error.message}; {BY_HAND}"
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
        self._arrange()
        self._wire.do(lambda generator: self._let_through(generator, times))
        if self._times_safe != times:
            self._make_safe_once()
            raise self._made_safe()
        if not self.allowed():
            raise FaultError(self._device, f"{self._wire.name} does not switch the light on; look at the instrument")

    def _let_through(self, generator: Generator, times: int) -> None:
        if self._times_safe != times:
            raise self._made_safe()
        self._say_on(generator)

    def _made_safe(self) -> StateError:
        return StateError(self._device, "was made safe while it was being switched on; it stays dark")

    def _make_safe_once(self) -> None:
        if self._wire.lost:
            self._wire.open()
        self._hold_back()
        if self.allowed():
            raise FaultError(self._device, f"{self._wire.name} does not take the light off; {BY_HAND}")

    def _refuse_another_model(self, said: str) -> None:
        answers = self._generator_settings.facts.answers
        if not any(part in said for part in answers):
            model = self._generator_settings.model
            message = f"{said!r} answers at {self._generator_settings.address}, which is no {model}; correct the rig"
            raise StateError(self._device, f"{message} file. Nothing was sent to it")

    def _rescue(self, command: str, question: str, expected: float) -> Rescue:
        settings = self._generator_settings
        arguments: dict[str, str | float | int | bool | None] = {
            "address": settings.address,
            "visa_library": settings.visa_library,
            "command": command.format(ch=settings.channel),
            "question": question.format(ch=settings.channel),
            "expected": expected,
        }
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
