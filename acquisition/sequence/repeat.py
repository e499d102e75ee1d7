"""Repeats steps over a list of values, each written into the steps in place of a ``$variable``."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, TypeAdapter, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from acquisition.config import ConfigModel
from acquisition.sequence.steps import (
    AcquirePhotons,
    PlainStep,
    SetLaser,
    SetShutter,
    SetTemperature,
    WaitUntilStable,
    not_empty,
)
from acquisition.sequence.variables import defining

MAX_STEPS = 10_000

Place: TypeAlias = tuple[str | int, ...]


class Repeat(ConfigModel):
    """Carry out `steps` once for each of `values`.

    In the texts of the steps, ``$name`` stands for the present value, where `variable` (``for`` in
    files) is the name: ``temperature: $temperature`` or ``label: at $temperature``. A text that is
    nothing but ``$name`` becomes the value itself. Repeats may be nested, with different variables.

    Attributes
    ----------
    values : tuple
        Numbers or texts; quantities with their unit in files.
    steps : tuple of steps
        Written once; after reading, the steps of all rounds one after the other.
    """

    kind: Literal["repeat"] = "repeat"
    variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", alias="for")]
    values: Annotated[tuple[str | int | float | bool, ...], AfterValidator(not_empty)]
    steps: Annotated[tuple["Step", ...], AfterValidator(not_empty)]

    @field_validator("steps", mode="wrap")
    @classmethod
    def _steps_of_all_rounds(
        cls, steps: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> tuple["Step", ...]:
        variable, values = info.data.get("variable"), info.data.get("values")
        if variable is None or values is None or not isinstance(steps, list | tuple):
            return read(steps)  # type: ignore[no-any-return]
        _refuse_same_variable(variable, steps)
        found: list[Step] = []
        count = 0
        for value in values:
            with defining(variable):
                once = read([_substituted(step, variable, value) for step in steps])
            found.extend(once)
            count += sum(1 for _ in walk(once))
            if count > MAX_STEPS:
                raise ValueError(f"gives more than {MAX_STEPS} steps; shorten `values` or write a Python sequence")
        return tuple(found)


Step: TypeAlias = Annotated[
    SetLaser | SetShutter | SetTemperature | WaitUntilStable | AcquirePhotons | Repeat, Field(discriminator="kind")
]
"""What may stand in the steps of a sequence."""

Repeat.model_rebuild()
_STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])


def read_steps(steps: Sequence[Any]) -> tuple[Step, ...]:
    """Return steps from step objects or plain dicts, for programs; raises pydantic's `ValidationError`."""
    return _STEPS.validate_python(tuple(steps))


def walk(steps: Sequence[Step], inside: Place = ("steps",)) -> Iterator[tuple[Place, PlainStep]]:
    """Yield each step in the order in which it is carried out, with its place as the file writes it."""
    for index, step in enumerate(steps):
        yield from _walk_step(step, (*inside, index))


def _walk_step(step: Step, place: Place) -> Iterator[tuple[Place, PlainStep]]:
    if not isinstance(step, Repeat):
        yield place, step
        return
    written = len(step.steps) // len(step.values)
    for index, inner in enumerate(step.steps):
        yield from _walk_step(inner, (*place, "steps", index % written))


def _substituted(part: Any, variable: str, value: str | int | float | bool) -> Any:
    if isinstance(part, str):
        if part == f"${variable}":
            return value
        return re.sub(rf"\${variable}(?![A-Za-z0-9_])", lambda match: str(value), part)
    if isinstance(part, dict):
        return {key: _substituted(inner, variable, value) for key, inner in part.items()}
    if isinstance(part, list | tuple):
        return [_substituted(inner, variable, value) for inner in part]
    return part


def _refuse_same_variable(variable: str, steps: Sequence[Any]) -> None:
    for step in steps:
        if not isinstance(step, dict) or step.get("kind") != "repeat":
            continue
        if variable in (step.get("for"), step.get("variable")):
            raise ValueError(f"a repeat over {variable!r} stands inside another one over {variable!r}; rename one")
        inner = step.get("steps")
        if isinstance(inner, list | tuple):
            _refuse_same_variable(variable, inner)
