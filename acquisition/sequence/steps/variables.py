"""Variables of repeats: which ones are defined where, so that one that is not is refused by its name."""

import difflib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_defined: ContextVar[tuple[str, ...]] = ContextVar("variables of the repeats around a step", default=())


@contextmanager
def defining(variable: str) -> Iterator[None]:
    """Define a variable for the steps that are read in the context, beside those defined already."""
    before = _defined.set((*_defined.get(), variable))
    try:
        yield
    finally:
        _defined.reset(before)


def without_variables(value: Any) -> Any:
    """Return a value of a step; raises `ValueError` if it is a text with a variable that no repeat has replaced."""
    unknown = _VARIABLE.search(value) if isinstance(value, str) else None
    if unknown is None:
        return value
    names = ", ".join(f"'{name}'" for name in _defined.get())
    known = (
        f"defined: {names}"
        if names
        else f"it stands in no repeat; a file that wants it is called with `with: {{{unknown[1]}: ...}}`"
    )
    raise ValueError(f"no repeat around it defines {unknown[1]!r} (`for: {unknown[1]}`); {known}")


def data_without_variables(model: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of a step; raises `ValidationError`, with its keys, for variables that are left in its texts."""
    problems = []
    for key, value in data.items():
        try:
            without_variables(value)
        except ValueError as error:
            reason = PydanticCustomError("value_error", "{reason}", {"reason": str(error)})
            problems.append(InitErrorDetails(type=reason, loc=(key,), input=value))
    if problems:
        raise ValidationError.from_exception_data(model, problems)
    return data


def substituted_all(data: Any, variables: Mapping[str, Any], file: str) -> Any:
    """Return the data of a called file with its variables replaced.

    Raises
    ------
    ValueError
        If a variable is not given, or one is given that the file does not use.
    """
    wanted, defined = set[str](), set[str]()
    for part in _parts(data):
        if isinstance(part, str):
            wanted.update(_VARIABLE.findall(part))
        elif isinstance(part, dict) and part.get("kind") == "repeat":
            defined.update(name for key in ("for", "variable") if isinstance(name := part.get(key), str))
    missing, unused = sorted(wanted - defined - set(variables)), sorted(set(variables) - wanted)
    gives = f"`with` gives {', '.join(variables) or 'nothing'}"
    if missing:
        close = difflib.get_close_matches(missing[0], unused, n=1) or unused[:1]
        hint = f" (did you mean {missing[0]} by {close[0]}?)" if close else f"; write with: {{{missing[0]}: ...}}"
        raise ValueError(f"{file} wants {', '.join(missing)}; {gives}{hint}")
    if unused:
        used = ", ".join(sorted(wanted - defined)) or "no variables"
        raise ValueError(f"{file} does not use {', '.join(unused)}, which `with` gives; it uses {used}")
    return substituted(data, variables)


def _parts(part: Any) -> Iterator[Any]:
    """Yield plain data and all that is in it."""
    yield part
    if isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _parts(inner)


def substituted(part: Any, variables: Mapping[str, Any]) -> Any:
    """Return plain data with ``$name`` replaced in every text; a text that is nothing but it becomes the value."""
    if isinstance(part, str):
        alone = _VARIABLE.fullmatch(part)
        if alone is not None and alone[1] in variables:
            return variables[alone[1]]
        return _VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), part)
    if isinstance(part, dict):
        return {key: substituted(inner, variables) for key, inner in part.items()}
    if isinstance(part, list | tuple):
        return [substituted(inner, variables) for inner in part]
    return part
