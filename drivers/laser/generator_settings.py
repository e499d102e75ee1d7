"""Which function generators can trigger or gate a laser, and how a rig file describes one.

The facts are those of pymeasure 0.16 (its command strings and ranges); what is marked "from memory" stands in
no source that was at hand. Nothing here was tried on hardware.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Hertz, Seconds, quantity
from drivers.wire.address import VisaAddress

Volts = Annotated[float, quantity("V", "a voltage", "2.5 V")]

MAX_INPUT_V = 5.0
"""Absolute maximum at the trigger input of the PDL 800-D, either sign; beyond it its electronics may be damaged."""

LASER_HIGH_HZ = 80e6
"""Highest rate that the PDL 800-D takes at its trigger input; the lowest is a single shot."""

LOWEST_RATE_HZ = 1.0

GeneratorModel: TypeAlias = Literal[
    "Agilent33500", "Agilent33521A", "Keysight33250A", "Keysight81160A", "Agilent33220A", "DG800", "AFG3152C"
]


@dataclass(frozen=True, slots=True)
class GeneratorFacts:
    """What a class of pymeasure can do, and the commands that a rescue sends without it.

    Attributes
    ----------
    module : str
        Where the class is.
    answers : tuple of str
        One of these stands in the reply to ``*IDN?`` of such an instrument.
    channels : int
        Number of outputs.
    sets_load : bool
        Whether the class can set and read the load that displayed voltages are for.
    square_high_hz : float
        Highest rate of a square wave.
    pulse_high_hz : float or None
        Highest rate of pulses of a set width; None if the class cannot send a width below 1 us.
    shortest_pulse_s : float
        Shortest width of a pulse.
    off, on, output, offset : str
        Commands: output off, output on, is the output on, DC offset; ``{ch}`` is the channel.
    """

    module: str
    answers: tuple[str, ...]
    channels: int
    sets_load: bool
    square_high_hz: float
    pulse_high_hz: float | None
    shortest_pulse_s: float
    off: str
    on: str
    output: str
    offset: str


_AGILENT, _KEYSIGHT = "pymeasure.instruments.agilent", "pymeasure.instruments.keysight"
_ONE = ("OUTP 0", "OUTP 1", "OUTP?", "VOLT:OFFS")

MODELS: Mapping[GeneratorModel, GeneratorFacts] = MappingProxyType(
    {
        "Agilent33500": GeneratorFacts(
            *(_AGILENT, ("335", "336"), 2, True, 30e6, 30e6, 16e-9),
            *("OUTP{ch} 0", "OUTP{ch} 1", "OUTP{ch}?", "SOUR{ch}:VOLT:OFFS"),
        ),
        "Agilent33521A": GeneratorFacts(_AGILENT, ("33521A",), 1, True, 30e6, 30e6, 16e-9, *_ONE),
        "Keysight33250A": GeneratorFacts(_KEYSIGHT, ("33250A",), 1, True, 80e6, 50e6, 8e-9, *_ONE),
        "Keysight81160A": GeneratorFacts(
            *(_KEYSIGHT, ("81160A",), 2, True, 330e6, 330e6, 1.5e-9),
            *("OUTP{ch} 0", "OUTP{ch} 1", "OUTP{ch}?", ":VOLT{ch}:OFFS"),
        ),
        # 20 MHz: from memory. pymeasure writes the width of a pulse with %f here, so that 100 ns become 0.
        "Agilent33220A": GeneratorFacts(_AGILENT, ("33220A",), 1, False, 20e6, None, 20e-9, *_ONE),
        # 10 MHz: from memory, the smallest of the series. The width of a pulse is written with %f here, too.
        "DG800": GeneratorFacts(
            *("pymeasure.instruments.rigol", ("DG8",), 2, True, 10e6, None, 16e-9),
            *(":OUTP{ch} OFF", ":OUTP{ch} ON", ":OUTP{ch}?", ":SOUR{ch}:VOLT:OFFS"),
        ),
        # 100 MHz: from memory. pymeasure sends the load below SOURce, where the instrument has none.
        "AFG3152C": GeneratorFacts(
            *("pymeasure.instruments.tektronix", ("AFG3",), 2, False, 100e6, None, 16e-9),
            *("output{ch}:state off", "output{ch}:state on", "output{ch}:state?", "source{ch}:voltage:offset"),
        ),
    }
)


class GeneratorSettings(ConfigModel):
    """A function generator on VISA.

    `model` is the class of pymeasure that speaks to it. `load` is what its menu is set to, for a class that
    cannot set it: declared by a person, as nothing reads it back.
    """

    model: GeneratorModel
    address: VisaAddress = Field(min_length=1)
    channel: int = Field(ge=1, default=1)
    load: Literal["50 ohm", "high impedance"] | None = None
    visa_library: str = "@py"
    timeout_s: Seconds = Field(ge=0.02, le=0.4, default=0.4)

    @property
    def facts(self) -> GeneratorFacts:
        """What the model can do."""
        return MODELS[self.model]

    @property
    def displayed_per_volt(self) -> float:
        """Voltage that the generator displays for 1 V at an input of 50 ohm."""
        return 2.0 if self.load == "high impedance" else 1.0

    @model_validator(mode="after")
    def _fits_the_model(self) -> Self:
        facts = self.facts
        if self.channel > facts.channels:
            raise ValueError(f"{self.model} has {facts.channels} channel(s), so that channel {self.channel} is none")
        if facts.sets_load and self.load is not None:
            raise ValueError(f"the load of {self.model} is set to 50 ohm and read back by the program; remove `load`")
        if not facts.sets_load and self.load is None:
            raise ValueError(
                f"the load of {self.model} cannot be set by the program; set it in the menu of the generator and "
                "write `load: 50 ohm` (or `high impedance`) to declare it"
            )
        return self


class TriggerSettings(GeneratorSettings):
    """A function generator on the trigger input: a square wave, or pulses if `pulse_width` is given.

    `high` and `low` are voltages at the 50 ohm of the input. `highest_rate` is that of this very instrument, if
    it is lower than that of its class.
    """

    high_v: Volts = Field(ge=-MAX_INPUT_V, le=MAX_INPUT_V, default=2.5)
    low_v: Volts = Field(ge=-MAX_INPUT_V, le=MAX_INPUT_V, default=0.0)
    pulse_width_s: Seconds | None = Field(gt=0, default=None)
    highest_rate_hz: Hertz | None = Field(gt=LOWEST_RATE_HZ, default=None)

    @property
    def rate_high_hz(self) -> float:
        """Highest rate of laser, generator and width of the pulse (at most half of the period)."""
        by_shape = self.facts.square_high_hz
        if self.pulse_width_s is not None:
            by_shape = min(self.facts.pulse_high_hz or by_shape, 0.5 / self.pulse_width_s)
        return min(LASER_HIGH_HZ, by_shape, self.highest_rate_hz or LASER_HIGH_HZ)

    @model_validator(mode="after")
    def _makes_pulses(self) -> Self:
        if self.high_v < self.low_v + 0.1:
            raise ValueError(f"high ({self.high_v:g} V) must be at least 0.1 V above low ({self.low_v:g} V)")
        highest = MAX_INPUT_V / self.displayed_per_volt
        if max(abs(self.high_v), abs(self.low_v)) > highest:
            raise ValueError(
                f"with a load of high impedance the levels must lie within +-{highest:g} V, so that the input survives "
                "if the menu of the generator says 50 ohm after all"
            )
        self._check_width()
        return self

    def _check_width(self) -> None:
        width_s = self.pulse_width_s
        if width_s is None:
            return
        if self.facts.pulse_high_hz is None:
            raise ValueError(
                f"pymeasure cannot send such a short width to a {self.model}; remove `pulse_width` for a square wave"
            )
        if not self.facts.shortest_pulse_s <= width_s <= 0.5 / LOWEST_RATE_HZ:
            raise ValueError(f"the shortest pulse of a {self.model} is {self.facts.shortest_pulse_s * 1e9:g} ns")


MAX_GATE_V = MAX_INPUT_V / 2
"""Highest level of a gate as displayed for 50 ohm: an input of high impedance sees twice of it."""


class GateSettings(ConfigModel):
    """A channel of a function generator as a DC source on a gate input: `open` lets the laser shine, `closed` not.

    The closed state is a driven level, never an output that is off: an input that is not connected may count as
    open. Impedance and levels of the gates of the PDL 800-D were not found; 2.5 V is a TTL high at 50 ohm, and
    5 V at high impedance.
    """

    generator: GeneratorSettings
    open_v: Volts = Field(ge=-MAX_GATE_V, le=MAX_GATE_V, default=2.5)
    closed_v: Volts = Field(ge=-MAX_GATE_V, le=MAX_GATE_V, default=0.0)

    @model_validator(mode="after")
    def _levels_differ(self) -> Self:
        if abs(self.open_v - self.closed_v) < 0.5:
            raise ValueError("open and closed must be at least 0.5 V apart")
        if self.generator.load == "high impedance":
            raise ValueError("the channel of a gate must be set to a load of 50 ohm in the menu of the generator")
        return self
