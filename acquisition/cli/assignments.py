"""Settings on the command line: ``--set acquire_photons.duration_s=20`` or ``--set metadata.sample="dot 7"``."""

from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from acquisition.session import SessionError


def assignments(texts: Iterable[str]) -> dict[str, Any]:
    """Return what ``key=value`` texts say, values read as in a file; an empty value is None.

    Raises
    ------
    SessionError
        If a text is of another form, or its value is not a single one.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise SessionError(f"{text!r} is not of the form KEY=VALUE, e.g. acquire_photons.duration='2 min'")
        try:
            read = YAML(typ="safe", pure=True).load(value) if value.strip() else None
        except YAMLError as error:
            raise SessionError(f"{text!r}: the value cannot be read; give a number, a text or true or false") from error
        if not isinstance(read, str | int | float | bool | None):
            read = value.strip()  # a list, a mapping or a date that was meant as text
        found[key.strip()] = read
    return found
