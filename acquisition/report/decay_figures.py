"""Decays of the six states with their fits, and g2 of each charge state."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.numbers import with_error
from acquisition.report.bins import merged
from acquisition.report.count_figures import light_absent
from acquisition.report.figure_data import FigureData
from acquisition.report.style import (
    CHARGE_NAMES,
    COLOURS,
    GREY,
    INK,
    Absent,
    Drawing,
    label,
    logarithmic,
    new_figure,
    state_text,
    title,
)

Array = NDArray[Any]

FIRST_BIN_NS = 1.0
"""Width of the bins in which the decay of first photons is shown."""


def draw_decays(data: FigureData) -> Drawing | Absent:
    """Draw total decays (top, residuals below them) and decays of first photons (bottom)."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    found = [charge for charge in data.charges if "fit_edges_ns" in data.group(f"decay/{charge}")]
    if not found:
        return Absent("No charge state has enough photons for a fit of its decay.")
    figure, axes = new_figure(
        6.6, 4, len(found), height_ratios=[3, 0.9, 0.55, 3],
        left=0.065, right=0.985, top=0.955, bottom=0.085, wspace=0.06, hspace=0.06,
    )  # fmt: skip
    for column, charge in enumerate(found):
        decay = data.group(f"decay/{charge}")
        _total(axes[0, column], axes[1, column], data, charge, decay)
        axes[2, column].set_axis_off()
        _first(axes[3, column], data, charge, decay)
        title(axes[0, column], CHARGE_NAMES[charge])
    for row in axes:
        _share_limits(row)
    axes[0, 0].set_ylabel("light (photons/ns)")
    axes[1, 0].set_ylabel("residual / σ")
    axes[3, 0].set_ylabel("first photons (1/ns)")
    return Drawing(
        figure,
        "Decays of each charge state. Top: all photons of the region, background subtracted, with the fit of a"
        " biexponential (black), whose fast part (dashed) has the lifetime of the biexciton."
        " Middle: deviation of the counts from the fit in standard deviations. Bottom: first photons of pairs within a"
        " pulse; grey: accidental pairs, as expected from the background; black: fit with the biexciton's lifetime and"
        " the small share of triexcitons. Both are fitted together by maximum likelihood for Poisson counts.",
    )


def _share_limits(row: Array) -> None:
    """Give all axes of a row the limits that hold each of theirs, and labels to the first only."""
    limits = [ax.get_ylim() for ax in row]
    for ax in row:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    for ax in row[1:]:
        ax.tick_params(labelleft=False)


def _total(axes: Axes, below: Axes, data: FigureData, charge: str, decay: dict[str, Array]) -> None:
    state = EXCITON_OF[charge]
    colour = COLOURS[state]
    edges, counts, model = decay["fit_edges_ns"], decay["fit_counts"], decay["fit_model_counts"]
    width, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    level = float(decay["background_counts"][0] / np.diff(decay["edges_ns"])[0])
    lifetime = data.estimate(state, "lifetime_ns")
    end = min(8.0 * lifetime[0] if lifetime else 200.0, float(edges[-1]))
    fitted = (edges[:-1] > 0) & (middle < end)
    start = int(np.argmax(fitted))
    fitted[start] = False  # the rise, which is not fitted
    light, error = counts / width - level, np.sqrt(np.maximum(counts, 1.0)) / width
    shown = fitted & (light > 1.5 * error)
    axes.errorbar(middle[shown], light[shown], error[shown], fmt="o", ms=2.2, color=colour, elinewidth=0.6, alpha=0.85)
    fine = (decay["edges_ns"][:-1] > -3.0) & (decay["edges_ns"][1:] < edges[start + 1])
    rise = decay["counts"][fine] / np.diff(decay["edges_ns"])[fine] - level
    axes.plot(
        0.5 * (decay["edges_ns"][1:] + decay["edges_ns"][:-1])[fine], np.maximum(rise, 1e-9), color=colour, lw=0.9
    )
    fit = model / width - level
    axes.plot(middle[fitted], np.maximum(fit[fitted], 1e-9), color=INK, lw=1.2)
    top = float(fit[fitted].max())
    if lifetime is not None:
        _fast_part(axes, data, charge, middle[fitted], fit[fitted], lifetime[0])
        label(axes, f"{state_text(state)}   τ = {with_error(*lifetime)} ns", 0.985, 0.96, colour, fontsize=11)
    logarithmic(axes)
    axes.set_ylim(top * 5e-4, top * 2.2)
    below.plot(middle[fitted], ((counts - model) / np.sqrt(np.maximum(model, 1.0)))[fitted], ".", ms=2.5, color=colour)
    below.axhline(0, color=INK, lw=0.7)
    below.set_ylim(-4.5, 4.5)
    for each in (axes, below):
        each.set_xlim(-0.015 * end, end)
    axes.tick_params(labelbottom=False)
    below.set_xlabel("delay (ns)", labelpad=1)


def _fast_part(axes: Axes, data: FigureData, charge: str, middle: Array, fit: Array, lifetime_ns: float) -> None:
    """Draw what the fit has beyond the exciton, whose exponential alone is left late."""
    fast = data.estimate(BIEXCITON_OF[charge], "lifetime_ns")
    if fast is None:
        return
    late = int(np.searchsorted(middle, 7.0 * fast[0]))
    if late >= len(middle):
        return
    slow = fit[late] * np.exp((middle[late] - middle) / lifetime_ns)
    early = middle < 5.5 * fast[0]
    rest = np.maximum((fit - slow)[early], 1e-9)
    axes.plot(middle[early], rest, color=COLOURS[BIEXCITON_OF[charge]], lw=1.3, ls=(0, (4, 2)))


def _first(axes: Axes, data: FigureData, charge: str, decay: dict[str, Array]) -> None:
    state = BIEXCITON_OF[charge]
    colour = COLOURS[state]
    size = max(1, round(FIRST_BIN_NS / float(np.diff(decay["first_edges_ns"])[0])))
    zero = int(np.searchsorted(decay["first_edges_ns"], 0.0))
    edges, (counts, model, accidental) = merged(
        decay["first_edges_ns"][zero:],
        [decay[name][zero:] for name in ("first_counts", "first_model_counts", "first_accidental_counts")],
        size,
    )
    width, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    lifetime = data.estimate(state, "lifetime_ns")
    end = min(8.0 * lifetime[0] if lifetime else 60.0, float(edges[-1]))
    shown = middle < end
    axes.fill_between(middle[shown], (accidental / width)[shown], 1e-3, color=GREY, alpha=0.35, lw=0)
    positive = shown & (counts > 0)
    axes.errorbar(
        middle[positive], (counts / width)[positive], (np.sqrt(counts) / width)[positive],
        fmt="s", ms=2.6, color=colour, elinewidth=0.8,
    )  # fmt: skip
    logarithmic(axes)
    bottom = max(0.5, 0.5 * float((accidental / width)[shown].min()))
    axes.set_ylim(bottom, max(2.2 * float((counts / width).max()), 20 * bottom))
    axes.set_xlim(-0.015 * end, end)
    axes.set_xlabel("delay of the first photon (ns)")
    if lifetime is None:
        several = data.results["emitters"]["verdict"] == "several"
        why = "no lifetime: several emitters" if several else "too few pairs for a lifetime"
        label(axes, why, 0.985, 0.96, colour)
        return
    axes.plot(middle[shown][1:], (model / width)[shown][1:], color=INK, lw=1.2)
    label(axes, f"{state_text(state)}   τ = {with_error(*lifetime)} ns", 0.985, 0.96, colour, fontsize=11)


def draw_g2(data: FigureData) -> Drawing | Absent:
    """Draw pairs against pulse lag for each charge state, with the background among them."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    found = [charge for charge in data.charges if charge in data.results["g2"]]
    if not found:
        return Absent("No charge state has enough pairs of photons for g2.")
    figure, axes = new_figure(3.0, 1, len(found), left=0.065, right=0.985, top=0.89, bottom=0.165, wspace=0.14)
    for ax, charge in zip(axes[0], found, strict=True):
        _g2(ax, data, charge)
    axes[0, 0].set_ylabel("pairs of photons")
    return Drawing(
        figure,
        "Pairs of photons of each charge state against their distance in laser pulses, as counted; the centre counts"
        " each pair within a pulse twice, as the mirrored sides do. Grey: pairs with background counts, of which there"
        " are equally many in all bars. Printed below: the ratio of centre to sides of these bars without background;"
        " above: the same corrected for the pairs that the cuts against crosstalk lose and for the end of the window."
        " For weak excitation it is"
        " the ratio of the efficiencies of biexciton and exciton.",
    )


def _g2(axes: Axes, data: FigureData, charge: str) -> None:
    colour = COLOURS[BIEXCITON_OF[charge]]
    pairs = data.arrays[f"g2/{charge}/pairs_counts"]
    found = data.results["g2"][charge]
    mirrored = np.concatenate([pairs[:0:-1], [2.0 * pairs[0]], pairs[1:]])
    lag = np.arange(len(mirrored)) - len(pairs) + 1
    background = 2.0 * found["accidental_pairs"]
    below = np.minimum(background, mirrored)
    axes.bar(lag, below, width=0.72, color="#c9ccd1", lw=0)
    axes.bar(lag, mirrored - below, width=0.72, bottom=below, color=colour, lw=0)
    axes.axhline(background, color=INK, lw=0.8, ls=(0, (4, 3)))
    axes.set_xlim(lag[0] - 0.8, lag[-1] + 0.8)
    axes.set_ylim(0, 1.42 * float(mirrored.max()))
    axes.set_xlabel("lag (laser pulses)")
    title(axes, CHARGE_NAMES[charge])
    ratio = found["center_over_side"]
    label(
        axes, f"g⁽²⁾(0) / g⁽²⁾(side) = {with_error(ratio['value'], ratio['error'])}",
        0.5, 0.985, INK, fontsize=10.5, ha="center",
    )  # fmt: skip
    side = float(pairs[1:].mean()) - background
    if side > 0:
        label(axes, f"bars without background: {(mirrored[len(pairs) - 1] - background) / side:.3g}", 0.5, 0.875,
              GREY, ha="center")  # fmt: skip
