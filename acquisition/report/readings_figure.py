"""Temperature and count rate over the whole run, from its slow readings."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from acquisition.report.style import COLOURS, GREY, INK, Drawing, label, new_figure, title
from acquisition.storage import RecordingError, RunFolder, Table, read_table

LEAST_ROWS = 3
MINUTE_S, HOUR_S = 60.0, 3600.0


def draw_readings(folder: RunFolder) -> Drawing | None:
    """Draw the slow readings of a run; None if there are too few."""
    try:
        table = read_table(folder.readings)
    except RecordingError:
        return None
    if len(table.rows) < LEAST_ROWS:
        return None
    panels = [panel for panel in (_temperature, _count_rate) if panel is _count_rate or _has(table, "temperature_c")]
    time_s = elapsed_s(column(table, "time_s"))
    scale_s, unit = (HOUR_S, "h") if time_s[-1] > 3 * HOUR_S else (MINUTE_S, "min")
    figure, axes = new_figure(1.5 + 1.15 * len(panels), len(panels), 1, left=0.07, right=0.985, top=0.9, bottom=0.17,
                              hspace=0.4, sharex=True)  # fmt: skip
    went_on = went_on_s(column(table, "time_s")) / scale_s
    for ax, draw in zip(axes[:, 0], panels, strict=True):
        draw(ax, time_s / scale_s, table)
        for time in went_on:
            ax.axvline(time, color=INK, lw=0.8, ls="--")
    axes[-1, 0].set_xlabel(f"time of the run ({unit})")
    axes[-1, 0].set_xlim(0, max(time_s[-1] / scale_s, 1e-9))
    return Drawing(
        figure,
        "Temperature with its setpoint (grey), and count rate of the whole detector while photons were recorded, dark"
        " counts included. Rows of readings.csv, which has more columns; what an instrument did not answer is missing."
        + (" Dashed: the run had been broken off and went on; the time between is left out." if len(went_on) else ""),
    )


def column(table: Table, name: str) -> NDArray[np.float64]:
    """Return a column of numbers, shape (rows,); NaN where there is none."""
    found = table.column(name) if name in table.columns else [None] * len(table.rows)
    return np.array([np.nan if value is None or isinstance(value, str) else float(value) for value in found])


def elapsed_s(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time since the first row, in s; where the clock began anew in another process, it goes on."""
    steps = np.diff(time_s, prepend=time_s[0])
    return np.cumsum(np.maximum(steps, 0.0))


def went_on_s(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when, on the axis of `elapsed_s`, the clock began anew because another process went on with the run."""
    return elapsed_s(time_s)[1:][np.diff(time_s) < 0]


def _has(table: Table, name: str) -> bool:
    return bool(np.isfinite(column(table, name)).any())


def _temperature(axes: Axes, time: NDArray[np.float64], table: Table) -> None:
    axes.plot(time, column(table, "setpoint_c"), color=GREY, lw=1.2, drawstyle="steps-post")
    axes.plot(time, column(table, "temperature_c"), color=COLOURS["X"], lw=1.0)
    title(axes, "temperature (°C)")


def _count_rate(axes: Axes, time: NDArray[np.float64], table: Table) -> None:
    rate = column(table, "count_rate_cps") / 1e3
    axes.plot(time, rate, ".-", color=COLOURS["BX-"], ms=2.5, lw=0.7)
    title(axes, "count rate (kcps)")
    if np.isfinite(rate).any():
        axes.set_ylim(0, 1.1 * max(np.nanmax(rate), 1e-3))
    else:
        label(axes, "no photons were recorded", 0.5, 0.6, INK)
