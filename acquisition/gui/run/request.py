"""What a person is about to start: the steps, what is said of the measurement, and whether somebody stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from acquisition.sequence.metadata import KNOWN
from acquisition.sequence.sequence import OF_METADATA

_NUMBERS = ("excitations_per_pulse",)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Arguments of `Session.check` and `Session.start`; two are equal if they ask for the same.

    Attributes
    ----------
    sequence : str or dict
        Name of a shipped one that is as it was, else the content.
    overrides : dict
        What is said of the measurement, as ``metadata.sample``.
    attended : bool
        Whether a person is at the instruments the whole time.
    sample_changes : int
        How often another sample was laid under the simulated microscope before; the session knows which.
    """

    sequence: str | dict[str, Any]
    overrides: dict[str, Any] = field(default_factory=dict)
    attended: bool = True
    sample_changes: int = 0


def metadata_overrides(content: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """Return overrides that add what was typed to the metadata of a sequence, without what stands there already.

    Parameters
    ----------
    content : mapping
        Of the sequence.
    said : mapping
        Text by name; empty ones say nothing.
    """
    there = content.get("metadata")
    known = there if isinstance(there, Mapping) else {}
    values = {name: plain_value(name, text) for name, text in said.items() if name.strip() and text.strip()}
    return {f"{OF_METADATA}{name.strip()}": value for name, value in values.items() if known.get(name) != value}


def plain_value(name: str, text: str) -> str | int | float | bool:
    """Return what a person typed: known names as text with its unit, others as a file would read them."""
    text = text.strip()
    if name in KNOWN and name not in _NUMBERS:
        return text
    try:
        read = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text
    return read if isinstance(read, bool | int | float) else text
