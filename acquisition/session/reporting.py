"""Writing the report of a run, or of a photon file; the drawing library is loaded only here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from acquisition.storage.files import write_text


def write_report(run: Path) -> Path:
    """Write report.html of a run and return its path."""
    from acquisition.report.render import render_report

    return render_report(run)


def write_page(page: Path, title: str, arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any]) -> None:
    """Write the report of one recording to `page`, from the arrays and values of its figures, in one step."""
    from acquisition.report.figure_data import FigureData
    from acquisition.report.render import ReportPoint, render_html

    write_text(page, render_html(title, [ReportPoint("", FigureData(dict(arrays), dict(values)))], None))
