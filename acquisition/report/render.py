"""The report of a run: one HTML file that holds everything it shows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from acquisition.report import tables
from acquisition.report.conditions import condition_rows, rig_facts
from acquisition.report.figure_data import FigureData
from acquisition.report.figures import ShownFigure, overview_figure, run_figure, shown_figures
from acquisition.report.notes import note_rows
from acquisition.report.words import NOT_FOUND
from acquisition.storage import PointFolder, RecordingError, RunFolder, write_text
from acquisition.storage.analysis_file import load_analysis


@dataclass(frozen=True, slots=True, eq=False)
class ReportPoint:
    """A point of a run with its data, or with the reason why it has none."""

    heading: str
    data: FigureData | None
    problem: str = ""


def render_report(run_path: Path) -> Path:
    """Write ``report.html`` into a run folder, in one step, and return its path.

    Raises
    ------
    RecordingError
        If it is no run folder, or no point of it was analysed.
    StorageError
        If the disk refuses.
    """
    folder = RunFolder.open(Path(run_path))
    run = folder.read_run_json() if folder.run_json.exists() else None
    points = [_load(point, run) for point in folder.points()]
    if not any(point.data for point in points):
        problems = "; ".join(point.problem for point in points) or "it has no points"
        raise RecordingError(f"{folder.path}: nothing to report: {problems}")
    write_text(folder.report_html, render_html(folder.path.name, points, run, folder))
    return folder.report_html


def _load(point: PointFolder, run: Mapping[str, Any] | None) -> ReportPoint:
    heading = _heading(point.number, run)
    if not point.has_photons and not point.analysis_h5.exists():
        return ReportPoint(heading, None, f"{point.path.name}: no photons were recorded")
    try:
        return ReportPoint(heading, FigureData(*load_analysis(point.analysis_h5)))
    except RecordingError as error:
        return ReportPoint(heading, None, str(error))


_TEMPERATURE = re.compile(r"\s*-?[\d.]+\s*(degC|°C)\s*")
"""A label that is the setpoint of the temperature says nothing beside the measured one."""


def _heading(number: int, run: Mapping[str, Any] | None) -> str:
    records = (run or {}).get("points") or []
    record: Mapping[str, Any] = next((each for each in records if each.get("number") == number), {})
    label = str(record.get("label") or "")
    parts = [label] if label and not _TEMPERATURE.fullmatch(label) else []
    if "temperature_c" in (record.get("conditions") or {}):
        parts.append(f"{record['conditions']['temperature_c']:.1f} °C")
    elif label and not parts:
        parts.append(label)
    return f"Point {number}" + (f": {', '.join(parts)}" if parts else "")


def render_html(
    title: str, points: Sequence[ReportPoint], run: Mapping[str, Any] | None, folder: RunFolder | None = None
) -> str:
    """Return the report as one HTML page without references to anything outside of it.

    Parameters
    ----------
    title : str
    points : sequence of ReportPoint
    run : mapping or None
        What run.json says. Text in it is shown as text, whatever it holds.
    folder : RunFolder, optional
        Of the run: its slow readings and its journal are shown, too.
    """
    results = [point.data.results for point in points if point.data is not None]
    simulated = bool((run or {}).get("simulated")) or any(each.get("simulated") for each in results)
    sections = [
        {
            "heading": point.heading,
            "problem": point.problem,
            "content": None if point.data is None else _section(point.data, simulated),
        }
        for point in points
    ]
    return _template().render(
        title=title,
        lead=_lead(run),
        simulated=simulated,
        run=list(run_facts(run)) if run else [],
        instruments=list(instrument_rows(run)) if run else [],
        conditions=condition_rows(run) if run else [],
        rig=list(rig_facts(run)) if run else [],
        overview=overview_figure([point.data for point in points if point.data is not None], simulated),
        readings=None if folder is None else run_figure(folder, simulated),
        notes=[] if folder is None else note_rows(folder),
        problems=list(_problems(run)) if run else [],
        sections=sections,
    )


def _lead(run: Mapping[str, Any] | None) -> str:
    """Return one line that says what was measured, by whom and when."""
    known = [str(run[key]) for key in ("sample", "operator", "started_at") if run.get(key)] if run else []
    return " · ".join([*known, "values with one standard error"])


def _section(data: FigureData, simulated: bool) -> dict[str, Any]:
    figures: list[ShownFigure] = list(shown_figures(data, simulated))
    absent: dict[str, list[str]] = {}
    for figure in figures:
        if figure.image is None:
            absent.setdefault(figure.text, []).append(figure.title)
    return {
        "state_headings": tables.state_headings(data),
        "state_rows": list(tables.state_rows(data)),
        "charge_headings": tables.CHARGE_HEADINGS,
        "charge_rows": list(tables.charge_rows(data)),
        "facts": list(tables.facts(data)),
        "warnings": data.results["warnings"],
        "figures": [figure for figure in figures if figure.image is not None],
        "absent": absent,
    }


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((Path(__file__).parent / "report.html.j2").read_text(encoding="utf-8"))


_RUN_FACTS = {
    "name": "sequence",
    "status": "outcome",
    "operator": "operator",
    "sample": "sample",
    "started_at": "started",
    "ended_at": "ended",
    "commit": "commit",
}


def run_facts(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what run.json says of a run, as pairs of a name and a text."""
    for key, name in _RUN_FACTS.items():
        if run.get(key) not in (None, ""):
            yield name, str(run[key])
    for key, value in (run.get("metadata") or {}).items():
        if key not in ("operator", "sample"):
            yield str(key).replace("_", " "), str(value)
    if run.get("versions"):
        yield "versions", ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    for name, digest in (run.get("calibrations") or {}).items():
        yield f"calibration {name}", str(digest)


def instrument_rows(run: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield role, instrument, serial number and kind of each instrument of the run."""
    for role, device in ((run.get("rig") or {}).get("devices") or {}).items():
        instrument = " ".join(str(device[key]) for key in ("manufacturer", "model") if device.get(key))
        kind = "simulated" if device.get("simulated") else "hardware"
        yield [str(role), instrument, str(device.get("serial") or NOT_FOUND), kind]


def _problems(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield what went wrong in the run itself."""
    if run.get("status") not in (None, "completed"):
        yield f"the run did not complete: {run['status']}"
    yield from (str(problem) for problem in run.get("problems") or [])
    told = dict.fromkeys(str(warning) for warning in run.get("warnings") or [])
    yield from told
    of_points: dict[str, list[str]] = {}
    for point in run.get("points") or []:
        for warning in dict.fromkeys(map(str, point.get("warnings") or [])):
            of_points.setdefault(warning, []).append(str(point.get("number")))
    for warning, numbers in of_points.items():
        yield f"point{'s' * (len(numbers) > 1)} {', '.join(numbers)}: {warning}"
