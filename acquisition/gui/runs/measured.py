"""Points of several runs side by side: how they are named, and by how much their numbers differ."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.runs.columns import Run
from acquisition.numbers import with_error
from acquisition.report.words import QUANTITIES, STATES, state_text

ZERO_CELSIUS_K = 273.15

NEEDED = ("spectrum/", "decay/", "survey/wavelength_nm")
"""Arrays that are kept to be overlaid."""

LEAST_DIFFERENCE = 0.005
"""Conditions that differ by a smaller share are the same."""

CONDITIONS = {
    "temperature_c": ("{:.1f} °C", 1.0),
    "laser_intensity_percent": ("laser {:.3g} %", 1.0),
    "laser_repetition_rate_hz": ("{:.4g} MHz", 1e-6),
    "excitations_per_pulse": ("{:.3g} excitations per pulse", 1.0),
}
"""How conditions are told where they differ, and their factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """An analysed point of a run.

    Attributes
    ----------
    path, name : str
        Of the run.
    sample : str
    point : int
    label : str
        Of the point; empty if it has none.
    points : tuple of int
        All analysed points of the run.
    conditions : mapping of str to float
        As run.json says them, with ``temperature_c``.
    simulated : bool
    figures : StateFigures
        Results, and the arrays that are overlaid.
    """

    path: str
    name: str
    sample: str
    point: int
    label: str
    points: tuple[int, ...]
    conditions: Mapping[str, float]
    simulated: bool
    figures: StateFigures

    @classmethod
    def of(cls, run: Run, figures: Mapping[str, Any]) -> "Measured":
        """Return a point as `Session.figures` gives it."""
        values = figures["values"]
        conditions = {
            name: float(value)
            for name, value in (figures.get("conditions") or {}).items()
            if isinstance(value, int | float)
        }
        if values.get("temperature_k") is not None:
            conditions.setdefault("temperature_c", float(values["temperature_k"]) - ZERO_CELSIUS_K)
        arrays = {name: array for name, array in figures["arrays"].items() if name.startswith(NEEDED)}
        return cls(
            path=str(run["path"]),
            name=f"{str(run.get('started_at') or '')[:16].replace('T', ' ')} {run['name']}".strip(),
            sample=str(run.get("sample") or "unknown sample"),
            point=int(figures["point"]),
            label=str(figures.get("label") or ""),
            points=tuple(figures.get("points") or (figures["point"],)),
            conditions=conditions,
            simulated=bool(figures.get("simulated")),
            figures=StateFigures(arrays, values),
        )


def legend_names(measured: Sequence[Measured]) -> list[str]:
    """Return a short name for each: its number in the list, its run, and everything in which they differ."""
    several_samples = len({each.sample for each in measured}) > 1
    several_runs = len({each.path for each in measured}) > 1
    differing = [key for key in CONDITIONS if _differs(each.conditions.get(key) for each in measured)]
    names = []
    for number, each in enumerate(measured, start=1):
        parts = [each.name] if several_runs else []
        if several_samples:
            parts.append(each.sample)
        if len(each.points) > 1:
            parts.append(f"point {each.point}" + (f" {each.label}" if each.label else ""))
        for key in differing:
            if key in each.conditions:
                words, factor = CONDITIONS[key]
                parts.append(words.format(each.conditions[key] * factor))
        names.append(f"{number}: {', '.join(parts or [each.name])}")
    return names


def _differs(values: Iterable[float | None]) -> bool:
    found = list(values)
    known = [value for value in found if value is not None]
    if not known:
        return False
    scale = max(abs(value) for value in known)
    return len(known) < len(found) or max(known) - min(known) > LEAST_DIFFERENCE * scale


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much a number of a state differs from that of the reference; both have errors."""

    number: int
    state: str
    reference: tuple[float, float]
    value: tuple[float, float]

    @property
    def difference(self) -> tuple[float, float]:
        """Value minus reference, with the error of both, which are independent."""
        return self.value[0] - self.reference[0], hypot(self.value[1], self.reference[1])

    @property
    def sigma(self) -> float | None:
        """The difference in its standard errors; None if neither has one, as what is assumed."""
        difference, error = self.difference
        return difference / error if error > 0 else None


def differences(measured: Sequence[Measured], quantity: str, reference: int = 0) -> list[Difference]:
    """Return the differences of a quantity to that of one of the points, by state and then by point."""
    found = []
    for state in STATES:
        base = measured[reference].figures.estimate(state, quantity) if measured else None
        for number, each in enumerate(measured):
            value = each.figures.estimate(state, quantity)
            if number != reference and base is not None and value is not None:
                found.append(Difference(number, state, base, value))
    return found


DIFFERENCE_HEADINGS = ("state", "run", "value", "reference", "difference", "sigma")


def difference_row(difference: Difference, names: Sequence[str]) -> list[str]:
    """Return a difference as `DIFFERENCE_HEADINGS` says."""
    sigma = difference.sigma
    return [
        state_text(difference.state),
        names[difference.number],
        with_error(*difference.value),
        with_error(*difference.reference),
        with_error(*difference.difference),
        "assumed" if sigma is None else f"{sigma:+.1f}",
    ]


def differences_csv(found: Sequence[Difference], names: Sequence[str], quantity: str, reference: str) -> str:
    """Return differences with all their digits, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    heading = QUANTITIES[quantity]
    writer.writerow(["state", "run", f"{heading}", "standard error", f"of {reference}", "standard error",
                     "difference", "standard error", "sigma"])  # fmt: skip
    for each in found:
        numbers = [*each.value, *each.reference, *each.difference]
        sigma = "" if each.sigma is None else f"{each.sigma:.6g}"
        writer.writerow([each.state, names[each.number], *(f"{number:.9g}" for number in numbers), sigma])
    return text.getvalue()
