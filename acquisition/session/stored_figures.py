"""What the figures of an analysed point are drawn from, read from its run folder for a program that draws its own."""

from pathlib import Path
from typing import Any

from acquisition.session.base import SessionError
from acquisition.storage import PointFolder, RecordingError, RunFolder
from acquisition.storage.analysis_file import load_analysis

_TOO_LONG = "trace/"
"""Arrays per bin of the count trace: they grow with the length of the run."""


def stored_figures(run: Path, number: int | None) -> dict[str, Any]:
    """Return the figures of a point, see `Session.figures`. Raises `SessionError`, `RecordingError`."""
    folder = RunFolder.open(run)
    analysed = [point for point in folder.points() if point.analysis_h5.is_file()]
    if not analysed:
        raise SessionError(f"{run}: no point of it was analysed; analyse it: `cascadescope analyze {run}`")
    records = _records(folder)
    if number is None:
        shows = [point for point in analysed if not records.get(point.number, {}).get("background")]
        point = (shows or analysed)[0]
    else:
        point = _named(run, analysed, number)
    arrays, values = load_analysis(point.analysis_h5)
    record = records.get(point.number, {})
    return {
        "run": str(run),
        "point": point.number,
        "label": record.get("label"),
        "conditions": dict(record.get("conditions") or {}),
        "simulated": values.get("results", {}).get("simulated"),
        "points": [each.number for each in analysed],
        "arrays": {name: array for name, array in arrays.items() if not name.startswith(_TOO_LONG)},
        "values": values,
    }


def _named(run: Path, analysed: list[PointFolder], number: int) -> PointFolder:
    for point in analysed:
        if point.number == number:
            return point
    there = ", ".join(str(point.number) for point in analysed)
    raise SessionError(
        f"{run}: point {number} was not analysed, points {there} were; `cascadescope analyze {run}` analyses the run"
    )


def _records(folder: RunFolder) -> dict[int, dict[str, Any]]:
    """Return what run.json says of each point by number; nothing if it cannot be read."""
    try:
        return {record["number"]: record for record in folder.read_run_json().get("points", [])}
    except (RecordingError, KeyError, TypeError):
        return {}
