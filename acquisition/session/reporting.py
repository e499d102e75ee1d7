"""Writing the report of a run."""

from pathlib import Path


def write_report(run: Path) -> Path:
    """Write report.html of a run and return its path; the drawing library is loaded only here."""
    from acquisition.report.render import render_report

    return render_report(run)
