"""Count trace and FLID: the charge states as they are seen in counts and delays."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from acquisition.analysis.state_table import EXCITON_OF
from acquisition.numbers import with_error
from acquisition.report.figure_data import FigureData
from acquisition.report.style import (
    CHARGE_NAMES,
    CHARGES,
    COLOURS,
    GREY,
    INK,
    NORMAL,
    Absent,
    Drawing,
    label,
    new_figure,
)
from acquisition.report.words import why_no_states

Array = NDArray[Any]

EXCERPT_S = 20.0
LEAST_BINS, LEAST_ENCLOSED = 5, 100
"""A state with fewer bins is not marked in the FLID; with fewer bins it is marked by dots, not by lines."""

ENCLOSED = (0.9, 0.5)
"""Shares of the bins of a state that the contour lines of the FLID enclose."""


def light_absent(data: FigureData) -> Absent | None:
    """Return why nothing can be said about charge states; None if they were found."""
    why = why_no_states(data.values)
    return Absent(why) if why else None


def draw_trace(data: FigureData) -> Drawing | Absent:
    """Draw the count trace of the run, and an excerpt with the mean delays."""
    counts = data.arrays["trace/counts"]
    if data.results["photons"] == 0:
        return Absent("The recording holds no photons.")
    if len(counts) < 2:
        return Absent("The recording is shorter than two bins of the count trace.")
    bin_s = data.values["trace_bin_s"]
    time_s = (np.arange(len(counts)) + 0.5) * bin_s
    start, end = _excerpt(data.arrays["trace/charge"], round(EXCERPT_S / bin_s))
    whole_too, delays_too = end - start < len(counts), "trace/mean_delay_ns" in data.arrays
    rows = 1 + whole_too + delays_too
    height = 0.7 + 1.75 * rows
    figure, axes = new_figure(
        height, rows, left=0.07, right=0.985, top=1 - 0.3 / height, bottom=0.55 / height, hspace=0.42
    )
    _legend(axes[0, 0], data)
    counted = axes[: 1 + whole_too, 0]
    close, cut = counted[-1], slice(start, end)
    close.plot(time_s[cut], counts[cut], color=GREY, lw=0.5, zorder=1)
    _points(close, data, time_s, counts, cut, size=7.0)
    if whole_too:
        _points(counted[0], data, time_s, counts, size=2.0)
        counted[0].axvspan(time_s[start], time_s[end - 1], color=GREY, alpha=0.25, lw=0)
        counted[0].set_xlim(0, time_s[-1] + bin_s / 2)
    for each in counted:
        each.set_ylim(0, max(1.0, float(counts.max()) * 1.08))
        each.set_ylabel(f"counts per {1e3 * bin_s:g} ms")
        if data.values["has_light"]:
            each.axhline(data.values["trace_background_counts"], color=GREY, lw=0.9, ls=(0, (4, 3)))
            label(each, "background", 0.995, 0.0, GREY)
    if delays_too:
        _excerpt_delays(axes[-1, 0], data, time_s, cut)
    for each in axes[int(whole_too) :, 0]:
        each.set_xlim(time_s[start] - bin_s / 2, time_s[end - 1] + bin_s / 2)
    axes[-1, 0].set_xlabel("time (s)")
    return Drawing(figure, _trace_caption(data, whole_too, delays_too))


def _trace_caption(data: FigureData, whole_too: bool, delays_too: bool) -> str:
    text = f"Counts per {1e3 * data.values['trace_bin_s']:g} ms"
    if data.values["has_light"]:
        region, window = data.results["selection"]["region_pixels"], data.results["selection"]["window_ns"]
        text += (
            f" in the region of interest (pixels {region[0]} to {region[1] - 1}) and the delay window"
            f" ({window[0]:.1f} to {window[1]:.1f} ns), background included (dashed: its expected level)"
        )
    text += "."
    if whole_too:
        text += " Below: the shaded part of the run."
    if data.charges:
        text += (
            " Colours tell the charge state that was assigned; grey bins are not used: a switch lies inside or near."
        )
    return text + (" Bottom: mean delay of the light of each bin." if delays_too else "")


def _excerpt(charge: Array, size: int) -> tuple[int, int]:
    """Return the bins [first, end) of the part in which the charge changes most often."""
    if len(charge) <= size:
        return 0, len(charge)
    known = np.flatnonzero(charge >= 0)
    switches = np.zeros(len(charge))
    switches[known[1:]] = charge[known[1:]] != charge[known[:-1]]
    total = np.concatenate([[0.0], np.cumsum(switches)])
    start = int(np.argmax(total[size:] - total[:-size]))
    return start, start + size


def _points(
    axes: Axes, data: FigureData, time_s: Array, values: Array, cut: slice = slice(None), size: float = 3.0
) -> None:
    """Scatter values against time, coloured by charge state; rasterised, as there may be very many."""
    charge = data.arrays["trace/charge"][cut]
    unassigned = to_rgba(GREY, 0.6) if data.charges else to_rgba(INK)
    palette = np.array([unassigned, *(to_rgba(COLOURS[EXCITON_OF[name]]) for name in CHARGES)])
    axes.scatter(time_s[cut], values[cut], s=size, c=palette[charge.astype(int) + 1], lw=0, rasterized=True, zorder=2)


def _legend(axes: Axes, data: FigureData) -> None:
    times = data.results["charge_states"]
    for place, name in enumerate(data.charges):
        text = f"● {CHARGE_NAMES[name]}: {times[name]['time_s']:.0f} s"
        axes.text(0.17 * place, 1.04, text, transform=axes.transAxes, fontsize=NORMAL, color=COLOURS[EXCITON_OF[name]])
    if data.charges:
        unused_s = times["unassigned_bins"] * times["bin_width_s"]
        x = 0.17 * len(data.charges)
        axes.text(x, 1.04, f"● not used: {unused_s:.0f} s", transform=axes.transAxes, fontsize=NORMAL, color=GREY)


def _excerpt_delays(axes: Axes, data: FigureData, time_s: Array, cut: slice) -> None:
    delay = data.arrays["trace/mean_delay_ns"]
    axes.plot(time_s[cut], delay[cut], color=GREY, lw=0.5, zorder=1)
    _points(axes, data, time_s, delay, cut, size=7.0)
    shown = delay[np.isfinite(delay)]
    if len(shown):
        axes.set_ylim(0, 1.1 * float(np.quantile(shown, 0.999)))
    axes.set_ylabel("mean delay (ns)")


def draw_flid(data: FigureData) -> Drawing | Absent:
    """Draw the fluorescence lifetime-intensity distribution with the counts and delays of each state."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    light = data.arrays["trace/counts"] - data.values["trace_background_counts"]
    delay, charge = data.arrays["trace/mean_delay_ns"], data.arrays["trace/charge"]
    good = np.isfinite(delay)
    if good.sum() < 20:
        return Absent("Too few bins have enough light for a mean delay.")
    figure, axes = new_figure(
        5.2, 2, 2, width_ratios=[1.5, 1], height_ratios=[1, 3.2],
        left=0.07, right=0.985, top=0.98, bottom=0.095, wspace=0.06, hspace=0.06,
    )  # fmt: skip
    flid, over, beside = axes[1, 0], axes[0, 0], axes[1, 1]
    x_edges = np.linspace(0, 1.15 * float(np.quantile(delay[good], 0.998)), 90)
    y_edges = np.linspace(*_light_limits(light[good]), 80)
    density = np.histogram2d(delay[good], light[good], bins=[x_edges, y_edges])[0]
    shown = np.ma.masked_equal(density.T, 0)
    flid.pcolormesh(x_edges, y_edges, shown, cmap="Greys", vmin=-0.15 * density.max(), rasterized=True)
    centers: list[tuple[str, str]] = []
    for index, name in enumerate(data.charges):
        mine = good & (charge == index)
        if mine.sum() >= LEAST_BINS:
            (_enclose if mine.sum() >= LEAST_ENCLOSED else _dots)(
                flid, name, delay[mine], light[mine], x_edges, y_edges
            )
            center = _marginals(over, beside, name, delay[mine], light[mine], x_edges, y_edges)
            centers.append((name, center))
    _finish_flid(axes, data, centers, x_edges, y_edges)
    return Drawing(
        figure,
        "Fluorescence lifetime-intensity distribution: light (background subtracted) and its mean delay in each bin of"
        f" {1e3 * data.values['trace_bin_s']:g} ms. Lines enclose 50 % and 90 % of the bins of each charge state;"
        " the mean delay lies below the exciton lifetime, as it holds biexciton photons and ends with the window."
        " Right: count histograms of the states with Gaussians of their mean and standard deviation; but for the"
        " light outside of region and window, the ratio of the centres is the efficiency of the charged excitons.",
    )


def _enclose(axes: Axes, name: str, delay: Array, light: Array, x_edges: Array, y_edges: Array) -> None:
    """Draw the lines that enclose shares of a state's bins, from its smoothed density."""
    density = gaussian_filter(np.histogram2d(delay, light, bins=[x_edges, y_edges])[0], 1.5)
    ordered = np.sort(density.ravel())[::-1]
    enclosed = np.cumsum(ordered) / max(ordered.sum(), 1e-12)
    levels = sorted({float(ordered[np.searchsorted(enclosed, share)]) for share in ENCLOSED})
    x, y = 0.5 * (x_edges[1:] + x_edges[:-1]), 0.5 * (y_edges[1:] + y_edges[:-1])
    colour = COLOURS[EXCITON_OF[name]]
    axes.contour(x, y, density.T, levels=levels, colors=[colour], linewidths=[1.0, 1.8][-len(levels) :])
    _name_state(axes, name, delay, light)


def _dots(axes: Axes, name: str, delay: Array, light: Array, x_edges: Array, y_edges: Array) -> None:
    inside = (delay < x_edges[-1]) & (light < y_edges[-1])
    axes.plot(delay[inside], light[inside], ".", ms=4, color=COLOURS[EXCITON_OF[name]])
    _name_state(axes, name, delay, light)


def _name_state(axes: Axes, name: str, delay: Array, light: Array) -> None:
    colour = COLOURS[EXCITON_OF[name]]
    below = name == "minus2"  # where it lies under the others
    axes.text(
        float(np.median(delay)), float(np.quantile(light, 0.0005 if below else 0.9995)), CHARGE_NAMES[name],
        fontsize=NORMAL, fontweight="bold", color=colour, ha="center", va="top" if below else "bottom",
    )  # fmt: skip


def _marginals(over: Axes, beside: Axes, name: str, delay: Array, light: Array, x_edges: Array, y_edges: Array) -> str:
    """Draw the histograms of a state's delays and counts, and return the centre of the counts as text."""
    colour = COLOURS[EXCITON_OF[name]]
    over.hist(delay, bins=list(x_edges), histtype="stepfilled", color=colour, alpha=0.45, lw=0)
    edges = y_edges[::2]
    beside.hist(light, bins=list(edges), orientation="horizontal", histtype="stepfilled", color=colour, alpha=0.4, lw=0)
    center, sigma = float(light.mean()), float(light.std(ddof=1))
    y = np.linspace(center - 4 * sigma, center + 4 * sigma, 200)
    gauss = len(light) * (edges[1] - edges[0]) / (np.sqrt(2 * np.pi) * sigma)
    beside.plot(gauss * np.exp(-0.5 * ((y - center) / sigma) ** 2), y, color=colour, lw=1.4)
    beside.axhline(center, color=colour, lw=0.9, ls=(0, (5, 3)))
    return with_error(center, sigma / np.sqrt(len(light)))


def _light_limits(light: Array) -> tuple[float, float]:
    """Return the range of counts to show: all states with some room, and zero only if it is near."""
    low, high = np.quantile(light, (0.001, 0.999))
    room = 0.4 * (high - low)
    return max(0.0, float(low - room)), float(high + room)


def _finish_flid(axes: Array, data: FigureData, centers: list[tuple[str, str]], x_edges: Array, y_edges: Array) -> None:
    over, corner, flid, beside = axes.flat
    flid.set(xlabel="mean delay (ns)", ylabel=f"light per {1e3 * data.values['trace_bin_s']:g} ms (counts)")
    for each in (flid, over):
        each.set_xlim(x_edges[0], x_edges[-1])
    for each in (flid, beside):
        each.set_ylim(y_edges[0], y_edges[-1])
    over.tick_params(labelbottom=False)
    over.set_ylabel("bins")
    beside.tick_params(labelleft=False)
    beside.set_xlabel("bins")
    corner.set_axis_off()
    label(corner, f"centres (counts per {1e3 * data.values['trace_bin_s']:g} ms)", 0.03, 0.92)
    for place, (name, text) in enumerate(centers):
        colour = COLOURS[EXCITON_OF[name]]
        label(corner, f"{CHARGE_NAMES[name]}: {text}", 0.03, 0.70 - 0.2 * place, colour, fontsize=NORMAL, va="top")
