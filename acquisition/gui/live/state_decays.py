"""Decays of excitons and biexcitons with their fits."""

from collections.abc import Callable, Sequence

import numpy as np
from qtpy.QtWidgets import QVBoxLayout

from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.gui.live.sheet import Sheet
from acquisition.gui.live.state_curves import DecayCurves, biexciton_decay, exciton_decay
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.live.tiles import Tiles
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import with_error
from acquisition.report.words import CHARGE_SIGNS, CHARGES, state_text

KINDS = {"X": "all photons", "BX": "first of pairs"}
_STATE_OF = {"X": EXCITON_OF, "BX": BIEXCITON_OF}
_DECAY_OF: dict[str, Callable[[StateFigures, str], DecayCurves | None]] = {"X": exciton_decay, "BX": biexciton_decay}
_SYMBOLS = {"neutral": "o", "minus1": "t1", "minus2": "d"}
_DECADES = 3.3


def decay_plots(desk: Desk) -> dict[str, Plot]:
    """Return a plot for all photons and one for first photons of pairs."""
    axes = {"X": Axis("light", "photons/ns", log=True), "BX": Axis("first photons", "1/ns", log=True)}
    titles = {"X": "Decays of the excitons", "BX": "Decays of the biexcitons"}
    return {kind: Plot(desk, Axis("delay", "ns"), axes[kind], titles[kind], legend=True) for kind in KINDS}


@view(
    "decays", "Decays of the states", Place.LIVE, order=62, shows=("decays",),
    tip="Light of each charge state by delay after the laser pulse. All photons decay with the lifetime of the "
    "exciton after the fast part of the biexciton; the first photons of pairs within a pulse are those of the "
    "biexciton.",
)  # fmt: skip
class DecaysPanel(StatePanel):
    """Decays of the charge states that are chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.charges = Toggles(CHARGE_SIGNS, "Which charge states are shown.", several=True)
        self.charges.changed.connect(self.redraw)
        self.plots = decay_plots(desk)
        self._sheets = {kind: Sheet(plot) for kind, plot in self.plots.items()}
        self.tiles = Tiles(self.plots, KINDS, "All photons, or the first ones of pairs, which are of the biexciton.")
        self.row.addWidget(self.tiles.toggles)
        self.row.addWidget(self.charges)
        self.row.addStretch(1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tiles)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for plot in self.plots.values():
            plot.restyle()
        super().restyle()

    def draw_figures(self, figures: StateFigures) -> str:
        """Draw the decays."""
        found = [charge for charge in CHARGES if exciton_decay(figures, charge) is not None]
        if not found:
            return "No charge state has enough photons for a fit of its decay."
        self.charges.offer(found)
        chosen = [charge for charge in found if charge in self.charges.chosen]
        for kind, plot in self.plots.items():
            sheet = self._sheets[kind]
            sheet.begin()
            plot.simulated = bool(figures.results.get("simulated"))
            drawn = [curves for charge in chosen if (curves := _draw(sheet, figures, charge, kind)) is not None]
            sheet.end()
            fit_axes(plot, drawn)
            plot.say("" if drawn else "No charge state is chosen.")
        return ""


def _draw(plot: Sheet, figures: StateFigures, charge: str, kind: str) -> DecayCurves | None:
    curves = _DECAY_OF[kind](figures, charge)
    if curves is None or not len(curves.rate):
        return None
    state = _STATE_OF[kind][charge]
    name, column = legend_of(figures, state, charge), state_text(state)
    draw_decay(plot, curves, name, f"states.{state}", _SYMBOLS[charge], column)
    return curves


def legend_of(figures: StateFigures, state: str, charge: str) -> str:
    """Return the name of a state with its lifetime, or why there is none."""
    lifetime = figures.estimate(state, "lifetime_ns")
    if lifetime is not None:
        return f"{state_text(state)}  τ = {with_error(*lifetime)} ns"
    if figures.results.get("emitters", {}).get("verdict") == "several":
        return f"{state_text(state)}  no lifetime: several emitters"
    return f"{state_text(state)}  no lifetime: {figures.why_missing(charge) or 'too few pairs'}"


def draw_decay(plot: Sheet | Plot, curves: DecayCurves, name: str, shade: str, symbol: str, column: str) -> None:
    """Add a decay with its errors and its fit to a plot; in tables its columns begin with `column`."""
    data = f"{column} data"
    plot.points(name, shade, symbol=symbol, size=5.0, column=data).set(curves.delay_ns, curves.rate)
    plot.errors("", shade, column=data).set(curves.delay_ns, curves.rate, curves.error)
    if len(curves.rise_delay_ns):
        plot.line("", shade, column=f"{column} rise").set(curves.rise_delay_ns, curves.rise)
    if len(curves.fit):
        fit = plot.line("", "text", width=1.5, column=f"{column} fit")
        fit.set(curves.fit_delay_ns, np.where(curves.fit > 0, curves.fit, np.nan))


def fit_axes(plot: Plot, curves: Sequence[DecayCurves]) -> None:
    """Show the longest decay, and as many powers of ten as the report does."""
    if not curves:
        return
    end = max(each.end_ns for each in curves)
    top = np.log10(max(float(np.nanmax(each.rate)) for each in curves))
    low = np.log10(max(min(float(np.nanmin(each.rate)) for each in curves), 1e-3))
    plot.show_x(-0.015 * end, end)
    plot.show_y(max(low - 0.3, top - _DECADES), top + 0.5)
    plot.refit()
