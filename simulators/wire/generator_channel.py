"""One output of a simulated function generator: what it is set to, and the voltages that come out of it."""

import math
from dataclasses import dataclass

INPUT_OHM = 50.0
SHAPES = ("SIN", "SQU", "RAMP", "PULS", "NOIS", "DC")
HIGHEST_HZ = {"SIN": 80e6, "SQU": 80e6, "RAMP": 1e6, "PULS": 50e6, "NOIS": 80e6, "DC": 80e6}
HIGHEST_V = 10.0
"""Highest voltage of the source, without any load."""


class ParameterError(ValueError):
    """A setting that the instrument refuses; the message is that of its error queue."""


@dataclass(slots=True)
class GeneratorChannel:
    """Settings of an output. Levels are kept as those of the source behind its 50 ohm, in V.

    What is displayed depends on the load that the user has said; what comes out does not.
    """

    shape: str = "SIN"
    frequency_hz: float = 1e3
    high_v: float = 0.1
    low_v: float = -0.1
    load_ohm: float = INPUT_OHM
    output: bool = False
    pulse_width_s: float = 100e-6
    limit_v: tuple[float, float] | None = None

    @property
    def displayed(self) -> float:
        """Displayed volts for 1 V of the source."""
        return 1.0 if math.isinf(self.load_ohm) else self.load_ohm / (self.load_ohm + INPUT_OHM)

    def levels_at_50_ohm(self) -> tuple[float, float]:
        """Return lower and upper voltage at an input of 50 ohm; 0 V with the output off."""
        if not self.output:
            return 0.0, 0.0
        if self.shape == "DC":
            middle = (self.high_v + self.low_v) / 4
            return middle, middle
        return self.low_v / 2, self.high_v / 2

    def set_frequency(self, value_hz: float) -> None:
        """Set the rate; one that the shape cannot have is clipped, as real generators do."""
        if not value_hz > 0:
            raise ParameterError('-222,"Data out of range"')
        highest = HIGHEST_HZ[self.shape]
        self.frequency_hz = min(value_hz, highest)
        if value_hz > highest:
            raise ParameterError('-222,"Data out of range;value clipped to upper limit"')

    def set_displayed(self, *, low_v: float | None = None, high_v: float | None = None) -> None:
        """Set one level or both, as displayed."""
        low = self.low_v if low_v is None else low_v / self.displayed
        high = self.high_v if high_v is None else high_v / self.displayed
        if not low < high:
            raise ParameterError('-221,"Settings conflict;high level must be above low level"')
        self._keep(low, high)

    def set_offset(self, offset_v: float) -> None:
        """Set the middle of both levels, as displayed; with DC it is all that counts."""
        half = (self.high_v - self.low_v) / 2
        self._keep(offset_v / self.displayed - half, offset_v / self.displayed + half)

    def set_amplitude(self, amplitude_v: float) -> None:
        """Set the distance of both levels, as displayed."""
        if not amplitude_v > 0:
            raise ParameterError('-222,"Data out of range"')
        middle, half = (self.high_v + self.low_v) / 2, amplitude_v / self.displayed / 2
        self._keep(middle - half, middle + half)

    def set_shape(self, shape: str) -> None:
        """Choose a shape by its short name."""
        if shape not in SHAPES:
            raise ParameterError('-224,"Illegal parameter value"')
        self.shape = shape
        self.frequency_hz = min(self.frequency_hz, HIGHEST_HZ[shape])

    def set_pulse_width(self, width_s: float) -> None:
        """Set the width of pulses, which must fit into the period."""
        if not 8e-9 <= width_s < 1 / self.frequency_hz:
            raise ParameterError('-221,"Settings conflict;pulse width has been adjusted"')
        self.pulse_width_s = width_s

    def _keep(self, low: float, high: float) -> None:
        if max(abs(low), abs(high)) > HIGHEST_V * (1 + 1e-9):
            raise ParameterError('-222,"Data out of range;value clipped to limit"')
        if self.limit_v is not None and not (
            self.limit_v[0] <= low * self.displayed and high * self.displayed <= self.limit_v[1]
        ):
            raise ParameterError('-222,"Data out of range;voltage limits"')
        self.low_v, self.high_v = low, high
