"""What an acquisition may wait for: cascades, a result that is known well enough, a single emitter, a dose, a time."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from acquisition.config import ConfigModel, Percent, Seconds, quantity
from acquisition.sequence.steps.base import not_empty
from acquisition.sequence.steps.variables import without_variables

STATES = ("X", "X-", "X2-", "BX", "BX-", "BX2-")
CHARGE_STATES = ("neutral", "minus1", "minus2")

OF_A_STATE = {
    "lifetime": ("lifetime_ns", "ns"),
    "quantum efficiency": ("quantum_efficiency", ""),
    "energy_ss": ("energy_ss_ev", "eV"),
    "energy_pp": ("energy_pp_ev", "eV"),
    "pp fraction": ("pp_fraction", ""),
    "k_rad": ("k_rad_per_us", "1/us"),
    "k_nonrad": ("k_nonrad_per_us", "1/us"),
}
"""Names of numbers that each state has: their key in results.json, and their unit."""

OF_THE_DOT = {
    "B_per_us": (("model", "B_per_us"), "1/us"),
    "C_minus_per_us": (("model", "C_minus_per_us"), "1/us"),
    "C_plus_per_us": (("model", "C_plus_per_us"), "1/us"),
    "excitations_per_pulse": (("excitations_per_pulse",), ""),
}
"""Names of numbers that there are once: their place in results.json, and their unit."""

ASSUMED = ("quantum efficiency of X", "k_nonrad of X")
"""The efficiency of X is 1 by assumption, so these two have no error that could fall."""

_SPELLINGS = str.maketrans({"_": " ", "−": "-", "⁻": "-", "²": "2"})

Microjoules = Annotated[float, quantity("uJ", "a light dose", "5 uJ")]


@dataclass(frozen=True, slots=True)
class NamedResult:
    """A number of results.json.

    Attributes
    ----------
    name : str
        What it is called, e.g. ``lifetime of BX-``.
    place : tuple of str
        Keys that lead to its ``{"value": ..., "error": ...}`` in results.json.
    unit : str
        Empty for pure numbers.
    """

    name: str
    place: tuple[str, ...]
    unit: str


def _all_results() -> dict[str, NamedResult]:
    found = [
        NamedResult(f"{name} of {state}", ("states", state, key), unit)
        for name, (key, unit) in OF_A_STATE.items()
        for state in STATES
    ]
    found += [NamedResult(f"g2 of {charge}", ("g2", charge, "center_over_side"), "") for charge in CHARGE_STATES]
    found += [NamedResult(name, place, unit) for name, (place, unit) in OF_THE_DOT.items()]
    return {result.name: result for result in found if result.name not in ASSUMED}


RESULTS = _all_results()
"""Every number that an acquisition can wait for, by its name."""


def named_result(text: str) -> NamedResult:
    """Return the number that is called `text`: ``lifetime of BX-``, ``lifetime of BX⁻`` or ``BX-.lifetime_ns``.

    Case does not matter, and a key of results.json is a name, too.

    Raises
    ------
    ValueError
        If there is none, with the nearest name and what there is.
    """
    plain = _plain(text)
    known = {_plain(name): result for name, result in RESULTS.items()}
    for name, result in RESULTS.items():
        if result.place[0] == "states":
            _, state, key = result.place
            known |= {_plain(f"{key} of {state}"): result, _plain(f"{state}.{key}"): result}
            known[_plain(f"{state}.{name.partition(' of ')[0]}")] = result
    if plain in known:
        return known[plain]
    if plain in [_plain(name) for name in ASSUMED]:
        raise ValueError(f"{text!r} follows from the assumption that X emits with efficiency 1, so it has no error")
    same_state = [name for name, result in known.items() if _is_said(result.place, plain)]
    close = difflib.get_close_matches(plain, same_state, n=1)
    hint = f"did you mean {known[close[0]].name!r}? " if close else ""
    raise ValueError(
        f"{text!r} is not a result; {hint}There are {', '.join(OF_A_STATE)} (of {', '.join(STATES)}), g2 (of "
        f"{', '.join(CHARGE_STATES)}), {', '.join(OF_THE_DOT)}; write for example 'lifetime of BX-'"
    )


def _plain(text: str) -> str:
    return " ".join(text.translate(_SPELLINGS).casefold().split())


def _is_said(place: tuple[str, ...], plain: str) -> bool:
    """Whether a text speaks of the state of a number, if that has one: another state is never what was meant."""
    return place[0] != "states" or place[1].casefold() in re.split(r"[ .]", plain)


class _GoalModel(ConfigModel):
    """Plain data in a goal, in which variables of repeats must have been replaced."""

    _known = field_validator("*", mode="before")(without_variables)


class RelativeError(_GoalModel):
    """A result is to be known with a relative standard error below a limit.

    Attributes
    ----------
    of : str
        Name of the result, one of `RESULTS`.
    below_percent : float
        The limit, ``below: 3 %`` in files.
    """

    of: str
    below_percent: Annotated[Percent, Field(gt=0, lt=100)]

    @field_validator("of")
    @classmethod
    def _is_a_result(cls, of: str) -> str:
        return named_result(of).name

    @property
    def result(self) -> NamedResult:
        """The number that is waited for."""
        return RESULTS[self.of]


class SingleEmitter(_GoalModel):
    """The time-gated, background-corrected g2(0) is to lie below 0.5 by so many standard errors.

    It does not count while it lies above 0.1 by three standard errors, or while pairs live too long for a biexciton:
    both are signs of several emitters, which may be unequal or charge independently.

    Attributes
    ----------
    sigma : float
        How many.
    or_several : bool
        Whether to end as well when several emitters are proved instead.
    """

    sigma: Annotated[float, Field(gt=0, le=10)] = 3.0
    or_several: bool = False


class Goal(_GoalModel):
    """One thing to wait for, or several joined by ``any`` or ``all``; exactly one field is given.

    Attributes
    ----------
    cascades : int
        So many pulses with exactly two photons, as the live analysis counts them.
    relative_error : RelativeError
    single_emitter : SingleEmitter
    dose_uj : float
        Energy of the laser light on the sample during this point, in uJ (``dose: 5 uJ`` in files).
    dose_percent_s : float
        The same in percent of the laser's full power times seconds, where no power meter was at the sample.
    time_s : float
        Time recorded at this point, in s (``time: 10 min`` in files).
    any_of, all_of : tuple of Goal
        ``any`` and ``all`` in files.
    """

    cascades: Annotated[int, Field(gt=0)] | None = None
    relative_error: RelativeError | None = None
    single_emitter: SingleEmitter | None = None
    dose_uj: Annotated[Microjoules, Field(gt=0)] | None = None
    dose_percent_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    time_s: Annotated[Seconds, Field(gt=0)] | None = None
    any_of: Annotated[tuple["Goal", ...], AfterValidator(not_empty)] | None = Field(None, alias="any")
    all_of: Annotated[tuple["Goal", ...], AfterValidator(not_empty)] | None = Field(None, alias="all")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = list(self._given())
        if not given:
            raise ValueError(f"names no goal; write one of {', '.join(_EXAMPLES)}")
        if len(given) > 1:
            parts = ", ".join(f"{{{key}: ...}}" for key in given)
            raise ValueError(
                f"names {len(given)} goals; say how they are joined: {{any: [{parts}]}} or {{all: [{parts}]}}"
            )
        return self

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}

    @property
    def key(self) -> str:
        """What the goal is called in files: cascades, relative_error, single_emitter, dose, ..., any or all."""
        return next(self._given())

    @property
    def parts(self) -> tuple["Goal", ...]:
        """The goals that this one joins; empty for a goal by itself."""
        return self.any_of or self.all_of or ()

    @property
    def needs_analysis(self) -> bool:
        """Whether the photons must be analysed while they come, beyond what the live analysis counts."""
        return any(one.relative_error or one.single_emitter for one in leaves(self))

    @property
    def is_dose(self) -> bool:
        """Whether it, or a part of it, is a dose of light."""
        return any(one.dose_uj is not None or one.dose_percent_s is not None for one in leaves(self))

    @property
    def needs_power(self) -> bool:
        """Whether the power at the sample must be known."""
        return any(one.dose_uj is not None for one in leaves(self))

    def _given(self) -> Iterator[str]:
        for name, field in type(self).model_fields.items():
            if getattr(self, name) is not None:
                yield field.alias or name


_EXAMPLES = (
    "cascades: 5000",
    "relative_error: {of: lifetime of BX-, below: 3 %}",
    "single_emitter: {sigma: 3}",
    "dose: 5 uJ",
    "dose_percent_s: 6000",
    "time: 10 min",
    "any: [...]",
    "all: [...]",
)


def leaves(goal: Goal) -> Iterator[Goal]:
    """Yield the goals by themselves that a goal is joined of."""
    if not goal.parts:
        yield goal
    for part in goal.parts:
        yield from leaves(part)


def describe(goal: Goal) -> str:
    """Return a goal in words, to be read behind "until"."""
    if goal.cascades is not None:
        return f"{goal.cascades} cascades are seen"
    if goal.relative_error is not None:
        return f"{goal.relative_error.of} is known to {goal.relative_error.below_percent:g} %"
    if goal.single_emitter is not None:
        several = " or several are" if goal.single_emitter.or_several else ""
        return f"a single emitter is{several} proved at {goal.single_emitter.sigma:g} sigma"
    if goal.dose_uj is not None:
        return f"the sample has received {goal.dose_uj:g} uJ"
    if goal.dose_percent_s is not None:
        return f"the sample has received {goal.dose_percent_s:g} % s of laser light"
    if goal.time_s is not None:
        return f"{goal.time_s:g} s are recorded"
    word = " or " if goal.any_of else " and "
    return word.join(f"({describe(part)})" if len(part.parts) > 1 else describe(part) for part in goal.parts)
