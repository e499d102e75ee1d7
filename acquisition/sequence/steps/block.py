"""What steps that hold or make others have in common."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from acquisition.sequence.steps.base import StepModel

if TYPE_CHECKING:
    from acquisition.sequence.steps.blocks import PlainStep, Step

Values: TypeAlias = dict[str, Any]
"""What a step gives: numbers and texts by name with unit."""


class Block(StepModel):
    """A step that holds others; `children` names the fields in which they stand.

    A procedure is a block without children: it makes its steps while they are carried out. What it yields
    must follow from its settings and the values that it is given alone, so that a run that was broken off can
    be followed to the same place.
    """

    children: ClassVar[tuple[str, ...]] = ("steps",)

    @abstractmethod
    def unfold(self, values: Mapping[str, Any]) -> Iterable["Step"]:
        """Return the steps to carry out: a list, or a generator that is pulled one at a time.

        A generator gets the values of each step that it yields, and returns values of its own.

        Parameters
        ----------
        values : mapping
            Newest values of the steps before; changes while the steps are carried out.
        """

    def needs(self) -> tuple["PlainStep", ...]:
        """Return steps like those that it will make, at the ends of their ranges, to be checked against a rig."""
        return ()
