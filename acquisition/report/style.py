"""One look for all figures: a colour, marker and name per state, axes without clutter, figures as data URIs."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from acquisition.analysis.spectra import HC_EV_NM
from acquisition.report.words import CHARGE_NAMES as CHARGE_NAMES
from acquisition.report.words import CHARGES as CHARGES
from acquisition.report.words import STATES as STATES
from acquisition.report.words import state_text as state_text

COLOURS = {
    "X": "#c0271d",
    "X-": "#ef8a17",
    "X2-": "#b8a100",
    "BX": "#0b8f63",
    "BX-": "#1a73b8",
    "BX2-": "#8350a8",
}
"""The paper's colours, in tones that differ in lightness as well; marker or place tells states apart once more."""

MARKERS = {"X": "o", "X-": "^", "X2-": "D", "BX": "s", "BX-": "v", "BX2-": "P"}

GREY = "#8a8f98"
INK = "#22262c"
FULL_WIDTH_IN = 10.6
RASTER_DPI = 150
SMALL, NORMAL = 8.5, 9.5


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with its caption."""

    figure: Figure
    caption: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Says why a figure is not there."""

    why: str


def new_figure(height_in: float, rows: int = 1, columns: int = 1, **grid: Any) -> tuple[Figure, NDArray[Any]]:
    """Return a figure of the page's width and its axes, shape (rows, columns).

    Parameters
    ----------
    height_in : float
    rows, columns : int
    **grid
        Of `Figure.subplots`; margins (``left``, ``hspace``, ...) as in ``gridspec_kw``.
    """
    figure = Figure(figsize=(FULL_WIDTH_IN, height_in))
    sharing = {key: grid.pop(key) for key in ("sharex", "sharey") if key in grid}
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid, **sharing)
    for each in axes.flat:
        tidy(each)
    return figure, axes


def tidy(axes: Axes) -> None:
    """Give axes the common look."""
    axes.tick_params(which="both", labelsize=SMALL, colors=INK, direction="in", width=0.7, length=3.5)
    axes.tick_params(which="minor", width=0.5, length=2)
    axes.xaxis.label.set(fontsize=NORMAL, color=INK)
    axes.yaxis.label.set(fontsize=NORMAL, color=INK)
    for name, spine in axes.spines.items():
        spine.set(linewidth=0.7, color=INK)
        if name in ("top", "right"):
            spine.set_visible(False)


def label(axes: Axes, text: str, x: float = 0.02, y: float = 0.97, colour: str = INK, **more: Any) -> None:
    """Write into a corner of the axes; x and y are shares of its size."""
    horizontal, vertical = ("left" if x < 0.5 else "right"), ("top" if y > 0.5 else "bottom")
    style: dict[str, Any] = {
        "fontsize": SMALL,
        "ha": horizontal,
        "va": vertical,
        "color": colour,
        "linespacing": 1.45,
    } | more
    axes.text(x, y, text, transform=axes.transAxes, **style)


def logarithmic(axes: Axes) -> None:
    """Give axes a logarithmic vertical scale with labels at the powers of ten only."""
    axes.set_yscale("log")
    axes.yaxis.set_minor_formatter(NullFormatter())


def title(axes: Axes, text: str, colour: str = INK) -> None:
    """Write a title above the left edge of the axes."""
    axes.set_title(text, loc="left", fontsize=NORMAL, color=colour, fontweight="bold", pad=6)


def wavelength_axis(axes: Axes) -> None:
    """Add an axis in nm above one in eV; ends and ticks follow from the present limits."""
    low, high = axes.get_xlim()
    upper = axes.twiny()
    tidy(upper)
    upper.spines["top"].set_visible(True)
    upper.set_xlim(low, high)
    span_nm = HC_EV_NM / low - HC_EV_NM / high
    step = next(step for step in (10, 20, 50, 100, 200, 500, 2000) if span_nm / step <= 6)
    ticks_nm = np.arange(np.ceil(HC_EV_NM / high / step) * step, HC_EV_NM / low, step)
    upper.set_xticks(HC_EV_NM / ticks_nm, [f"{tick:.0f}" for tick in ticks_nm])
    upper.set_xlabel("wavelength (nm)", fontsize=NORMAL, labelpad=4)


def mark_simulated(figure: Figure) -> None:
    """Write into a figure that its data are simulated, so that it also says so where it is copied to."""
    figure.text(0.998, 0.004, "simulated data", fontsize=7.5, color="#b45309", ha="right", va="bottom", style="italic")


def data_uri(figure: Figure) -> str:
    """Return a figure as an SVG image in a data URI; rasterised parts have 150 dots per inch."""
    buffer = BytesIO()
    figure.savefig(buffer, format="svg", dpi=RASTER_DPI, metadata={"Date": None})
    return "data:image/svg+xml;base64," + b64encode(buffer.getvalue()).decode()
