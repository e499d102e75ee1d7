"""What all steps of a measurement have in common."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from acquisition.config import ConfigModel, Seconds
from acquisition.sequence.steps.variables import data_without_variables

MAX_DURATION_S = 30 * 86_400.0

T = TypeVar("T")

Duration = Annotated[Seconds, Field(gt=0, le=MAX_DURATION_S)]


def not_empty(items: tuple[T, ...]) -> tuple[T, ...]:
    """Return the items; raises `ValueError` if there is none."""
    if not items:
        raise ValueError("is an empty list; it must hold at least one item")
    return items


class Retry(ConfigModel):
    """What to do with a step that failed for a reason that may pass: a wire, a timeout, a temperature not stable.

    Alarms, interlocks and values out of range are never tried again. Before each attempt there is no
    light for `wait_s`, then what was set before is set again.

    Attributes
    ----------
    times : int
        Attempts after the first.
    wait_s : float
        Time in the dark before each.
    then : str
        After the last: ``fail`` the run, or ``skip`` the step.
    """

    times: int = Field(default=1, ge=1, le=100)
    wait_s: Duration = 10.0
    then: Literal["fail", "skip"] = "fail"


class StepModel(ConfigModel):
    """A step: frozen data with a `kind`.

    Attributes
    ----------
    enabled : bool
        False leaves the step out without removing it from the file.
    note : str
        Goes into the journal of the run when the step starts.
    retry : Retry or None
        What to do if it fails; None: the run fails. Of a step that holds others, it holds for those
        that say nothing themselves.
    """

    enabled: bool = True
    note: Annotated[str, Field(max_length=2000)] = ""
    retry: Retry | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_variables(cls, data: Any) -> Any:
        return data_without_variables(cls.__name__, data) if isinstance(data, dict) else data


class PlainStepModel(StepModel):
    """A step that the engine carries out by itself.

    Attributes
    ----------
    repeatable : bool
        False for what changes the sample for good (bleaching, annealing): if the program dies in the
        middle, the resumed run asks a person what to do.
    """

    repeatable: bool = True
