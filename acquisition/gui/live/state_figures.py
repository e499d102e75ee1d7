"""What an analysis gave, as panels and runs hold it, with the questions that drawings ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from acquisition.report.words import why_no_states

Array = NDArray[Any]
Content = Mapping[str, Any]
"""A panel of the kind ``states``: ``arrays``, ``values``, ``elapsed_s``, ``took_s``, ``problem``, ``final``."""


@dataclass(frozen=True, slots=True, eq=False)
class StateFigures:
    """Arrays and values by the names of `acquisition.report.figure_data.FigureData`.

    Attributes
    ----------
    arrays : mapping of str to array
    values : mapping of str to plain data
        Empty if nothing could be analysed.
    """

    arrays: Mapping[str, Array]
    values: Mapping[str, Any]

    @classmethod
    def of(cls, content: Content) -> "StateFigures":
        """Return what a panel, or `Session.figures`, holds."""
        return cls(content.get("arrays") or {}, content.get("values") or {})

    @property
    def results(self) -> Mapping[str, Any]:
        """The content of results.json; empty if there is none."""
        found: Mapping[str, Any] = self.values.get("results") or {}
        return found

    @property
    def charges(self) -> tuple[str, ...]:
        """Charge states that were found."""
        return tuple(self.values.get("charges") or ())

    @property
    def why_nothing(self) -> str:
        """Why there are no charge states; empty if there are some."""
        return why_no_states(self.values) if self.values else "Nothing is analysed yet."

    def group(self, name: str) -> dict[str, Array]:
        """Return the arrays of a group by their names in it; empty if there is no such group."""
        start = name + "/"
        return {key.removeprefix(start): array for key, array in self.arrays.items() if key.startswith(start)}

    def estimate(self, state: str, quantity: str) -> tuple[float, float] | None:
        """Return value and error of a quantity of a state as in results.json; None if it was not found."""
        found = self.results.get("states", {}).get(state, {}).get(quantity)
        return None if found is None else (float(found["value"]), float(found["error"]))

    def why_missing(self, charge: str) -> str:
        """Return what the warnings say of a charge state; empty if nothing."""
        start = f"{charge}: "
        said = [text.removeprefix(start) for text in self.results.get("warnings", ()) if text.startswith(start)]
        return "; ".join(said)
