"""A function generator whose pulses a laser follows."""

from collections.abc import Mapping

from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.laser import LaserAuthority
from drivers.interfaces.rescue import Rescue
from drivers.laser.generator import Generator, open_generator
from drivers.laser.generator_control import LEVEL_TOLERANCE_V, RATE_TOLERANCE, GeneratorControl, OpenWire
from drivers.laser.generator_settings import MAX_INPUT_V, TriggerSettings


class TriggerControl(GeneratorControl):
    """Pulses on the trigger input: without pulses there is no light.

    Parameters
    ----------
    device : str
        Name of the laser in its rig.
    settings : TriggerSettings
        The generator and its levels.
    rate_hz : float
        Repetition rate at first.
    """

    authority = LaserAuthority.TRIGGER

    def __init__(
        self, device: str, settings: TriggerSettings, rate_hz: float, open_wire: OpenWire = open_generator
    ) -> None:
        super().__init__(device, settings, open_wire)
        self._settings, self._rate_hz = settings, rate_hz

    @property
    def set_rate_hz(self) -> float:
        """Repetition rate that was set last."""
        return self._rate_hz

    def set_rate(self, rate_hz: float) -> None:
        """Set the repetition rate and read it back; the output stays as it is."""
        self._rate_hz = rate_hz
        self._reconnect()
        self._wire.do(lambda generator: generator.set_frequency_hz(rate_hz))
        self._confirm("repetition rate (Hz)", self.rate(), rate_hz, RATE_TOLERANCE * rate_hz)
        self._wire.refuse_errors("the repetition rate was set")

    def rate(self) -> float:
        """Return the repetition rate as read now."""
        return self._ask(lambda generator: generator.frequency_hz())

    def allowed(self) -> bool:
        """Return whether the output is on, as read now."""
        return self._ask(lambda generator: generator.output())

    def readings(self) -> Mapping[str, PlainValue]:
        """Return output, rate and levels at the input, as read now."""
        low_v, high_v = self._ask(lambda generator: generator.levels_v())
        scale = self._settings.displayed_per_volt
        return {
            "trigger_output": self.allowed(),
            "repetition_rate_hz": self.rate(),
            "trigger_high_v": high_v / scale,
            "trigger_low_v": low_v / scale,
        }

    def rescue(self) -> Rescue:
        """Return how another process switches the output off."""
        facts = self._settings.facts
        return self._rescue(facts.off, facts.output, 0.0)

    def _hold_back(self) -> None:
        self._wire.do_urgently(lambda generator: generator.set_output(on=False))

    def _say_on(self, generator: Generator) -> None:
        generator.set_output(on=True)

    def _arrange(self) -> None:
        if self.allowed():
            self._make_safe_once()
        settings, do = self._settings, self._wire.do
        low_v, high_v = (volts * settings.displayed_per_volt for volts in (settings.low_v, settings.high_v))
        if max(abs(low_v), abs(high_v)) > MAX_INPUT_V:
            raise FaultError(self._device, f"levels of {low_v:g} and {high_v:g} V would damage the trigger input")
        if settings.facts.sets_load:
            do(lambda generator: generator.set_load_50_ohm())
            self._confirm("a load (ohm) of", do(lambda generator: generator.load_ohm()), 50.0, 0.5)
        self._shape()
        do(lambda generator: generator.set_levels_v(low_v, high_v))
        do(lambda generator: generator.limit_v(MAX_INPUT_V))
        found = do(lambda generator: generator.levels_v())
        self._confirm("a low level (V) of", found[0], low_v, LEVEL_TOLERANCE_V)
        self._confirm("a high level (V) of", found[1], high_v, LEVEL_TOLERANCE_V)
        self.set_rate(self._rate_hz)

    def _shape(self) -> None:
        width_s = self._settings.pulse_width_s
        self._choose_shape("SQU" if width_s is None else "PULS")
        if width_s is None:
            return
        # the period must be longer than the pulse before its width is set
        self._wire.do(lambda generator: generator.set_frequency_hz(self._rate_hz))
        self._wire.do(lambda generator: generator.set_pulse_width_s(width_s))
        self._confirm(
            "a pulse width (s) of", self._wire.do(lambda generator: generator.pulse_width_s()), width_s, 0.01 * width_s
        )
