"""What a trigger or gate asks of a function generator, said in the words of each class of pymeasure."""

from __future__ import annotations

import importlib
import math
import re
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from drivers.laser.generator_settings import MODELS, GeneratorModel, GeneratorSettings

_ERROR = re.compile(r"\s*([+-]?\d+)\s*,\s*(.*)", re.DOTALL)


class Generator:
    """One channel of a function generator whose commands name no channel; volts are as the generator displays them.

    A reply that is not what was asked for raises `ValueError` or `KeyError`.

    Parameters
    ----------
    instrument : pymeasure.instruments.Instrument
        Connected.
    channel : int
        From 1.
    """

    output_name = "output"

    def __init__(self, instrument: Any, channel: int) -> None:
        self._instrument, self._channel = instrument, channel
        self._part: Any = self._find()

    def _find(self) -> Any:
        return self._instrument

    def close(self) -> None:
        """Close the connection."""
        self._instrument.adapter.close()

    def identity(self) -> str:
        """Return the reply to ``*IDN?``."""
        return str(self._instrument.ask("*IDN?")).strip()

    def clear(self) -> None:
        """Forget old errors."""
        self._instrument.clear()

    def next_error(self) -> tuple[int, str]:
        """Return the oldest error that was not told yet, with its number; 0 if there is none."""
        reply = str(self._instrument.ask("SYST:ERR?"))
        match = _ERROR.fullmatch(reply)
        if match is None:
            raise ValueError(f"{reply!r} is no error of a queue")
        return int(match[1]), match[2].strip().strip('"')

    def set_output(self, *, on: bool) -> None:
        """Switch the output."""
        setattr(self._part, self.output_name, on)

    def output(self) -> bool:
        """Return whether the output is on."""
        return bool(getattr(self._part, self.output_name))

    def set_load_50_ohm(self) -> None:
        """Say that voltages are meant at 50 ohm."""
        self._part.output_load = 50

    def load_ohm(self) -> float:
        """Return the load that voltages are meant at; infinite for high impedance."""
        load = float(self._part.output_load)
        if math.isnan(load):
            raise ValueError(f"{load} is no load")
        return load

    def set_shape(self, shape: str) -> None:
        """Choose ``SQU``, ``PULS`` or ``DC``."""
        self._part.shape = shape

    def shape(self) -> str:
        """Return the shape, as `set_shape` takes it."""
        return str(self._part.shape).strip().upper()

    def set_pulse_width_s(self, width_s: float) -> None:
        """Set the width of pulses."""
        self._part.pulse_width = width_s

    def pulse_width_s(self) -> float:
        """Return the width of pulses."""
        return _number(self._part.pulse_width)

    def set_frequency_hz(self, frequency_hz: float) -> None:
        """Set the repetition rate."""
        self._part.frequency = frequency_hz

    def frequency_hz(self) -> float:
        """Return the repetition rate."""
        return _number(self._part.frequency)

    def set_levels_v(self, low_v: float, high_v: float) -> None:
        """Set both levels, in an order in which the lower one stays below the other all the time."""
        if low_v < self.levels_v()[1]:
            self._set_low_v(low_v)
            self._set_high_v(high_v)
        else:
            self._set_high_v(high_v)
            self._set_low_v(low_v)

    def levels_v(self) -> tuple[float, float]:
        """Return lower and upper level."""
        return _number(self._part.voltage_low), _number(self._part.voltage_high)

    def _set_low_v(self, low_v: float) -> None:
        self._part.voltage_low = low_v

    def _set_high_v(self, high_v: float) -> None:
        self._part.voltage_high = high_v

    def set_offset_v(self, offset_v: float) -> None:
        """Set the offset, which is the level of a DC output."""
        self._part.offset = offset_v

    def offset_v(self) -> float:
        """Return the offset."""
        return _number(self._part.offset)

    def limit_v(self, high_v: float) -> None:
        """Let the instrument itself refuse levels beyond +- `high_v`, if it can."""


class _TwoChannels(Generator):
    """The 33500 family: each command names its channel."""

    def _find(self) -> Any:
        return getattr(self._instrument, f"ch_{self._channel}")


class _Keysight81160A(_TwoChannels):
    """A pulse generator with limits of its own."""

    def limit_v(self, high_v: float) -> None:
        """Set the limits and switch them on."""
        self._part.limit_high, self._part.limit_low = high_v, -high_v
        self._part.limit_state_enabled = True


class _Keysight33250A(Generator):
    """pymeasure calls the output otherwise here."""

    output_name = "output_enabled"


class _DG800(Generator):
    """A Rigol: shape and levels are written out.

    pymeasure 0.16 sends the shape always to channel 1, and knows levels only in commands that set everything at
    once. The commands are those that a laboratory uses with the sister series DG4000; not verified on hardware.
    """

    output_name = "output_enabled"

    def _find(self) -> Any:
        return getattr(self._instrument, f"channel_{self._channel}")

    def set_load_50_ohm(self) -> None:
        self._part.load = 50

    def load_ohm(self) -> float:
        load = _number(self._part.load)
        return math.inf if load > 1e9 else load

    def set_shape(self, shape: str) -> None:
        self._part.write(f":SOUR{{ch}}:FUNC {shape}")

    def levels_v(self) -> tuple[float, float]:
        return self._asked("LOW"), self._asked("HIGH")

    def _set_low_v(self, low_v: float) -> None:
        self._part.write(f":SOUR{{ch}}:VOLT:LOW {low_v:f}")

    def _set_high_v(self, high_v: float) -> None:
        self._part.write(f":SOUR{{ch}}:VOLT:HIGH {high_v:f}")

    def set_offset_v(self, offset_v: float) -> None:
        self._part.write(f":SOUR{{ch}}:VOLT:OFFS {offset_v:f}")

    def offset_v(self) -> float:
        return self._asked("OFFS")

    def _asked(self, what: str) -> float:
        return _number(float(self._part.ask(f":SOUR{{ch}}:VOLT:{what}?")))


class _AFG3152C(Generator):
    """A Tektronix: levels are amplitude and offset; `enable` of pymeasure 0.16 fails, so the output is written out."""

    _shapes: Mapping[str, str] = MappingProxyType({"SQU": "square", "DC": "dc"})

    def _find(self) -> Any:
        return getattr(self._instrument, f"ch{self._channel}")

    def set_output(self, *, on: bool) -> None:
        self._instrument.write(f"output{self._channel}:state {'on' if on else 'off'}")

    def output(self) -> bool:
        reply = str(self._instrument.ask(f"output{self._channel}:state?")).strip()
        return {"1": True, "0": False, "ON": True, "OFF": False}[reply.upper()]

    def set_shape(self, shape: str) -> None:
        self._part.shape = self._shapes[shape]

    def shape(self) -> str:
        said = self._part.shape
        return next((short for short, name in self._shapes.items() if name == said), str(said))

    def set_levels_v(self, low_v: float, high_v: float) -> None:
        self._part.unit = "VPP"
        self._part.amp_vpp, self._part.offset = high_v - low_v, (high_v + low_v) / 2

    def levels_v(self) -> tuple[float, float]:
        half, middle = _number(self._part.amp_vpp) / 2, _number(self._part.offset)
        return middle - half, middle + half


_GENERATORS: Mapping[GeneratorModel, type[Generator]] = MappingProxyType(
    {
        "Agilent33500": _TwoChannels,
        "Agilent33521A": Generator,
        "Keysight33250A": _Keysight33250A,
        "Keysight81160A": _Keysight81160A,
        "Agilent33220A": Generator,
        "DG800": _DG800,
        "AFG3152C": _AFG3152C,
    }
)


def instrument_class(model: GeneratorModel) -> Callable[..., Any]:
    """Return the class of pymeasure, without its own look at the error queue, which may never end.

    pymeasure is imported only now: that takes most of a second.
    """
    found: Any = getattr(importlib.import_module(MODELS[model].module), model)

    class Plain(found):
        def check_set_errors(self) -> list[Any]:
            return []

        def check_get_errors(self) -> list[Any]:
            return []

    def make(adapter: Any, **kwargs: Any) -> Any:
        with warnings.catch_warnings():  # of not knowing whether the instrument speaks SCPI; ours do
            warnings.simplefilter("ignore", FutureWarning)
            return Plain(adapter, **kwargs)

    return make


def generator_of(model: GeneratorModel, instrument: Any, channel: int) -> Generator:
    """Return a channel of a connected instrument of pymeasure."""
    return _GENERATORS[model](instrument, channel)


def open_generator(settings: GeneratorSettings) -> Generator:
    """Open the connection over VISA.

    Raises
    ------
    OSError, ValueError, pyvisa.errors.Error
        If the address is none, or nobody is there.
    """
    from drivers.laser.visa import open_visa

    adapter = open_visa(settings.address, settings.visa_library, settings.timeout_s)
    return generator_of(settings.model, instrument_class(settings.model)(adapter), settings.channel)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
