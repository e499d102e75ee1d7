"""Variables of repeats: which ones are defined where, so that one that is not is refused by its name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

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
    known = f"defined: {names}" if names else "it stands in no repeat"
    raise ValueError(f"no repeat around it defines {unknown[1]!r} (`for: {unknown[1]}`); {known}")
