"""What was selected for the analysis: the region of interest and the delay window."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from acquisition.report.figure_data import FigureData
from acquisition.report.style import COLOURS, GREY, INK, Absent, Drawing, label, logarithmic, new_figure, title

_REGION_COLOUR = COLOURS["BX-"]


def draw_selection(data: FigureData) -> Drawing | Absent:
    """Draw count rate per pixel and counts per delay, with region, window and background."""
    seconds = float(data.results["duration_s"])
    if data.results["photons"] == 0 or seconds <= 0:
        return Absent("The recording holds no photons.")
    pulsed = bool(data.values["pulsed"])
    figure, axes = new_figure(2.9, 1, 2 if pulsed else 1, left=0.07, right=0.985, top=0.885, bottom=0.165, wspace=0.16)
    pixels, delays = axes[0, 0], axes[0, -1]
    survey = data.group("survey")
    rate, used = survey["pixel_counts"] / seconds, survey["used"] > 0
    number = np.arange(len(rate))
    pixels.plot(number[used], rate[used], ".", ms=3, color=INK)
    pixels.plot(number[~used], rate[~used], "x", ms=4, color=COLOURS["X"])
    background = np.where(used, survey["pixel_background_counts"] / seconds, np.nan)
    if np.nanmax(background, initial=0.0) > 0:
        pixels.plot(number, background, color=GREY, lw=0.7)
    chosen = bool(data.values["has_light"])
    if chosen:
        first, end = data.values["region_pixels"]
        pixels.axvspan(first - 0.5, end - 0.5, color=_REGION_COLOUR, alpha=0.18, lw=0)
    pixels.set(xlabel="pixel", ylabel="counts per second", xlim=(-1, len(rate)))
    _scale(pixels, rate)
    pixels.xaxis.set_major_locator(MaxNLocator(integer=True))
    title(pixels, "pixels, with the region of interest" if chosen else "pixels")
    if (~used).any():
        label(pixels, f"× {int((~used).sum())} pixels not used", 0.99, 0.97, COLOURS["X"])
    if pulsed:
        _delays(delays, data)
    return Drawing(figure, _caption(data, pulsed))


def _delays(axes: Axes, data: FigureData) -> None:
    survey, bin_ns = data.group("survey"), float(data.values["map_bin_ns"])
    counts = survey["delay_counts"]
    start_ns = np.arange(len(counts)) * bin_ns
    axes.plot(start_ns + bin_ns / 2, counts, color=INK, lw=0.7, drawstyle="steps-mid")
    _scale(axes, counts)
    if data.values["has_light"]:
        first, end = (edge * bin_ns for edge in data.values["window_bins"])
        axes.axvspan(first, end, color=_REGION_COLOUR, alpha=0.18, lw=0)
    background = survey["background_delay"] > 0
    if background.any() and data.values["has_light"]:
        axes.fill_between(
            start_ns, axes.get_ylim()[0], counts, where=background, step="post", color=GREY, alpha=0.4, lw=0
        )
    axes.set(xlabel="delay, uncorrected (ns)", ylabel=f"counts per {bin_ns:g} ns", xlim=(0, start_ns[-1] + bin_ns))
    chosen = bool(data.values["has_light"])
    title(axes, "delays of the region, with the window and the background" if chosen else "delays")


def _scale(axes: Axes, values: NDArray[Any]) -> None:
    """Use a logarithmic axis where the values span much, else one from zero."""
    positive = values[values > 0]
    if len(positive) and positive.max() > 5 * positive.min():
        logarithmic(axes)
        axes.set_ylim(0.5 * float(positive.min()), 2.0 * float(positive.max()))
    else:
        axes.set_ylim(0, max(1.0, 1.2 * float(values.max(initial=0))))


def _caption(data: FigureData, pulsed: bool) -> str:
    chosen = data.results["selection"]
    if not data.values["has_light"]:
        return "Count rates of all pixels over the whole recording" + (
            ", and delays of all photons." if pulsed else "."
        )
    text = (
        "Count rates of all pixels over the whole recording (line: their background) and the region of interest,"
        f" chosen {chosen['region_chosen']} (shaded)."
    )
    if pulsed:
        text += (
            f" Right: delays of the region with the window, chosen {chosen['window_chosen']} (shaded), and the delays"
            " from which the background was taken, where there are any (grey)."
        )
    return text
