"""Addresses that a person has still to write into a rig file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.file import RigFile

FILL_IN = "fill in"
"""What stands in a shipped rig file where only a lab knows the value."""


def unfilled(file: RigFile) -> list[tuple[str, ...]]:
    """Return where in a rig file a value has still to be filled in."""
    roles = file.roles.model_dump(mode="json", by_alias=True)
    return [("roles", *place) for place in _places(roles)]


def refuse_unfilled(path: Path, file: RigFile) -> None:
    """Raise `ConfigError` with each place that has still to be filled in, as no instrument can be reached there."""
    problems = []
    for place in unfilled(file):
        line, column = position_in_file(path, place)
        message = f"{FILL_IN!r} is not filled in; write the address or value of your instrument"
        problems.append(ConfigProblem(message, ".".join(place), line, column))
    if problems:
        raise ConfigError(str(path), *problems)


def _places(value: Any) -> Iterator[tuple[str, ...]]:
    if value == FILL_IN:
        yield ()
    elif isinstance(value, dict):
        for key, inner in value.items():
            for place in _places(inner):
                yield (str(key), *place)
