"""What a session does with runs that are stored; no instrument is needed."""

from pathlib import Path
from typing import Any

from acquisition.session.analysing import Report, analyze_path
from acquisition.session.base import Session
from acquisition.session.judging import judge_stored
from acquisition.session.reporting import write_report
from acquisition.session.run_record import mark_killed, unfinished_points
from acquisition.session.stored_figures import stored_figures
from acquisition.session.stored_verbs import Verdict
from acquisition.storage import RunFolder, recover, write_json


class StoredRuns(Session):
    """The part of a session of this computer that reads, analyses and mends what is stored.

    Parameters
    ----------
    report_work : callable, optional
        Is told in words what an analysis is doing.
    """

    def __init__(self, report_work: Report | None = None) -> None:
        self._report_work = report_work or (lambda text: None)

    def read(self, run: str) -> dict[str, Any]:
        """Return what a run folder says."""
        folder = RunFolder.open(Path(run))
        return {
            "run": folder.read_run_json() if folder.run_json.exists() else None,
            "results": folder.read_results() if folder.results_json.exists() else None,
            "truth": folder.read_truth(),
            "report": str(folder.report_html) if folder.report_html.exists() else None,
        }

    def analyze(self, path: str, out: str | None = None, report: str | None = None) -> dict[str, Any]:
        """Analyse a run folder or a photon file and return the content of results.json."""
        results = analyze_path(Path(path), self._report_work, Path(report) if report is not None else None)
        if out is not None:
            write_json(Path(out), results)
        return results

    def report(self, run: str) -> str:
        """Write the report of a run anew and return its path."""
        return str(write_report(Path(run)))

    def mark(self, run: str, verdict: Verdict | None, comment: str = "") -> dict[str, Any]:
        """Write down what a person thinks of the dot of a run."""
        return judge_stored(Path(run), verdict, comment)

    def figures(self, run: str, point: int | None = None) -> dict[str, Any]:
        """Return what the figures of an analysed point are drawn from, as stored."""
        return stored_figures(Path(run), point)

    def recover(self, run: str) -> dict[str, Any]:
        """Make the recordings of a run that was killed readable; return what was found and what was lost."""
        folder = RunFolder.open(Path(run))
        record = folder.read_run_json() if folder.run_json.exists() else {}
        found = recover(folder.path, unfinished=unfinished_points(folder, record))
        if found.ok and folder.run_json.exists():
            mark_killed(folder, found.points)
        points = [
            {
                "number": point.number,
                "status": point.status,
                "photons": point.photons,
                "losses": list(point.losses),
                "message": point.message,
            }
            for point in found.points
        ]
        return {"ok": found.ok, "points": points}
