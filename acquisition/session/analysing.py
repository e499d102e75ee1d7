"""Analysing what was recorded: a run folder, point by point, or a single photon file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from acquisition.storage import PointFolder, RunFolder, StorageError, open_point, open_recording, write_json
from acquisition.storage.analysis_file import save_analysis

Report = Callable[[str], None]


def is_run(path: Path) -> bool:
    """Return whether a path is the folder of a run."""
    return (path / "points").is_dir()


def analyze_path(path: Path, report: Report) -> dict[str, Any]:
    """Return the content of results.json of a run folder, a point folder or a photon file.

    In run and point folders the results are stored as well, as the report needs them.

    Parameters
    ----------
    path : Path
        What to analyse.
    report : callable
        Is told in words what is being done.

    Raises
    ------
    RecordingError
        If there is nothing that can be read.
    """
    if is_run(path):
        return analyze_run(RunFolder.open(path), report)
    if path.is_dir() and PointFolder(path).has_photons:
        return analyze_point(PointFolder(path), report)
    from acquisition.analysis.analyze import analyze
    from acquisition.analysis.results import results_of

    return results_of(analyze(open_recording(path), progress=report))


def analyze_run(folder: RunFolder, report: Report) -> dict[str, Any]:
    """Analyse every point of a run and store the results.

    Returns
    -------
    dict
        The results of the point, or ``{"points": [...]}`` if there are several.

    Raises
    ------
    StorageError
        After all points were tried, if one cannot be read or stored.
    """
    points = [point for point in folder.points() if point.has_photons]
    if not points:
        raise StorageError(f"{folder.path}: holds no photons; no point of this run was recorded")
    results: list[dict[str, Any]] = []
    failed: list[str] = []
    for point in points:
        prefix = f"point {point.number} of {len(points)}: " if len(points) > 1 else ""
        try:
            results.append(analyze_point(point, lambda text, prefix=prefix: report(prefix + text)))  # type: ignore[misc]
        except StorageError as error:
            failed.append(str(error))
    if failed:
        raise StorageError("; ".join(failed))
    content = results[0] if len(results) == 1 else {"points": results}
    write_json(folder.results_json, content)
    return content


def analyze_point(point: PointFolder, report: Report) -> dict[str, Any]:
    """Analyse one point, store results.json and the arrays for the report, and return the results."""
    from acquisition.analysis.analyze import analyze
    from acquisition.report.figure_data import figure_data

    data = figure_data(analyze(open_point(point), progress=report))
    report("storing the results")
    write_json(point.results_json, data.results)
    save_analysis(point.analysis_h5, data.arrays, data.values)
    return data.results
