"""Showing results.json to a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from acquisition.cli.tables import state_tables, summary_lines
from acquisition.cli.terminal import complain, plus_minus


def show_results(results: Mapping[str, Any], screen: Console, truth: Mapping[str, Any] | None = None) -> None:
    """Print tables, summary and warnings of one recording, or of each point of a run.

    Parameters
    ----------
    results : mapping
        As in results.json.
    screen : Console
        Where to print.
    truth : mapping, optional
        As in truth.json; adds the truth of each point and the pulls.
    """
    points = results.get("points", [results])
    for point in points:
        if "points" in results:
            screen.print()
            screen.print(_heading(point), style="bold", markup=False)
        known = _truth_of(truth, point.get("number", 1))
        if truth is not None and _emitters_seen(truth, known) != 1:
            seen = _emitters_seen(truth, known)
            screen.print(f"{seen} emitters in the spot: no single one to compare with", markup=False)
            _show_point(point, screen, None)
        else:
            _show_point(point, screen, known.get("states"))
    for warning, numbers in _warnings(points).items():
        where = "" if len(points) == 1 else f"point{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}: "
        complain(f"warning: {where}{warning}")


def _warnings(points: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Return each warning once, with the numbers of its points."""
    found: dict[str, list[int]] = {}
    for point in points:
        for warning in dict.fromkeys(point.get("warnings", [])):
            found.setdefault(warning, []).append(point.get("number", 1))
    return found


def _heading(point: Mapping[str, Any]) -> str:
    temperature = [f"{point['temperature_c']:.1f} degC"] if "temperature_c" in point else []
    known = [point["label"]] if point.get("label") else temperature
    return ": ".join([f"point {point['number']}", *known])


def _truth_of(truth: Mapping[str, Any] | None, number: int) -> Mapping[str, Any]:
    """Return the truth of a point by its number; empty if there is none."""
    points = [] if truth is None else truth.get("points", [])
    return next((point for point in points if point.get("point") == number), {})


def _emitters_seen(truth: Mapping[str, Any], point: Mapping[str, Any]) -> int:
    """Return how many emitters a point saw; all of the sample in the truth of a program that did not say."""
    seen: int = point.get("emitters_in_spot", truth.get("emitter_count", 1))
    return seen


def _show_point(results: Mapping[str, Any], screen: Console, truth: Mapping[str, Any] | None) -> None:
    sign = plus_minus()
    for table in state_tables(results, truth, sign, screen.width):
        screen.print()
        screen.print(table)
    screen.print()
    for line in summary_lines(results, sign):
        screen.print(line, markup=False)
