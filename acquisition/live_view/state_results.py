"""The newest analysis of everything that is recorded of a point, in the form that the figures of a report have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class StateResults:
    """What an analysis gave, or why it gave nothing.

    Attributes
    ----------
    elapsed_s : float
        Time of the point that it has seen.
    arrays, values : mappings
        As of `acquisition.report.figure_data.FigureData`; empty if it failed.
    problem : str
        Why it failed.
    took_s : float
        Wall time that it took.
    final : bool
        Whether it is that of the whole point, which is stored in the run folder.
    of_last_s : float or None
        The time up to `elapsed_s` from which its photons are; None: all that the point had then.
    """

    elapsed_s: float
    arrays: Mapping[str, NDArray[Any]]
    values: Mapping[str, Any]
    problem: str = ""
    took_s: float = 0.0
    final: bool = False
    of_last_s: float | None = None

    @property
    def results(self) -> Mapping[str, Any]:
        """The content of results.json; empty if the analysis failed."""
        results: Mapping[str, Any] = self.values.get("results", {})
        return results
