"""What is known of a measurement besides its steps: names with a meaning, their types, and what a rig asks for."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from acquisition.config import quantity
from acquisition.config.quantity import QuantityUnit
from acquisition.sequence.errors import SequenceError

PlainValue: TypeAlias = str | int | float | bool | None

MetadataName: TypeAlias = Literal["operator", "sample", "purpose", "atmosphere", "objective", "power_at_sample"]
"""What a rig may ask for."""

POWER, AT_PERCENT, EXCITATIONS = "power_at_sample_uw", "power_at_intensity_percent", "excitations_per_pulse"
"""Names of numbers in the program; files write ``power_at_sample: 1.2 uW`` and ``power_at_intensity: 20 %``."""

ATMOSPHERES = ("N2", "Ar", "He", "O2", "air", "dry air", "vacuum")
OTHER = "other: "
"""Begins an atmosphere that has no name here."""

SAME = 0.01
"""Largest relative difference of intensities at which a power holds."""

CLOSE = 0.8
"""Names that are as similar as this to one with a meaning are taken for a slip of the pen ..."""
LESS_CLOSE = 0.5
"""... and those that speak of the power somewhere, if they are as similar as this: a wrong unit must not be lost."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name with a meaning: what it is for and how it is written."""

    what_for: str
    example: str


KNOWN: Mapping[str, Known] = {
    "operator": Known("who measures", "operator: Ada"),
    "sample": Known("what lies under the objective", "sample: dot 7"),
    "purpose": Known("why it is measured", "purpose: lifetimes against temperature"),
    "atmosphere": Known("what surrounds the sample: it changes charging and bleaching", "atmosphere: N2"),
    "objective": Known("which objective", "objective: 100x NA 0.9"),
    "power_at_sample": Known("mean laser power at the sample, for doses in uJ", "power_at_sample: 1.2 uW"),
    "power_at_intensity": Known(
        "laser intensity (times transmission) at which it was measured", "power_at_intensity: 20 %"
    ),
    "excitations_per_pulse": Known("excitations per pulse, from a saturation curve", "excitations_per_pulse: 0.2"),
}

_POWER = quantity("uW", "a light power", "1.2 uW")
_PERCENT = quantity("percent", "a percentage", "20 %")
_POSITIVE: TypeAdapter[float] = TypeAdapter(Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)])
_SHARE: TypeAdapter[float] = TypeAdapter(Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, strict=True)])

_IN_UNITS: Mapping[str, tuple[str, QuantityUnit]] = {
    "power_at_sample": (POWER, _POWER),
    "power_at_intensity": (AT_PERCENT, _PERCENT),
}
_NUMBERS = {POWER: _POSITIVE, AT_PERCENT: _SHARE, EXCITATIONS: _POSITIVE}
_TEXTS = ("operator", "sample", "purpose", "objective")
_WITH_MORE = (*_TEXTS, "atmosphere")
"""Names that may be continued: ``sample_batch`` is a name of its own."""


def checked(metadata: Mapping[str, PlainValue]) -> dict[str, PlainValue]:
    """Return metadata with known names in the form of the program; others stay as they are.

    Raises
    ------
    ValidationError
        With the key, if a known name has no sensible value, or a name looks like a known one.
    """
    found: dict[str, PlainValue] = {}
    problems = []
    for key, value in metadata.items():
        try:
            name, plain = _checked(key, value)
            if name in found or (name != key and name in metadata):
                raise ValueError(f"says the same as {name}; write one of them")
            found[name] = plain
        except ValueError as error:
            reason = PydanticCustomError("value_error", "{reason}", {"reason": str(error)})
            problems.append(InitErrorDetails(type=reason, loc=(key,), input=value))
    if problems:
        raise ValidationError.from_exception_data("metadata", problems)
    return found


def check_required(metadata: Mapping[str, Any], required: Iterable[str]) -> None:
    """Make sure that metadata say what a rig asks for.

    Raises
    ------
    SequenceError
        With all that is missing, what it is for and where to write it.
    """
    missing = [name for name in required if metadata.get(_IN_UNITS.get(name, (name,))[0]) in (None, "")]
    if not missing:
        return
    lines = "".join(f"\n  {KNOWN[name].example:<42} {KNOWN[name].what_for}" for name in missing)
    first = missing[0]
    value = KNOWN[first].example.partition(": ")[2]
    raise SequenceError(
        f"the rig asks for metadata that are not there: {', '.join(missing)}. Write them under `metadata:` of the "
        f'sequence, or on the command line as --set metadata.{first}="{value}". For example:{lines}'
    )


def power_at(metadata: Mapping[str, Any], intensity_percent: float) -> float | None:
    """Return the power at the sample in uW if it was measured at this intensity of the laser, within 1 %; else None."""
    power_uw, at_percent = metadata.get(POWER), metadata.get(AT_PERCENT)
    if power_uw is None or at_percent is None or abs(intensity_percent - at_percent) > SAME * at_percent:
        return None
    return float(power_uw)


def _checked(key: str, value: PlainValue) -> tuple[str, PlainValue]:
    """Return name and value as the program wants them; raises `ValueError`."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"is {value}; leave out what is not known")
    if key in _IN_UNITS:
        name, unit = _IN_UNITS[key]
        return name, None if value is None else _number(name, _with_unit(value, unit))
    if key in _NUMBERS:
        return key, None if value is None else _number(key, value)
    if key in _TEXTS:
        if isinstance(value, bool):
            raise ValueError(f"must be text, for example {KNOWN[key].example}")
        return key, value
    if key == "atmosphere":
        return key, _atmosphere(value)
    if (meant := _meant(key)) is not None:
        raise ValueError(f"is not a name with a meaning; did you mean {meant!r}? Something else needs another name")
    return key, value


def _with_unit(value: PlainValue, unit: QuantityUnit) -> float:
    if not isinstance(value, str):
        raise ValueError(f"must be {unit.dimension} with its unit, for example {unit.example}")
    return unit.parse(value)


def _number(name: str, value: PlainValue) -> float:
    try:
        return _NUMBERS[name].validate_python(value)
    except ValidationError as error:
        raise ValueError(f"{value!r} is not allowed: {error.errors()[0]['msg'].removeprefix('Input ')}") from error


def _atmosphere(value: PlainValue) -> PlainValue:
    if value in (None, ""):
        return value
    text = str(value).strip()
    known = {name.casefold(): name for name in ATMOSPHERES}
    if text.casefold() in known:
        return known[text.casefold()]
    if text.startswith(OTHER) and text != OTHER.strip():
        return text
    raise ValueError(f"{text!r} is not known; allowed: {', '.join(ATMOSPHERES)}, or '{OTHER}...' for anything else")


def _meant(key: str) -> str | None:
    """Return the known name that a key looks like, or None."""
    plain = "_".join(key.strip().casefold().replace("-", " ").replace("_", " ").split())
    if plain != key and plain in KNOWN:
        return plain
    if any(plain.startswith(f"{name}_") for name in _WITH_MORE):
        return None
    cutoff = LESS_CLOSE if plain.startswith("power_at_") else CLOSE
    close = difflib.get_close_matches(plain, [*KNOWN, *_NUMBERS], n=1, cutoff=cutoff)
    return close[0] if close else None


ALL_NAMES: tuple[str, ...] = get_args(MetadataName)
"""Everything that a rig may ask for."""
