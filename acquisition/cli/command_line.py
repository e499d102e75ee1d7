"""The command line that is being carried out."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_PRESENT: ContextVar[tuple[str, ...] | None] = ContextVar("present", default=None)


@contextmanager
def carrying_out(arguments: Sequence[str] | None) -> Iterator[None]:
    """Note the arguments of a command; None for those of the program."""
    token = _PRESENT.set(None if arguments is None else tuple(arguments))
    try:
        yield
    finally:
        _PRESENT.reset(token)


def present_arguments() -> list[str]:
    """Return the arguments of the command that is carried out, without the program."""
    said = _PRESENT.get()
    return list(sys.argv[1:] if said is None else said)
