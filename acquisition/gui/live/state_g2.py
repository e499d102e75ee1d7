"""Pairs of photons of each charge state by the distance of their laser pulses."""

import numpy as np
from qtpy.QtWidgets import QVBoxLayout

from acquisition.analysis.state_table import BIEXCITON_OF
from acquisition.gui.live.state_curves import PairBars, pair_bars
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.live.tiles import Tiles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import with_error
from acquisition.report.words import CHARGE_NAMES, CHARGES


@view(
    "state_g2", "Pairs of the states", Place.LIVE, order=66, shows=("state_g2",),
    tip="Pairs of photons of each charge state by their distance in laser pulses, as counted; the line is what "
    "background adds to each bar. For weak excitation, centre over sides is the ratio of the efficiencies of "
    "biexciton and exciton.",
)  # fmt: skip
class StateG2Panel(StatePanel):
    """A bar for each pulse lag."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.plots = {
            charge: Plot(desk, Axis("lag", "laser pulses"), Axis("pairs of photons"), f"Pairs, {CHARGE_NAMES[charge]}")
            for charge in CHARGES
        }
        self.tiles = Tiles(self.plots, CHARGE_NAMES, "Which charge state is shown.")
        self.row.addWidget(self.tiles.toggles)
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
        """Draw the pairs of each charge state that has some."""
        found = {charge: bars for charge in CHARGES if (bars := pair_bars(figures, charge)) is not None}
        if not found:
            return "No charge state has enough pairs of photons for g2."
        for charge, bars in found.items():
            self.plots[charge].simulated = bool(figures.results.get("simulated"))
            _draw(self.plots[charge], charge, bars)
        self.tiles.offer(tuple(found))
        return ""


def _draw(plot: Plot, charge: str, bars: PairBars) -> None:
    plot.remove_all()
    edges = np.append(bars.lag - 0.5, bars.lag[-1] + 0.5)
    top = float(bars.pairs.max(initial=1.0))
    plot.bars("pairs", f"states.{BIEXCITON_OF[charge]}").set(edges, bars.pairs)
    plot.line("background", "text", dashed=True).set(edges[[0, -1]], np.full(2, bars.background))
    words = f"{CHARGE_NAMES[charge]}: g⁽²⁾(0) / g⁽²⁾(side) = {with_error(*bars.ratio)}"
    plot.words(words, "text", anchor=(0.5, 0.0)).set(0.0, 1.3 * top)
    plot.words("background", "text", anchor=(0.0, 1.0)).set(float(edges[0]), bars.background)
    plot.show_y(0.0, 1.3 * top)
    plot.refit()
