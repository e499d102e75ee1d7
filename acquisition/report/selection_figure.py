"""What was selected for the analysis: the region of interest and the delay window."""

import numpy as np
from matplotlib.axes import Axes

from acquisition.report.figure_data import FigureData
from acquisition.report.style import COLOURS, GREY, INK, Absent, Drawing, label, new_figure, title

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
    first, end = data.values["region_pixels"]
    pixels.axvspan(first - 0.5, end - 0.5, color=_REGION_COLOUR, alpha=0.18, lw=0)
    pixels.set(xlabel="pixel", ylabel="counts per second", xlim=(-1, len(rate)))
    if rate.max() > 0:
        pixels.set_yscale("log")
        pixels.set_ylim(max(0.5 * float(rate[rate > 0].min()), 1e-3), 2.0 * float(rate.max()))
    title(pixels, "pixels, with the region of interest")
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
    first, end = (edge * bin_ns for edge in data.values["window_bins"])
    axes.axvspan(first, end, color=_REGION_COLOUR, alpha=0.18, lw=0)
    background = survey["background_delay"] > 0
    if background.any():
        low = 0.5 * float(counts[counts > 0].min()) if (counts > 0).any() else 0.5
        axes.fill_between(start_ns, low, counts, where=background, step="post", color=GREY, alpha=0.4, lw=0)
    if counts.max() > 0:
        axes.set_yscale("log")
        axes.set_ylim(0.5 * max(float(counts[counts > 0].min()), 1.0), 2.0 * float(counts.max()))
    axes.set(xlabel="delay, uncorrected (ns)", ylabel=f"counts per {bin_ns:g} ns", xlim=(0, start_ns[-1] + bin_ns))
    title(axes, "delays of the region, with the window and the background")


def _caption(data: FigureData, pulsed: bool) -> str:
    chosen = data.results["selection"]
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
