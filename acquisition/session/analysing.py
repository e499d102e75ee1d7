"""Analysing what was recorded: a run folder, point by point, or a single photon file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acquisition.analysis.recording import PhotonRecording
from acquisition.session.base import SessionError
from acquisition.session.reporting import write_page, write_report
from acquisition.storage import (
    PointFolder,
    RecordingError,
    RunFolder,
    StorageError,
    open_point,
    open_recording,
    write_json,
)
from acquisition.storage.analysis_file import load_analysis, save_analysis

if TYPE_CHECKING:
    from acquisition.analysis.analyze import Analysis

Report = Callable[[str], None]


def is_run(path: Path) -> bool:
    """Return whether a path is the folder of a run."""
    return (path / "points").is_dir()


def analyze_path(path: Path, report: Report, page: Path | None = None) -> dict[str, Any]:
    """Return the content of results.json of a run folder, a point folder or a photon file.

    In run and point folders the results are stored as well, as the report needs them, and that of a run is written
    anew.

    Parameters
    ----------
    path : Path
        What to analyse.
    report : callable
        Is told in words what is being done.
    page : Path, optional
        Where to write the report of a photon file; a run has its own.

    Raises
    ------
    RecordingError
        If there is nothing that can be read, or the photons cannot be analysed; names the file.
    SessionError
        If some points of a run could not be analysed; the results and the report of the others are written.
    """
    if is_run(path):
        if page is not None:
            raise SessionError(f"{path}: a run has its own report.html in its folder; leave the report file out")
        folder = RunFolder.open(path)
        try:
            results = analyze_run(folder, report)
        except SessionError:  # some points failed; the report shows the others
            if folder.results_json.exists():
                write_report(path)
            raise
        report("writing the report")
        write_report(path)
        return results
    if path.is_dir() and PointFolder(path).has_photons:
        point = PointFolder(path)
        results = analyze_point(point, open_point(point), report)
        if page is not None:
            write_page(page, path.name, *load_analysis(point.analysis_h5))
        return results
    from acquisition.analysis.results import results_of

    analysis = _analysed(open_recording(path), path, report)
    if page is not None:
        from acquisition.report.figure_data import figure_data

        report("writing the report")
        data = figure_data(analysis)
        write_page(page, path.name, data.arrays, data.values)
    return results_of(analysis)


def _analysed(recording: PhotonRecording, path: Path, report: Report) -> "Analysis":
    """Analyse a recording; what cannot be analysed is told with its path. The compiled code is loaded only here."""
    from acquisition.analysis.analyze import analyze
    from acquisition.analysis.passes import AnalysisError

    try:
        return analyze(recording, progress=report)
    except AnalysisError as error:
        raise RecordingError(f"{path}: {error}") from error


def analyze_recording(recording: PhotonRecording, path: Path) -> Mapping[str, Any]:
    """Return the results of a recording and store nothing. Raises `RecordingError`, with `path`, if it cannot be."""
    from acquisition.analysis.results import results_of

    return results_of(_analysed(recording, path, lambda text: None))


def analyze_run(folder: RunFolder, report: Report) -> dict[str, Any]:
    """Analyse every point of a run and store the results; a point that fails does not cost the others theirs.

    Returns
    -------
    dict
        The results of the point, or of several ``{"simulated": ..., "points": [...]}``: each with its ``number``
        and, where known, ``label``, ``background`` and ``temperature_c``.

    Raises
    ------
    StorageError
        If no point of the run was recorded.
    SessionError
        After all points were tried, if some could not be analysed; names them. The results of the others
        are stored.
    """
    points = [point for point in folder.points() if point.has_photons]
    if not points:
        raise StorageError(f"{folder.path}: holds no photons; no point of this run was recorded")
    if len(folder.points()) == 1 and not _said_of_points(folder).get(points[0].number, {}).get("background"):
        found = analyze_point(points[0], open_point(points[0]), report)
        write_json(folder.results_json, found)
        return found
    results, failed = _analyze_each(points, _said_of_points(folder), report)
    content: dict[str, Any] = {"points": results}
    if any("simulated" in each for each in results):
        content = {"simulated": any(each.get("simulated") for each in results), **content}
    if results:
        write_json(folder.results_json, content)
    if failed:
        kept = f"; the results of {len(results)} of {len(points)} points are stored" if results else ""
        raise SessionError("; ".join(failed) + kept)
    return content


def _analyze_each(
    points: Sequence[PointFolder], said: Mapping[int, Mapping[str, Any]], report: Report
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the results of the points that can be analysed, and why the others cannot.

    Points that show no emitter are analysed like the others, but it is no failure if nothing is found there.
    """
    results: list[dict[str, Any]] = []
    failed: list[str] = []
    for point in points:
        prefix = f"point {point.number} of {len(points)}: "
        try:
            recording = open_point(point)
            found = analyze_point(point, recording, lambda text, prefix=prefix: report(prefix + text))  # type: ignore[misc]
        except SessionError:  # the analysis as a whole was given up
            raise
        except Exception as error:
            if said.get(point.number, {}).get("background") and isinstance(error, RecordingError):
                results.append(_heading(point, said, {}) | {"warnings": [f"nothing to analyse: {error}"]})
                continue
            ours = isinstance(error, OSError) or type(error).__module__.startswith("acquisition.")
            failed.append(f"point {point.number}: {error if ours else repr(error)}")
        else:
            results.append(_heading(point, said, recording.conditions) | found)
    return results, failed


def _heading(
    point: PointFolder, said: Mapping[int, Mapping[str, Any]], conditions: Mapping[str, float]
) -> dict[str, Any]:
    """Return what tells a point from the others, as far as known."""
    found: dict[str, Any] = {"number": point.number}
    found |= {key: value for key, value in said.get(point.number, {}).items() if value}
    return found | {key: conditions[key] for key in ("temperature_c",) if key in conditions}


def _said_of_points(folder: RunFolder) -> dict[int, dict[str, Any]]:
    """Return label and background of the points by number, as far as run.json says them."""
    try:
        records = folder.read_run_json().get("points", [])
    except RecordingError:  # the photons can be analysed without it
        return {}
    return {record["number"]: {key: record.get(key) for key in ("label", "background")} for record in records}


def analyze_point(point: PointFolder, recording: PhotonRecording, report: Report) -> dict[str, Any]:
    """Analyse what was recorded at a point, store results.json and the arrays for the report, return the results."""
    from acquisition.report.figure_data import figure_data

    data = figure_data(_analysed(recording, point.path, report))
    report("storing the results")
    data.results["warnings"] += _doubts(point, recording)
    write_json(point.results_json, data.results)
    save_analysis(point.analysis_h5, data.arrays, data.values, simulated=recording.simulated)
    return data.results


def _doubts(point: PointFolder, recording: PhotonRecording) -> list[str]:
    """Return in words which photons may be wrong, as run.json says of the point; none if it cannot be read."""
    try:
        records = RunFolder.open(point.path.parent.parent).read_run_json().get("points", [])
    except RecordingError:  # a point that was copied elsewhere
        return []
    period_s = recording.info.period_ps * 1e-12
    here = [record for record in records if record.get("folder") == f"points/{point.path.name}"]
    doubtful = [doubt for record in here for doubt in record.get("doubtful", [])]
    return [
        f"{(doubt['to_pulse'] - doubt['from_pulse']) * period_s:.3g} s before a suspension may be wrong and are "
        f"analysed like the rest (pulses {doubt['from_pulse']} to {doubt['to_pulse']}): {doubt['reason']}"
        for doubt in doubtful
    ]
