"""Showing results.json to a person."""

from collections.abc import Mapping
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
    if truth is not None and truth.get("emitter_count", 1) != 1:
        screen.print(f"the sample holds {truth['emitter_count']} emitters: no single one to compare with", markup=False)
    points = results.get("points", [results])
    for index, point in enumerate(points):
        if len(points) > 1:
            screen.print(f"\npoint {index + 1}", style="bold")
        _show_point(point, screen, _truth_of(truth, index))


def _truth_of(truth: Mapping[str, Any] | None, index: int) -> Mapping[str, Any] | None:
    """Return the true states of a point; None where there is no single emitter to compare with."""
    if truth is None or truth.get("emitter_count", 1) != 1 or index >= len(truth.get("points", [])):
        return None
    states: Mapping[str, Any] | None = truth["points"][index].get("states")
    return states


def _show_point(results: Mapping[str, Any], screen: Console, truth: Mapping[str, Any] | None) -> None:
    sign = plus_minus()
    for table in state_tables(results, truth, sign, screen.width):
        screen.print()
        screen.print(table)
    screen.print()
    for line in summary_lines(results, sign):
        screen.print(line, markup=False)
    for warning in results.get("warnings", []):
        complain(f"warning: {warning}")
