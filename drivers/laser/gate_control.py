"""A function generator whose level opens and closes the gate of a laser."""

from collections.abc import Mapping

from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.laser import LaserAuthority
from drivers.interfaces.rescue import Rescue
from drivers.laser.generator import Generator, open_generator
from drivers.laser.generator_control import BY_HAND, LEVEL_TOLERANCE_V, GeneratorControl, OpenWire
from drivers.laser.generator_settings import GateSettings


class GateControl(GeneratorControl):
    """A level on a gate input. The closed state is a driven level, as an open input may count as open gate."""

    authority = LaserAuthority.GATE

    def __init__(self, device: str, settings: GateSettings, open_wire: OpenWire = open_generator) -> None:
        super().__init__(device, settings.generator, open_wire)
        self._gate = settings

    def allowed(self) -> bool:
        """Return whether the gate is not certainly closed: the level is not that of closed, or not driven."""
        closed = abs(self._ask(lambda generator: generator.offset_v()) - self._gate.closed_v) <= 0.1
        return not (closed and self._ask(lambda generator: generator.output()))

    def readings(self) -> Mapping[str, PlainValue]:
        """Return the level of the gate and whether it is driven, as read now."""
        return {
            "gate_level_v": self._ask(lambda generator: generator.offset_v()),
            "gate_driven": self._ask(lambda generator: generator.output()),
        }

    def _make_safe_once(self) -> None:
        if self._wire.lost:
            self._wire.open(only_if_lost=True)
        self._hold_back()
        if not self._wire.do(lambda generator: generator.output()):
            self._wire.do(lambda generator: generator.set_output(on=True))
        super()._make_safe_once()

    def rescue(self) -> Rescue:
        """Return how another process sets the level of the closed gate, and drives it."""
        facts = self._generator_settings.facts
        closed_v = self._gate.closed_v
        return self._rescue(f"{facts.offset} {closed_v:f}", f"{facts.offset}?", closed_v, driven=True)

    def _hold_back(self) -> None:
        self._wire.do_urgently(lambda generator: generator.set_offset_v(self._gate.closed_v))

    def _say_on(self, generator: Generator) -> None:
        generator.set_offset_v(self._gate.open_v)

    def _arrange(self) -> None:
        do, closed_v = self._wire.do, self._gate.closed_v
        if self._generator_settings.facts.sets_load:
            do(lambda generator: generator.set_load_50_ohm())
            self._confirm("a load (ohm) of", do(lambda generator: generator.load_ohm()), 50.0, 0.5)
        self._choose_shape("DC")
        do(lambda generator: generator.set_offset_v(closed_v))
        self._confirm("a closed gate (V) of", do(lambda generator: generator.offset_v()), closed_v, LEVEL_TOLERANCE_V)
        do(lambda generator: generator.set_output(on=True))
        if not do(lambda generator: generator.output()):
            raise FaultError(self._device, f"{self._wire.name} does not drive the gate; {BY_HAND}")
        self._wire.refuse_errors("the gate was set up")
