"""The few numbers of a sequence that are changed most: how long each point lasts, temperatures, laser intensity."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DURATION, INTENSITY, TEMPERATURES = "duration", "intensity", "temperatures"

_NESTED = ("steps", "then", "else", "otherwise")
_KEYS = {
    "acquire_photons": (DURATION, ("duration", "duration_s")),
    "set_laser": (INTENSITY, ("intensity", "intensity_percent")),
}


@dataclass(frozen=True, slots=True)
class MainNumber:
    """A number of a sequence.

    Attributes
    ----------
    name : str
        ``duration``, ``intensity`` or ``temperatures``.
    values : tuple
        As they stand in the steps, in their order: one of each, or all of a list of temperatures.
    """

    name: str
    values: tuple[Any, ...]


def main_numbers(content: Mapping[str, Any]) -> tuple[MainNumber, ...]:
    """Return the main numbers of a sequence, without those that it computes (``$name``).

    Parameters
    ----------
    content : mapping
        Of a sequence file.
    """
    found: dict[str, list[Any]] = {}
    for step, name, key in _places(content):
        values = step[key] if name == TEMPERATURES else [step[key]]
        if not any(isinstance(value, str) and "$" in value for value in values):
            found.setdefault(name, []).append(tuple(values))
    return tuple(
        MainNumber(name, found[name][0] if name == TEMPERATURES else tuple(dict.fromkeys(sum(found[name], ()))))
        for name in (DURATION, TEMPERATURES, INTENSITY)
        if name in found and (name != TEMPERATURES or len(found[name]) == 1)
    )


def with_numbers(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sequence with its main numbers replaced wherever they stand; `content` stays as it is.

    Parameters
    ----------
    content : mapping
        Of a sequence file.
    changes : mapping
        By name: a quantity with its unit, or a list of them for the temperatures.
    """
    changed = copy.deepcopy(dict(content))
    for step, name, key in _places(changed):
        values = step[key] if name == TEMPERATURES else [step[key]]
        if name in changes and not any(isinstance(value, str) and "$" in value for value in values):
            step[key] = changes[name]
    return changed


def _places(content: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield step, name and key of every main number of steps that are carried out."""
    for part in _NESTED:
        inside = content.get(part)
        for step in inside if isinstance(inside, list | tuple) else ():
            if isinstance(step, Mapping) and step.get("enabled") is not False:
                name, keys = _KEYS.get(str(step.get("kind")), ("", ()))
                yield from ((step, name, key) for key in keys if step.get(key) is not None)
                if _is_over_temperatures(step):
                    yield step, TEMPERATURES, "values"
                yield from _places(step)


def _is_over_temperatures(step: Mapping[str, Any]) -> bool:
    values = step.get("values")
    return step.get("kind") == "repeat" and step.get("for") == "temperature" and isinstance(values, list | tuple)
