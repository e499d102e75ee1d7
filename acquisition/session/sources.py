"""From what a caller gives as a sequence to a checked sequence."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from acquisition.config import find_config, load_config
from acquisition.rig import Rig
from acquisition.rig.file import RigFile
from acquisition.sequence import Sequence, SequenceError, check_sequence, check_steps, load_sequence
from acquisition.sequence.metadata import check_required
from acquisition.sequence.watch.watcher import check_conditions
from acquisition.session.aligning import ALIGNMENT
from acquisition.session.base import SequenceSource
from acquisition.session.goals_of_run import check_goals


def read_sequence(source: SequenceSource, overrides: Mapping[str, Any] | None, rig: Rig) -> Sequence:
    """Return a sequence that the rig allows.

    Parameters
    ----------
    source : str, dict or list of dict
        Path of a file or name of a shipped one, its content, or a list of steps.
    overrides : mapping, optional
        Settings to replace, by kind and key, and metadata.
    rig : Rig
        The rig that is to run it.

    Raises
    ------
    ConfigError
        If the file is wrong, or holds what the rig does not allow, with its line.
    SequenceError
        If the same is found in what does not come from a file, or a goal or the rig needs to know more.
    """
    if isinstance(source, str):
        sequence, path = load_sequence(source)
        changed = sequence.changed(overrides or {})
        if not overrides:
            check_sequence(sequence, rig, path)
    else:
        changed = _from_data(source).changed(overrides or {})
    check_allowed(changed, rig)
    return changed


def check_metadata(source: SequenceSource, overrides: Mapping[str, Any] | None, rig: str) -> None:
    """Make sure that a sequence says what a rig file asks for, before any instrument is connected for it.

    Parameters
    ----------
    source, overrides
        As of `read_sequence`.
    rig : str
        Path of a rig file or name of a shipped one.

    Raises
    ------
    ConfigError, SequenceError
        As of `read_sequence`, with all that is missing.
    """
    required = load_config(find_config("rigs", rig), RigFile).required_metadata
    if required:
        sequence = load_sequence(source)[0] if isinstance(source, str) else _from_data(source)
        check_required(sequence.changed(overrides or {}).metadata, required)


def read_alignment(metadata: Mapping[str, Any] | None) -> Sequence:
    """Return what stands for an alignment as a sequence. Raises `SequenceError` if the metadata cannot be used."""
    person = {"kind": "prompt", "text": "Find and centre an emitter.", "light": True}
    return _from_data({"name": ALIGNMENT, "metadata": dict(metadata or {}), "steps": [person]})


def check_allowed(sequence: Sequence, rig: Rig) -> None:
    """Raise `SequenceError` if the rig does not allow a sequence, or a goal or the rig needs to know more."""
    check_required(sequence.metadata, rig.required_metadata)
    check_conditions(sequence.suspend, rig)
    check_goals(sequence)
    check_steps(sequence.plain_steps, rig)
    check_steps(sequence.cleanup, rig)


def _from_data(source: Any) -> Sequence:
    data = dict(source) if isinstance(source, Mapping) else {"name": "steps", "steps": list(source)}
    try:
        return Sequence.model_validate(data)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_url=False)
        ]
        raise SequenceError("the sequence cannot be used: " + "; ".join(problems)) from error
