"""A measurement sequence: its name, what is known of the measurement, and its steps."""

import difflib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from acquisition.config import ConfigModel, Seconds, find_config, load_config
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.metadata import PlainValue
from acquisition.sequence.metadata import checked as checked_metadata
from acquisition.sequence.steps.base import not_empty
from acquisition.sequence.steps.blocks import CleanupStep, PlainStep, Step
from acquisition.sequence.steps.called import reading
from acquisition.sequence.steps.tree import Place, changeable, changed, walk, written_out
from acquisition.sequence.watch.conditions import SuspendCondition, one_of_each

READINGS_INTERVAL_S = 5.0

OF_METADATA = "metadata."
"""Begins the name of an override that says something of the measurement: ``metadata.sample``."""


class Sequence(ConfigModel):
    """Steps with a name.

    Attributes
    ----------
    name : str
        What the run is called; letters, digits, ``-`` and ``_``, because folders carry it.
    metadata : dict
        Plain values by free names; those with a meaning (sample, operator, power_at_sample, ...) are
        checked, and names that look like one of them are refused: see `acquisition.sequence.metadata`.
    suspend : tuple of conditions
        When the run pauses by itself. Interlock, laser rate and disk are watched also where they do not stand here;
        ``{kind: disk, enabled: false}`` switches one off.
    readings_interval_s : float
        How often the slow readings (temperature, laser, shutter, disk) are written, in s.
    steps : tuple of steps
        What is done.
    cleanup : tuple of steps
        What is done at the end, also after a stop. After an abort or an error the instruments are
        made safe at once instead, which follows every run anyway.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
    metadata: Annotated[dict[str, PlainValue], AfterValidator(checked_metadata)] = Field(default_factory=dict)
    suspend: Annotated[tuple[SuspendCondition, ...], AfterValidator(one_of_each)] = ()
    readings_interval_s: Annotated[Seconds, Field(ge=0.5, le=3600)] = READINGS_INTERVAL_S
    steps: Annotated[tuple[Step, ...], AfterValidator(not_empty)]
    cleanup: tuple[CleanupStep, ...] = ()

    @property
    def plain_steps(self) -> tuple[PlainStep, ...]:
        """The steps that may be carried out, in their order, without those that only hold others."""
        return tuple(step for _, step in walk(self.steps))

    def as_run(self) -> dict[str, Any]:
        """Return the content of a sequence file that does the same, with repeats and calls written out."""
        plain = self.model_copy(update={"steps": written_out(self.steps)}).to_file_data()
        return _without_defaults(plain)  # type: ignore[no-any-return]

    def changed(self, overrides: Mapping[str, Any]) -> "Sequence":
        """Return the sequence with settings replaced in every step of a kind, and metadata added or replaced.

        Parameters
        ----------
        overrides : mapping
            E.g. ``{"acquire_photons.duration_s": 20.0}``: kind and key, and the value; or
            ``{"metadata.sample": "dot 7"}``.

        Raises
        ------
        SequenceError
            If no step has that kind and key, or the value is not allowed.
        """
        said = {name.removeprefix(OF_METADATA): overrides[name] for name in overrides if name.startswith(OF_METADATA)}
        steps = self.steps
        plain = [step for step in changeable(steps) if step.enabled]
        for name, value in overrides.items():
            if name.startswith(OF_METADATA):
                continue
            kind, _, key = name.partition(".")
            if not any(step.kind == kind and key in _keys(step) for step in plain):
                known = sorted({f"{step.kind}.{key}" for step in plain for key in _keys_in_files(step)})
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]!r}? There" if close else "there"
                raise SequenceError(f"{self.name}: nothing to replace for {name!r}; {hint} are {', '.join(known)}")
            steps = changed(steps, partial(_replaced, kind, key, value))
        return self.model_copy(update={"steps": steps, "metadata": self._metadata_with(said)})

    def _metadata_with(self, said: Mapping[str, PlainValue]) -> dict[str, PlainValue]:
        try:
            return self.metadata | checked_metadata(said)
        except ValidationError as error:
            problems = [f"metadata.{each['loc'][0]} {each['msg']}" for each in error.errors(include_url=False)]
            raise SequenceError(f"{self.name}: {'; '.join(problems)}") from error


def load_sequence(path_or_name: str | Path) -> tuple[Sequence, Path]:
    """Return a sequence from a file, or a shipped one by its name, and the path of the file.

    Raises
    ------
    ConfigError
        With file, line, key and what is allowed, for everything that is wrong.
    """
    path = find_config("sequences", path_or_name)
    with reading(path):
        return load_config(path, Sequence), path


def place_text(place: Place) -> str:
    """Return a place in a sequence as text, e.g. ``steps[3].steps[1]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _without_defaults(part: Any) -> Any:
    """Return plain data of steps without what says nothing: None, and the keys that all steps have as they are."""
    if isinstance(part, list):
        return [_without_defaults(item) for item in part]
    if not isinstance(part, dict):
        return part
    silent = {"enabled": True, "note": "", "repeatable": True, "otherwise": (), "else": [], "suspend": []}
    silent["readings_interval"] = f"{READINGS_INTERVAL_S} s"
    kept = {key: value for key, value in part.items() if value is not None and value != silent.get(key, ...)}
    return {key: value if key == "metadata" else _without_defaults(value) for key, value in kept.items()}


def _replaced(kind: str, key: str, value: Any, step: PlainStep) -> PlainStep:
    return _with(step, key, value) if step.kind == kind else step


def _keys(step: PlainStep) -> set[str]:
    fields = type(step).model_fields
    return {*fields, *(field.alias for field in fields.values() if field.alias)} - {"kind"}


def _keys_in_files(step: PlainStep) -> set[str]:
    return {field.alias or name for name, field in type(step).model_fields.items()} - {"kind"}


def _with(step: PlainStep, key: str, value: Any) -> PlainStep:
    fields = type(step).model_fields
    name = next(name for name, field in fields.items() if key in (name, field.alias))
    try:
        return type(step).model_validate({**step.model_dump(), name: value})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise SequenceError(f"{step.kind}.{key} = {value!r}: {reason}") from error
