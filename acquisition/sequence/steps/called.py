"""Which file a sequence means that it calls: one beside it, or a shipped one, and never itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from acquisition.config import find_config

MAX_DEPTH = 8

_reading: ContextVar[tuple[Path, ...]] = ContextVar(
    "sequence files being read, each called by the one before", default=()
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say which file is being read: those that it calls lie beside it.

    Raises
    ------
    ValueError
        If it is being read already, or too many call each other.
    """
    callers = _reading.get()
    if path.resolve() in callers:
        raise ValueError(f"{path.name} calls itself, by way of {', '.join(caller.name for caller in callers)}")
    if len(callers) >= MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} sequences call each other; write fewer levels")
    before = _reading.set((*callers, path.resolve()))
    try:
        yield
    finally:
        _reading.reset(before)


def called_path(name: str) -> Path:
    """Return the path of a called sequence; raises `ConfigError` if there is none."""
    callers = _reading.get()
    beside = callers[-1].parent / name if callers else Path(name)
    return beside if beside.is_file() else find_config("sequences", name)
