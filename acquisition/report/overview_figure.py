"""What the points of a run have to say together: lifetimes and efficiencies of the states against temperature."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from acquisition.report.figure_data import FigureData
from acquisition.report.style import COLOURS, MARKERS, SMALL, STATES, Drawing, new_figure, state_text, title

ZERO_CELSIUS_K = 273.15
LEAST_DIFFERENCE_K = 0.5
"""Points whose temperatures differ by less are at one temperature."""

_PANELS = {"lifetime_ns": "lifetime (ns)", "quantum_efficiency": "efficiency"}


def draw_overview(points: Sequence[FigureData]) -> Drawing | None:
    """Draw lifetimes and efficiencies of all points against temperature; None if there is one temperature only."""
    temperatures = [float(point.values["temperature_k"]) for point in points]
    known = any(point.results.get("states") for point in points)
    if not known or max(temperatures) - min(temperatures) < LEAST_DIFFERENCE_K:
        return None
    figure, axes = new_figure(3.4, 1, len(_PANELS), left=0.06, right=0.985, top=0.9, bottom=0.15, wspace=0.14)
    for ax, (quantity, text) in zip(axes[0], _PANELS.items(), strict=True):
        _panel(ax, points, quantity)
        title(ax, text)
        ax.set_ylim(bottom=0)
        ax.set_xlabel("temperature (°C)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, 1].legend(handles, labels, fontsize=SMALL, frameon=False, loc="lower left", ncols=3, columnspacing=1.0)
    return Drawing(
        figure,
        "Lifetimes and efficiencies of the states at each point of the run against its temperature, with standard"
        " errors; lines join the points in order of temperature. The efficiency of X is 1 by assumption.",
    )


def _panel(axes: Axes, points: Sequence[FigureData], quantity: str) -> None:
    for state in STATES:
        found = sorted(
            (float(point.values["temperature_k"]) - ZERO_CELSIUS_K, *estimate)
            for point in points
            if (estimate := point.estimate(state, quantity)) is not None
        )
        if found:
            temperature, value, error = zip(*found, strict=True)
            axes.errorbar(
                temperature, value, error, fmt=MARKERS[state], ls="-", lw=0.8, ms=5.5, elinewidth=1.0,
                color=COLOURS[state], label=state_text(state),
            )  # fmt: skip
