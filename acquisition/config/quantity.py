"""Quantities with units: a file says ``40 ms``, the program sees 0.04 in a field named ``..._s``.

This is the only module that uses pint.
"""

import functools
import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

if TYPE_CHECKING:
    import pint

FROM_FILE = "from_file"
"""Key of the validation context that says that values come from a file and must carry a unit."""
AS_TEXT = "quantities_as_text"
"""Key of the serialization context that makes quantities text with a unit, as files want them."""

MAX_TEXT = 60
"""Longest text of a quantity, in characters."""

IN_FILES = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*([A-Za-z%µ/]|1/).*$"
"""What the text of a quantity looks like, for editors: a number and a unit."""

_TEXT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII)


PLAIN_FACTORS: dict[str, dict[str, str]] = {
    "s": {"ns": "1e-9", "us": "1e-6", "ms": "1e-3", "min": "60", "h": "3600"},
    "ms": {"us": "1e-3", "s": "1e3", "min": "60e3"},
    "us": {"ps": "1e-6", "ns": "1e-3", "ms": "1e3", "s": "1e6"},
    "ns": {"ps": "1e-3", "us": "1e3", "ms": "1e6"},
    "ps": {"ns": "1e3", "us": "1e6"},
    "Hz": {"kHz": "1e3", "MHz": "1e6"},
    "cps": {"kcps": "1e3", "Mcps": "1e6"},
    "um": {"nm": "1e-3", "mm": "1e3"},
    "nm": {"um": "1e3", "mm": "1e6"},
    "eV": {"meV": "1e-3"},
    "meV": {"eV": "1e3"},
    "delta_degC": {"degC": "1", "K": "1"},
    "delta_degC/minute": {"degC/min": "1", "K/min": "1"},
    "delta_degC/s": {"degC/s": "1", "K/s": "1"},
    "byte": {"MB": "1e6", "GB": "1e9"},
    "V": {"mV": "1e-3"},
    "uW": {"nW": "1e-3", "mW": "1e3"},
}
"""Factors of the commonest units in files, by the unit of the program.

They are what pint says, too, whose registry takes half a second to build in each program that reads a file.
"""


@functools.cache
def _registry() -> "pint.UnitRegistry[Decimal]":
    """Return the units, in decimal numbers so that 1 us is exactly 1000 ns."""
    import pint  # only here and below: most files do with the factors above

    return pint.UnitRegistry(non_int_type=Decimal)


@dataclass(frozen=True, slots=True)
class QuantityUnit:
    """The unit of a number, as an annotation for pydantic; made by `quantity`.

    Attributes
    ----------
    unit : str
        What the number in the program counts, in pint's spelling.
    dimension : str
        What is measured, in words with article, for messages.
    example : str
        A quantity as a user would write it.
    suffix : str
        Ending of the names of fields in this unit, without the underscore.
    """

    unit: str
    dimension: str
    example: str
    suffix: str

    def parse(self, text: str) -> float:
        """Return the number that `text` means in this unit.

        Raises
        ------
        ValueError
            If `text` is not a number with a unit of the right dimension.
        """
        match = _TEXT.fullmatch(text) if len(text) <= MAX_TEXT else None
        if match is None:
            raise ValueError(
                f"{text[:MAX_TEXT]!r} is not a number with a unit; write {self.dimension}, for example {self.example}"
            )
        number, unit = Decimal(match[1]), _spelled(match[2])
        if not unit:
            raise ValueError(
                f"{text.strip()} has no unit; write {self.dimension} with its unit, for example {self.example}"
            )
        if unit == self.unit:
            return float(number)
        return self._convert(number, unit, text.strip())

    def to_text(self, value: float) -> str:
        """Return `value` as text that `parse` turns into exactly the same number."""
        return f"{value!r} {self.unit.removeprefix('delta_').replace('percent', '%')}"

    def _convert(self, number: Decimal, unit: str, text: str) -> float:
        factor = PLAIN_FACTORS.get(self.unit, {}).get(unit)
        if factor is None:
            return self._convert_any(number, unit, text)
        try:
            return float(number * Decimal(factor))
        except ArithmeticError as error:
            raise self._unusable(text) from error

    def _convert_any(self, number: Decimal, unit: str, text: str) -> float:
        import pint

        registry = _registry()
        try:
            parsed = registry.parse_units(unit)
        except Exception as error:  # pint raises errors of many kinds on text that is no unit
            raise ValueError(
                f"{text!r}: {unit!r} is not a known unit; write {self.dimension}, for example {self.example}"
            ) from error
        if self.unit.startswith("delta_") and parsed == registry.Unit(self.unit.removeprefix("delta_")):
            return float(number)
        if not self._fits(parsed):
            minutes = f"{number} min" if unit == "m" and self.unit == "s" else self.example
            raise ValueError(f"{text} ({parsed}) is not {self.dimension}; write for example {minutes}")
        try:
            return float(registry.Quantity(number, parsed).to(self.unit).magnitude)
        except (pint.PintError, ArithmeticError) as error:
            raise self._unusable(text) from error

    def _unusable(self, text: str) -> ValueError:
        return ValueError(f"{text} cannot be used as {self.dimension}; write for example {self.example}")

    def _fits(self, unit: "pint.Unit") -> bool:
        """Whether the dimension agrees; turns and radians are not pure numbers here (60 rpm is not 1 Hz)."""
        from pint.util import to_units_container

        registry = _registry()
        target = registry.Unit(self.unit)
        if unit.dimensionality != target.dimensionality or str(unit).startswith("delta_") > self.unit.startswith(
            "delta_"
        ):
            return False
        bases = [set(to_units_container(registry.get_base_units(one)[1])) - {"count"} for one in (unit, target)]
        return bases[0] == bases[1]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Build a schema that reads text with a unit first; `handler` knows the bounds of the field."""
        finite = core_schema.no_info_after_validator_function(_finite, handler(source))
        return core_schema.with_info_before_validator_function(
            self._validate,
            finite,
            serialization=core_schema.plain_serializer_function_ser_schema(self._serialize, info_arg=True),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what a file may hold."""
        described = f"{self.dimension} with its unit"
        return {"type": "string", "pattern": IN_FILES, "description": described, "examples": [self.example]}

    def _validate(self, value: object, info: core_schema.ValidationInfo) -> object:
        from_file = bool(info.context and info.context.get(FROM_FILE))
        if isinstance(value, str):
            try:
                return self.parse(value)
            except ValueError as error:
                raise PydanticCustomError("quantity", "{reason}", {"reason": str(error)}) from error
        if from_file and isinstance(value, int | float) and not isinstance(value, bool):
            reason = f"{value} has no unit; write {self.dimension} with its unit, for example {self.example}"
            raise PydanticCustomError("quantity", "{reason}", {"reason": reason})
        if from_file or isinstance(value, bool):
            reason = f"must be {self.dimension}, for example {self.example}"
            raise PydanticCustomError("quantity", "{reason}", {"reason": reason})
        return value

    def _serialize(self, value: float, info: core_schema.SerializationInfo) -> float | str:
        as_text = bool(info.context and info.context.get(AS_TEXT))
        return self.to_text(value) if as_text else value


def _finite(value: float) -> float:
    if not isfinite(value):
        raise PydanticCustomError("finite_number", "must be a finite number")
    return value


def _spelled(unit: str) -> str:
    """Return the unit as pint spells it: ``%`` is a word there, and a unit may start with a slash."""
    unit = unit.replace("%", "percent")
    return f"1{unit}" if unit.startswith("/") else unit


def quantity(unit: str, dimension: str, example: str, suffix: str | None = None) -> QuantityUnit:
    """Return the annotation of a number in `unit`, for use as ``Annotated[float, quantity(...)]``.

    Parameters
    ----------
    unit : str
        Unit of the number in the program, in pint's spelling, e.g. ``"ns"``.
    dimension : str
        What is measured, in words with article, e.g. ``"a time"``.
    example : str
        What a user would write, e.g. ``"40 ns"``.
    suffix : str, optional
        Ending of the names of its fields; the unit in lower case by default.
    """
    return QuantityUnit(unit, dimension, example, unit.lower() if suffix is None else suffix)


Seconds = Annotated[float, quantity("s", "a time", "40 ms")]
Milliseconds = Annotated[float, quantity("ms", "a time", "40 ms")]
Microseconds = Annotated[float, quantity("us", "a time", "5 us")]
Nanoseconds = Annotated[float, quantity("ns", "a time", "59 ns")]
Picoseconds = Annotated[float, quantity("ps", "a time", "120 ps")]
Celsius = Annotated[float, quantity("degC", "a temperature", "60 degC", "c")]
CelsiusDifference = Annotated[float, quantity("delta_degC", "a temperature difference", "0.5 degC", "c")]
Kelvin = Annotated[float, quantity("K", "a temperature", "293 K")]
Hertz = Annotated[float, quantity("Hz", "a frequency", "1 MHz")]
CountsPerSecond = Annotated[float, quantity("cps", "a count rate", "250 cps")]
CelsiusPerMinute = Annotated[float, quantity("delta_degC/minute", "a heating rate", "5 degC/min", "c_per_min")]
Micrometres = Annotated[float, quantity("um", "a length", "3.5 um")]
Nanometres = Annotated[float, quantity("nm", "a length", "450 nm")]
ElectronVolts = Annotated[float, quantity("eV", "an energy", "1.78 eV")]
MilliElectronVolts = Annotated[float, quantity("meV", "an energy", "57 meV")]
PerMicrosecond = Annotated[float, quantity("1/us", "a rate", "58.3 1/us", "per_us")]
Percent = Annotated[float, quantity("percent", "a percentage", "20 %")]
