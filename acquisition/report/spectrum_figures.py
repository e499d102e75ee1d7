"""Spectra of the six states with their two lines, and the time-resolved emission map of each charge state."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from numpy.typing import NDArray

from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.numbers import with_error
from acquisition.report.count_figures import light_absent
from acquisition.report.figure_data import FigureData
from acquisition.report.style import (
    CHARGE_NAMES,
    COLOURS,
    GREY,
    INK,
    NORMAL,
    Absent,
    Drawing,
    label,
    new_figure,
    state_text,
    tidy,
    title,
    wavelength_axis,
)

Array = NDArray[Any]

NO_WAVELENGTH = Absent("The recording has no wavelengths of the pixels, so there are no spectra.")
_MAP_DECADES = 2.5
_MAP_END_NS = 120.0
_MOST_SHARE_ERROR = 0.03
_BELOW_TEXT = 0.76
"""Share of the height of a spectrum that its text leaves free."""


def draw_spectra(data: FigureData) -> Drawing | Absent:
    """Draw the spectra of excitons (top) and biexcitons (bottom), one column per charge state."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    if "survey/wavelength_nm" not in data.arrays:
        return NO_WAVELENGTH
    rows = [
        [names[charge] for charge in data.charges if _has_spectrum(data, names[charge])]
        for names in (EXCITON_OF, BIEXCITON_OF)
    ]
    rows = [row for row in rows if row]
    if not rows:
        return Absent("No state has enough photons for a fit of its spectrum.")
    columns = max(len(row) for row in rows)
    height = 0.9 + 2.6 * len(rows)
    figure, axes = new_figure(
        height, len(rows), columns, sharex=True, sharey=True, left=0.06, right=0.985,
        top=1 - 0.5 / height, bottom=0.5 / height, wspace=0.06, hspace=0.08,
    )  # fmt: skip
    for row, names in zip(axes, rows, strict=True):
        for ax, name in zip(row, names, strict=False):
            _spectrum(ax, data, name)
        for ax in row[len(names) :]:
            ax.set_visible(False)
        row[0].set_ylabel("light per energy (norm.)")
    first = data.group(f"spectrum/{rows[0][0]}")
    axes[0, 0].set_xlim(float(first["low_ev"].min()), float(first["high_ev"].max()))
    axes[0, 0].set_ylim(-0.08, 1.42)
    for ax in axes[-1]:
        ax.set_xlabel("photon energy (eV)")
    for ax in axes[0][: len(rows[0])]:
        wavelength_axis(ax)
    return Drawing(figure, _spectra_caption(data, any("B" in name for row in rows for name in row)))


def _has_spectrum(data: FigureData, state: str) -> bool:
    """Return whether there is a spectrum, and its lines are among the results."""
    return bool(data.group(f"spectrum/{state}")) and data.estimate(state, "energy_ss_ev") is not None


def _spectra_caption(data: FigureData, biexcitons: bool) -> str:
    corrected = (
        "corrected for the detection efficiency"
        if data.values["response_known"]
        else "as detected (no detection efficiency is known)"
    )
    text = (
        f"Spectra of the states, per energy (Jacobian included), {corrected}, background subtracted, scaled to the"
        " highest point of the fit. Excitons: from the photons after four biexciton lifetimes."
    )
    if biexcitons:
        text += (
            " Biexcitons, bottom: from first photons of pairs up to 3.5 biexciton lifetimes, accidental pairs"
            " subtracted, with the line width of the exciton."
        )
    return text + (
        " Black: maximum-likelihood fit of two Lorentzian lines, SS (filled) and PP (hatched). Dotted: SS energy of the"
        " neutral exciton. Error bars: one standard deviation of the counts."
    )


def _spectrum(axes: Axes, data: FigureData, state: str) -> None:
    spectrum = data.group(f"spectrum/{state}")
    colour = COLOURS[state]
    order = np.argsort(spectrum["low_ev"])
    values = {name: array[order] for name, array in spectrum.items()}
    energy = 0.5 * (values["low_ev"] + values["high_ev"])
    scale = 1.0 / float(np.nanmax(values["model_per_ev"]))
    good = np.isfinite(values["model_per_ev"])
    ss, pp = values["ss_per_ev"] * scale, values["pp_per_ev"] * scale
    axes.fill_between(energy[good], ss[good], color=colour, alpha=0.30, lw=0)
    axes.fill_between(energy[good], pp[good], facecolor="none", edgecolor=colour, hatch="/////", lw=0.0, alpha=0.55)
    for line in (ss, pp):
        axes.plot(energy[good], line[good], color=colour, lw=0.9)
    axes.errorbar(
        energy, values["light_per_ev"] * scale, values["light_error_per_ev"] * scale,
        fmt="o", ms=2.8, color=colour, elinewidth=0.8, zorder=3,
    )  # fmt: skip
    axes.plot(energy[good], values["model_per_ev"][good] * scale, color=INK, lw=1.2, zorder=4)
    axes.axhline(0, color=GREY, lw=0.5)
    reference = data.estimate("X", "energy_ss_ev")
    if reference is not None:
        axes.axvline(reference[0], ymax=_BELOW_TEXT, color=GREY, lw=0.9, ls=":")
    label(axes, state_text(state), 0.03, 0.95, colour, fontsize=14, fontweight="bold")
    lines = [
        f"{name} = {with_error(*found)}{unit}"
        for name, quantity, unit in (
            ("E(SS)", "energy_ss_ev", " eV"),
            ("E(PP)", "energy_pp_ev", " eV"),
            ("f(PP)", "pp_fraction", ""),
        )
        if (found := data.estimate(state, quantity)) is not None
    ]
    label(axes, "\n".join(lines), 0.985, 0.965)


def draw_emission(data: FigureData) -> Drawing | Absent:
    """Draw light against delay and energy for each charge state, and the share of light on the PP side."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    found = [charge for charge in data.charges if data.group(f"emission/{charge}")]
    if not found:
        return NO_WAVELENGTH
    figure, axes = new_figure(
        4.9, 2, len(found), sharex=True, sharey="row", height_ratios=[2.6, 1], left=0.075, right=0.90, top=0.92,
        bottom=0.105, wspace=0.06, hspace=0.09,
    )  # fmt: skip
    boundary = _boundary_ev(data)
    for column, charge in enumerate(found):
        arrays = data.group(f"emission/{charge}")
        mesh = _map(axes[0, column], data, charge, arrays, boundary)
        if boundary is not None:
            _pp_side(axes[1, column], arrays, boundary, COLOURS[EXCITON_OF[charge]])
        axes[1, column].set(xlabel="delay (ns)", xticks=range(0, int(_MAP_END_NS), 25))
    axes[0, 0].set_ylabel("photon energy (eV)")
    axes[1, 0].set_ylabel("share above\ndashed line")
    place = figure.add_axes((0.912, 0.41, 0.012, 0.51))
    bar = figure.colorbar(mesh, cax=place)
    bar.set_label("light per energy and time\n(share of the maximum)", fontsize=NORMAL)
    tidy(place)
    if boundary is None:
        for ax in axes[1]:
            ax.set_visible(False)
    return Drawing(figure, _emission_caption(boundary))


def _emission_caption(boundary: float | None) -> str:
    text = (
        "Time-resolved emission of each charge state, all photons, background subtracted and corrected for the"
        " detection efficiency where it is known; logarithmic colours, white where nothing was left."
    )
    if boundary is None:
        return text
    return text + (
        f" Below: share of the light above {boundary:.3f} eV (dashed), halfway between the SS and PP lines of the"
        " neutral exciton, with standard errors; line: its mean at late delays. S and P levels are in thermal"
        " equilibrium, so the spectrum of a state does not change with the delay; what the first nanoseconds show"
        " beyond the line is light of biexcitons."
    )


def _boundary_ev(data: FigureData) -> float | None:
    for state in EXCITON_OF.values():
        ss, pp = data.estimate(state, "energy_ss_ev"), data.estimate(state, "energy_pp_ev")
        if ss is not None and pp is not None:
            return 0.5 * (ss[0] + pp[0])
    return None


def _map(axes: Axes, data: FigureData, charge: str, arrays: dict[str, Array], boundary: float | None) -> Any:
    order = np.argsort(arrays["low_ev"])
    width_ev = (arrays["high_ev"] - arrays["low_ev"])[order, None]
    delays = arrays["delay_edges_ns"]
    response = np.maximum(arrays["response"][order, None], 1e-9)
    density = arrays["light_counts"][order] / (width_ev * np.diff(delays) * response)
    density = np.ma.masked_invalid(density / np.nanmax(density))
    energies = np.append(arrays["low_ev"][order], arrays["high_ev"][order][-1])
    mesh = axes.pcolormesh(
        delays, energies, np.ma.masked_less_equal(density, 0), cmap="magma_r",
        norm=LogNorm(10**-_MAP_DECADES, 1.0), rasterized=True,
    )  # fmt: skip
    axes.set_xlim(0, min(_MAP_END_NS, float(delays[-1])))
    title(axes, CHARGE_NAMES[charge], COLOURS[EXCITON_OF[charge]])
    if boundary is not None:
        axes.axhline(boundary, color=INK, lw=0.8, ls=(0, (4, 3)))
    return mesh


def _pp_side(axes: Axes, arrays: dict[str, Array], boundary: float, colour: str) -> None:
    """Plot the share of the light above the boundary against delay, and its mean at late delays."""
    above = 0.5 * (arrays["low_ev"] + arrays["high_ev"]) > boundary
    usable = (arrays["response"] > 0) & np.isfinite(arrays["light_counts"]).all(axis=1)
    response = np.where(usable, arrays["response"], 1.0)[:, None]
    edges, parts = _merged_delays(
        arrays["delay_edges_ns"],
        np.where(usable[:, None], arrays["light_counts"], 0.0) / response,
        np.where(usable[:, None], arrays["variance_counts"], 0.0) / response**2,
    )
    light, variance = parts
    total = light.sum(axis=0)
    share = light[above].sum(axis=0) / np.where(total > 0, total, np.nan)
    error = np.hypot(
        (1 - share) * np.sqrt(variance[above].sum(axis=0)), share * np.sqrt(variance[~above].sum(axis=0))
    ) / np.abs(total)
    middle = 0.5 * (edges[1:] + edges[:-1])
    good = error < _MOST_SHARE_ERROR
    axes.errorbar(middle[good], share[good], error[good], fmt="o", ms=3, color=colour, elinewidth=0.9)
    late = good & (middle > 20.0)
    if late.any():
        weight = 1.0 / error[late] ** 2
        axes.axhline(float((share[late] * weight).sum() / weight.sum()), color=GREY, lw=0.8, zorder=0)


def _merged_delays(edges: Array, *maps: Array) -> tuple[Array, list[Array]]:
    """Add up delays in pairs and more, so that each of the new bins spans at least 4 ns."""
    cuts = [0]
    for index, edge in enumerate(edges):
        if edge - edges[cuts[-1]] >= 4.0 - 1e-6:
            cuts.append(index)
    return edges[cuts], [np.add.reduceat(each, cuts[:-1], axis=1)[:, : len(cuts) - 1] for each in maps]
