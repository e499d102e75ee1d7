"""Conditions on what was measured before: what `if` and `repeat_until` decide by."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from acquisition.config import ConfigModel
from acquisition.sequence.errors import StepError
from acquisition.sequence.steps.value_names import check_comparison, known_name
from acquisition.sequence.steps.variables import without_variables

Number: TypeAlias = Annotated[float, BeforeValidator(without_variables)]


class Condition(ConfigModel):
    """A comparison with a value of the steps before, or several conditions together.

    Exactly one of `value`, `all`, `any` and `not` (in files) is given; `value` with `above`, `below`
    (both: between) or `equals`. Numbers are in the unit that the name of the value carries.
    """

    value: Annotated[str, BeforeValidator(known_name)] | None = None
    above: Number | None = None
    below: Number | None = None
    equals: str | bool | float | None = None
    all_of: tuple["Condition", ...] = Field(default=(), alias="all")
    any_of: tuple["Condition", ...] = Field(default=(), alias="any")
    none_of: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = [bool(self.value), bool(self.all_of), bool(self.any_of), self.none_of is not None]
        if sum(given) != 1:
            raise ValueError("must hold exactly one of value, all, any, not; e.g. {value: count_rate_cps, below: 2000}")
        compared = [bound is not None for bound in (self.above, self.below, self.equals)]
        if self.value and (not any(compared) or (compared[2] and sum(compared) > 1)):
            raise ValueError(f"compares {self.value} with nothing clear; give above, below or both, or equals alone")
        if self.value:
            check_comparison(self.value, self.equals)
        if not self.value and any(compared):
            raise ValueError("above, below and equals need a value to compare, e.g. value: count_rate_cps")
        return self

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the condition holds.

        Parameters
        ----------
        values : mapping
            Newest values of the steps before, by name.

        Raises
        ------
        StepError
            If a value is not there, or is not a number where one is compared.
        """
        if self.all_of:
            return all(condition.holds(values) for condition in self.all_of)
        if self.any_of:
            return any(condition.holds(values) for condition in self.any_of)
        if self.none_of is not None:
            return not self.none_of.holds(values)
        return self._compare(_found(str(self.value), values))

    def _compare(self, found: Any) -> bool:
        if self.equals is not None:
            return bool(found == self.equals)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise StepError(f"{self.value} is {found!r}, which is not above or below anything; use equals")
        return (self.above is None or found > self.above) and (self.below is None or found < self.below)

    def describe(self) -> str:
        """Return the condition in words."""
        if self.all_of:
            return "(" + " and ".join(condition.describe() for condition in self.all_of) + ")"
        if self.any_of:
            return "(" + " or ".join(condition.describe() for condition in self.any_of) + ")"
        if self.none_of is not None:
            return f"not {self.none_of.describe()}"
        if self.equals is not None:
            return f"{self.value} is {_in_words(self.equals)}"
        bounds = [("above", self.above), ("below", self.below)]
        return f"{self.value} is " + " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


Condition.model_rebuild()


def _in_words(value: str | bool | float) -> str:
    """Return a value as a sequence file spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"


def _found(name: str, values: Mapping[str, Any]) -> Any:
    if name in values:
        return values[name]
    close = difflib.get_close_matches(name, values, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    known = ", ".join(sorted(values)) or "none"
    raise StepError(f"no step before gave {name}{hint}. Known so far: {known}")
