"""Rates against the number of electrons with the model, and the model's maps of all states up to 5 x 5 carriers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from acquisition.analysis.rate_model import CARRIERS
from acquisition.numbers import with_error
from acquisition.photophysics.fermi_dirac import fermi_dirac_rates
from acquisition.photophysics.microstates import Levels, RateConstants, Rates, state_rates
from acquisition.report.count_figures import light_absent
from acquisition.report.figure_data import FigureData
from acquisition.report.style import (
    COLOURS,
    GREY,
    INK,
    MARKERS,
    NORMAL,
    SMALL,
    STATES,
    Absent,
    Drawing,
    new_figure,
    state_text,
    tidy,
    title,
)

Array = NDArray[Any]
Pair = tuple[float, float]

MOST_CARRIERS = 5
_PANELS = {"total radiative": "k_rad", "radiative, SS": "k_ss", "radiative, PP": "k_pp", "nonradiative": "k_nonrad"}
_HOLE_COLOURS = {1: COLOURS["X"], 2: COLOURS["BX"]}
_HOLE_STYLES = {1: "-", 2: (0, (6, 2))}
_NO_MODEL = (
    "The rate constants of the model could not be fitted; it takes lifetimes and efficiencies of the biexciton"
    " and of at least one charged state."
)


def draw_rates(data: FigureData) -> Drawing | Absent:
    """Draw radiative, SS, PP and nonradiative rates of the states against their number of electrons."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    measured = {state: _rates(data, state) for state in STATES}
    if not any(measured.values()):
        return Absent("No state has both a lifetime and an efficiency, so there are no rates.")
    if [state for state, rates in measured.items() if rates] == ["X"]:
        return Absent("Only rates of the neutral exciton are known, whose efficiency is assumed: nothing to compare.")
    panels = {text: key for text, key in _PANELS.items() if any(key in rates for rates in measured.values())}
    figure, axes = new_figure(3.35, 1, len(panels), left=0.06, right=0.985, top=0.885, bottom=0.15, wspace=0.27)
    model = _constants(data)
    for ax, (text, key) in zip(axes[0], panels.items(), strict=True):
        if model is not None:
            _model_lines(ax, data, key, model)
        for state, (value, error) in ((state, found[key]) for state, found in measured.items() if key in found):
            ax.errorbar(
                CARRIERS[state][0], value, error, fmt=MARKERS[state], ms=7, color=COLOURS[state], mec="white", mew=0.7,
                elinewidth=1.3, capsize=2.5, zorder=4, clip_on=False,
            )  # fmt: skip
        title(ax, text)
        ax.set(xlabel="number of electrons nₑ", xlim=(0.6, 4.4), xticks=[1, 2, 3, 4])
        ax.set_ylim(0, max(1.0, ax.get_ylim()[1]))
    axes[0, 0].set_ylabel("rate (1/µs)")
    _rate_legend(axes[0, 0], axes[0, -1], measured, model is not None)
    return Drawing(figure, _rates_caption(data, model))


def _rates(data: FigureData, state: str) -> dict[str, Pair]:
    """Rates of a state in 1/us with errors; the split into SS and PP only where the spectrum was fitted."""
    total, lost = data.estimate(state, "k_rad_per_us"), data.estimate(state, "k_nonrad_per_us")
    if total is None or lost is None:
        return {}
    found = {"k_rad": total, "k_nonrad": lost}
    fraction = data.estimate(state, "pp_fraction")
    if fraction is not None:
        f, df = fraction
        found["k_ss"] = (total[0] * (1 - f), float(np.hypot(total[1] * (1 - f), total[0] * df)))
        found["k_pp"] = (total[0] * f, float(np.hypot(total[1] * f, total[0] * df)))
    return found


_SELECT: dict[str, Callable[[Rates], float]] = {
    "k_rad": lambda rates: rates.radiative_per_us,
    "k_ss": lambda rates: rates.radiative_ss_per_us,
    "k_pp": lambda rates: rates.radiative_pp_per_us,
    "k_nonrad": lambda rates: rates.nonradiative_per_us,
}


def _constants(data: FigureData) -> RateConstants | None:
    model = data.results.get("model")
    if model is None:
        return None
    return RateConstants(*(float(model[key]["value"]) for key in ("B_per_us", "C_minus_per_us", "C_plus_per_us")))


def fermi_dirac_constants(constants: RateConstants, temperature_k: float) -> RateConstants:
    """Return the constants with which Fermi-Dirac occupations give the biexciton's k_rad of the microstates."""
    exact = state_rates(2, 2, temperature_k, constants).radiative_per_us
    unit = fermi_dirac_rates(2, 2, temperature_k, RateConstants(1.0, 0.0, 0.0)).radiative_per_us
    return RateConstants(exact / unit, constants.c_minus_per_us, constants.c_plus_per_us)


def _model_lines(axes: Axes, data: FigureData, key: str, constants: RateConstants) -> None:
    temperature_k = float(data.values["temperature_k"])
    continuous = fermi_dirac_constants(constants, temperature_k)
    electrons = np.linspace(1.0, 4.3, 60)
    for holes in (1, 2):
        colour = _HOLE_COLOURS[holes]
        line = [_SELECT[key](fermi_dirac_rates(float(n), holes, temperature_k, continuous)) for n in electrons]
        axes.plot(electrons, line, color=colour, lw=1.3, alpha=0.75, ls=_HOLE_STYLES[holes])
        exact = [_SELECT[key](state_rates(n, holes, temperature_k, constants)) for n in (1, 2, 3, 4)]
        axes.plot((1, 2, 3, 4), exact, "_", color=colour, ms=13, mew=1.6, alpha=0.75)


def _rate_legend(first: Axes, last: Axes, measured: dict[str, dict[str, Pair]], with_model: bool) -> None:
    for state in STATES:
        if measured[state]:
            first.plot([], [], MARKERS[state], color=COLOURS[state], ms=6.5, label=state_text(state))
    first.legend(
        fontsize=SMALL,
        frameon=False,
        loc="upper left" if with_model else "best",
        handletextpad=0.2,
        borderpad=0,
        labelspacing=0.3,
    )
    if with_model:
        for holes in (1, 2):
            text = f"model, nₕ = {holes}"
            last.plot([], [], ls=_HOLE_STYLES[holes], color=_HOLE_COLOURS[holes], lw=1.3, label=text)
        last.plot([], [], "_", color=GREY, ms=12, mew=1.6, label="microstates")
        last.legend(fontsize=SMALL, frameon=False, loc="upper left", borderpad=0, labelspacing=0.3)


def _rates_caption(data: FigureData, constants: RateConstants | None) -> str:
    text = (
        "Rates of the states: k_rad = η/τ, divided into SS and PP by the PP fraction, and k_nonrad = (1 − η)/τ, with"
        " standard errors. The efficiency of X is 1 by assumption, so its nonradiative rate is zero."
    )
    if constants is None:
        return f"{text} {_NO_MODEL}"
    model = data.results["model"]
    values = ", ".join(
        f"{name} = {with_error(model[key]['value'], model[key]['error'])}"
        for name, key in (("B′", "B_per_us"), ("C₋", "C_minus_per_us"), ("C₊", "C_plus_per_us"))
    )
    fermi = fermi_dirac_constants(constants, float(data.values["temperature_k"]))
    scatter = model.get("scatter", 0.0)
    return (
        f"{text} Bars: microstate model, B′ from the radiative rates of states with up to two electrons, C₋ and C₊"
        f" from all nonradiative rates: {values} (1/µs),"
        f" at {data.values['temperature_k']:.1f} K and a level splitting of {1e3 * Levels().splitting_ev:.0f} meV"
        + (f"; the rates scatter by up to {100 * scatter:.1f} % about it beyond their errors" if scatter > 0 else "")
        + f". Lines: the same for any number of electrons with Fermi-Dirac occupations, B′ = {fermi.b_per_us:.1f} /µs,"
        " which gives the biexciton the same k_rad."
    )


def draw_maps(data: FigureData) -> Drawing | Absent:
    """Draw efficiency, lifetime and PP fraction of the model for up to 5 electrons and 5 holes."""
    absent = light_absent(data)
    if absent is not None:
        return absent
    constants = _constants(data)
    if constants is None:
        return Absent(_NO_MODEL)
    temperature_k = float(data.values["temperature_k"])
    figure, axes = new_figure(3.95, 1, 3, left=0.05, right=0.985, top=0.90, bottom=0.125, wspace=0.16)
    numbers = range(1, MOST_CARRIERS + 1)
    rates = [[state_rates(electrons, holes, temperature_k, constants) for electrons in numbers] for holes in numbers]
    efficiency = np.array([[each.quantum_efficiency for each in row] for row in rates])
    lifetime = np.array([[each.lifetime_ns for each in row] for row in rates])
    fraction = np.array([[each.pp_fraction for each in row] for row in rates])
    _carrier_map(axes[0, 0], data, "quantum_efficiency", "emission efficiency", efficiency, "viridis", 2)
    _carrier_map(axes[0, 1], data, "lifetime_ns", "lifetime (ns)", lifetime, "YlGnBu_r", 1)
    _carrier_map(axes[0, 2], data, "pp_fraction", "PP fraction of the emission", fraction, "magma", 2)
    axes[0, 0].set_ylabel("number of holes nₕ")
    return Drawing(
        figure,
        "Microstate model with the constants fitted to this recording, extrapolated to 5 electrons and 5 holes (small"
        " numbers and colour), with the measured values of the states that were found (bold, framed). The colour of the"
        " lifetime is logarithmic.",
    )


def _carrier_map(axes: Axes, data: FigureData, key: str, text: str, model: Array, colours: str, decimals: int) -> None:
    shade = np.log(model) if key == "lifetime_ns" else model
    norm = Normalize(float(shade.min()), float(shade.max()))
    image = axes.pcolormesh(
        np.arange(0.5, 6), np.arange(0.5, 6), shade, cmap=colours, norm=norm, edgecolors="white", lw=1
    )
    for holes, electrons in np.ndindex(model.shape):
        red, green, blue, _ = image.cmap(norm(shade[holes, electrons]))
        ink = INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
        state = next((name for name, carriers in CARRIERS.items() if carriers == (electrons + 1, holes + 1)), None)
        found = None if state is None else data.estimate(state, key)
        value = f"{model[holes, electrons]:.{decimals}f}"
        x, y = electrons + 1, holes + 1
        if found is None or state is None:
            axes.text(x, y, value, ha="center", va="center", fontsize=SMALL, color=ink)
            continue
        axes.text(x, y + 0.27, state_text(state), ha="center", va="center", fontsize=SMALL, color=ink)
        axes.text(x, y, f"{found[0]:.{decimals}f}", ha="center", va="center", fontsize=10.5, color=ink, weight="bold")
        axes.text(x, y - 0.28, value, ha="center", va="center", fontsize=7, color=ink)
        axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, ec="white", lw=3.4))
        axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, ec=INK, lw=1.6))
    title(axes, text)
    axes.set(xlabel="number of electrons nₑ", xticks=range(1, 6), yticks=range(1, 6), aspect="equal")
    tidy(axes)
    axes.tick_params(length=0)
    axes.xaxis.label.set_fontsize(NORMAL)
