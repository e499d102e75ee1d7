"""Steps that hold other steps: repeat over values, repeat until, if, and another sequence."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    Field,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from acquisition.config import ConfigError, ConfigModel, load_config
from acquisition.config.json_schema import NOT_IN_FILES
from acquisition.sequence.errors import StepError
from acquisition.sequence.procedures import (
    AcquireBackground,
    AcquireIntensitySeries,
    CentreOnEmitter,
    ConfirmSingleEmitter,
    PowerSeries,
    RasterScan,
)
from acquisition.sequence.steps.base import not_empty
from acquisition.sequence.steps.block import Block, Values
from acquisition.sequence.steps.called import called_path, reading
from acquisition.sequence.steps.camera import AcquireSpectra
from acquisition.sequence.steps.conditions import Condition
from acquisition.sequence.steps.counting import CountLateLight, CountPhotons, StoreTable
from acquisition.sequence.steps.instruments import (
    CalibrateDetector,
    HeatWithPower,
    MoveStage,
    RampTemperature,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
    Soak,
    WaitUntilStable,
)
from acquisition.sequence.steps.measuring import AcquirePhotons, Analyze, MeasurePower, Prompt
from acquisition.sequence.steps.variables import defining, substituted, substituted_all

MAX_STEPS = 10_000


class Repeat(Block):
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
                once = read([substituted(step, {variable: value}) for step in steps])
            found.extend(once)
            count += sum(count_steps(step) for step in once)
            if count > MAX_STEPS:
                raise ValueError(f"gives more than {MAX_STEPS} steps; shorten `values` or write a Python sequence")
        return tuple(found)

    def unfold(self, values: Mapping[str, Any]) -> Iterable["Step"]:
        """Return the steps of all rounds."""
        return self.steps


class RepeatUntil(Block):
    """Carry out `steps` again and again until `condition` holds after a round, at most `most_rounds` times.

    Attributes
    ----------
    otherwise : str
        What follows if it does not hold after the last round: ``fail`` the run or ``continue``.
    """

    kind: Literal["repeat_until"] = "repeat_until"
    condition: Condition
    most_rounds: Annotated[int, Field(ge=1, le=MAX_STEPS)]
    otherwise: Literal["fail", "continue"] = "fail"
    steps: Annotated[tuple["Step", ...], AfterValidator(not_empty)]

    def unfold(self, values: Mapping[str, Any]) -> Generator["Step", Values, Values]:
        """Yield the steps of each round."""
        for rounds in range(1, self.most_rounds + 1):
            for step in self.steps:  # noqa: UP028 - what is sent is not for the tuple
                yield step
            if self.condition.holds(values):
                return {"rounds": rounds}
        if self.otherwise == "fail":
            raise StepError(f"after {self.most_rounds} rounds it is still not so that {self.condition.describe()}")
        return {"rounds": self.most_rounds}


class If(Block):
    """Carry out the steps of `then` if `condition` holds, else those of `otherwise` (``else`` in files)."""

    children: ClassVar[tuple[str, ...]] = ("then", "otherwise")

    kind: Literal["if"] = "if"
    condition: Condition
    then: Annotated[tuple["Step", ...], AfterValidator(not_empty)]
    otherwise: tuple["Step", ...] = Field(default=(), alias="else")

    def unfold(self, values: Mapping[str, Any]) -> Iterable["Step"]:
        """Return the steps of one branch."""
        return self.then if self.condition.holds(values) else self.otherwise


class Call(Block):
    """Carry out the steps of another sequence file; its cleanup and metadata do not count.

    Attributes
    ----------
    sequence : str
        A path relative to the calling file, or the name of a shipped sequence.
    variables : dict
        Values that stand for ``$name`` in its texts (``with`` in files).
    steps : tuple of steps
        Those of the other file, read together with this one.
    """

    kind: Literal["call"] = "call"
    sequence: Annotated[str, Field(min_length=1)]
    variables: dict[str, str | int | float | bool] = Field(default_factory=dict, alias="with")
    steps: Annotated[tuple["Step", ...], Field(json_schema_extra=NOT_IN_FILES)] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_the_other_file(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("sequence"), str):
            return data
        if data.get("steps"):
            raise ValueError("takes its steps from the other file; leave `steps` out")
        given = data.get("with", data.get("variables")) or {}
        return {**data, "steps": _steps_of_file(data["sequence"], given)} if isinstance(given, dict) else data

    def unfold(self, values: Mapping[str, Any]) -> Iterable["Step"]:
        """Return the steps of the other file."""
        return self.steps


PlainStep: TypeAlias = (
    SetLaser
    | SetShutter
    | SetAttenuator
    | SetTemperature
    | RampTemperature
    | HeatWithPower
    | WaitUntilStable
    | Soak
    | MoveStage
    | SetFocus
    | SetSpectrograph
    | SetCameraLight
    | CalibrateDetector
    | AcquirePhotons
    | AcquireSpectra
    | CountPhotons
    | CountLateLight
    | StoreTable
    | MeasurePower
    | Analyze
    | Prompt
)
"""A step that the engine carries out by itself."""

CleanupStep: TypeAlias = Annotated[
    SetLaser
    | SetShutter
    | SetAttenuator
    | SetTemperature
    | RampTemperature
    | WaitUntilStable
    | Soak
    | MoveStage
    | SetFocus,
    Field(discriminator="kind"),
]
"""A step that may stand in the cleanup of a sequence."""

ProcedureStep: TypeAlias = (
    RasterScan | CentreOnEmitter | ConfirmSingleEmitter | PowerSeries | AcquireBackground | AcquireIntensitySeries
)
"""A step that makes its own steps."""

Step: TypeAlias = Annotated[PlainStep | ProcedureStep | Repeat | RepeatUntil | If | Call, Field(discriminator="kind")]
"""What may stand in the steps of a sequence."""


class SequenceFile(ConfigModel):
    """What a sequence file holds, as far as one that calls it looks."""

    name: str
    metadata: dict[str, Any] = Field(default_factory=dict)
    suspend: tuple[dict[str, Any], ...] = ()
    readings_interval: str | None = None
    steps: Annotated[tuple[Step, ...], AfterValidator(not_empty)]
    cleanup: tuple[CleanupStep, ...] = ()


for _block in (Repeat, RepeatUntil, If, Call):
    _block.model_rebuild()
_STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])


def read_steps(steps: Sequence[Any]) -> tuple[Step, ...]:
    """Return steps from step objects or plain dicts, for programs; raises pydantic's `ValidationError`."""
    return _STEPS.validate_python(tuple(steps))


def _steps_of_file(name: str, variables: Mapping[str, Any]) -> tuple[Step, ...]:
    try:
        path = called_path(name)
        with reading(path):
            return load_config(path, SequenceFile, lambda data: substituted_all(data, variables, path.name)).steps
    except ConfigError as error:
        raise ValueError(str(error)) from error


def count_steps(step: Step) -> int:
    """Return how many plain steps a step holds, itself included."""
    if not (isinstance(step, Block) and step.children):
        return 1
    return sum(count_steps(inner) for field in step.children for inner in getattr(step, field))


def _refuse_same_variable(variable: str, steps: Sequence[Any]) -> None:
    for step in steps:
        if not isinstance(step, dict):
            continue
        if step.get("kind") == "repeat" and variable in (step.get("for"), step.get("variable")):
            raise ValueError(f"a repeat over {variable!r} stands inside another one over {variable!r}; rename one")
        for inner in (step.get(field) for field in ("steps", "then", "else")):
            if isinstance(inner, list | tuple):
                _refuse_same_variable(variable, inner)
