"""Plots that lay points of several runs over each other: spectra, decays, and numbers against run or temperature."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget
from superqt import QFlowLayout

from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.gui.live.state_curves import biexciton_decay, exciton_decay, spectrum_curves
from acquisition.gui.live.state_decays import draw_decay, fit_axes
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.runs.measured import Measured, legend_names
from acquisition.gui.view import Desk
from acquisition.numbers import with_error
from acquisition.report.words import QUANTITIES, STATES, state_text

SYMBOLS = ("o", "t1", "s", "d", "t", "p")
NOTHING = "Select analysed runs in the list; hold Ctrl to select several."

_CHARGE_OF = {state: charge for names in (EXCITON_OF, BIEXCITON_OF) for charge, state in names.items()}
_STATE_TEXTS = {state: state_text(state) for state in STATES}


class Overlay(QWidget):
    """A plot with a row of choices above."""

    def __init__(self, desk: Desk, plot: Plot, choices: Sequence[Toggles]) -> None:
        super().__init__()
        self.desk, self.plot = desk, plot
        self.measured: Sequence[Measured] = ()
        row = QFlowLayout()
        row.setContentsMargins(4, 2, 4, 0)
        for each in choices:
            row.addWidget(each)
            each.changed.connect(self.redraw)
        column = self.column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(plot, 1)

    def show_measured(self, measured: Sequence[Measured]) -> None:
        """Lay these points over each other."""
        self.measured = measured
        self.redraw()

    def redraw(self) -> None:
        """Draw again."""
        self.plot.remove_all()
        self.plot.simulated = any(each.simulated for each in self.measured)
        self.plot.about = "; ".join(f"{each.path} point {each.point}" for each in self.measured)
        self.plot.say(self.draw() if self.measured else NOTHING)
        self.plot.refit()

    def draw(self) -> str:
        """Draw, and return why nothing is there; empty if something is."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.plot.restyle()
        self.redraw()


class SpectraOverlay(Overlay):
    """Spectra of one state."""

    def __init__(self, desk: Desk) -> None:
        self.state = Toggles(_STATE_TEXTS, "Whose spectra are laid over each other.")
        self.unit = Toggles({"eV": "eV", "nm": "nm"}, "Against photon energy or wavelength.")
        plot = Plot(desk, *self._axes("eV"), "Spectra of runs", from_zero=False, free_legend=True)
        super().__init__(desk, plot, (self.state, self.unit))

    def draw(self) -> str:
        """Draw light and fit of each point, scaled to the highest point of its fit."""
        self.plot.set_axes(*self._axes(self.unit.one))
        names, state, drawn = legend_names(self.measured), self.state.one, False
        for number, each in enumerate(self.measured):
            curves = spectrum_curves(each.figures, state, in_nm=self.unit.one == "nm")
            if curves is None:
                continue
            drawn, shade = True, shade_of(number)
            energy = each.figures.estimate(state, "energy_ss_ev")
            name = names[number] + (f"; E(SS) = {with_error(*energy)} eV" if energy else "")
            data = f"{names[number]} data"
            points = self.plot.points(name, shade, symbol=symbol_of(number), size=5.0, column=data)
            points.set(curves.x, curves.light)
            self.plot.errors("", shade, column=data).set(curves.x, curves.light, curves.error)
            self.plot.line("", shade, width=1.5, column=f"{names[number]} fit").set(curves.x, curves.fit)
        return "" if drawn else f"None of these has a spectrum of {state_text(state)}."

    @staticmethod
    def _axes(unit: str) -> tuple[Axis, Axis]:
        if unit == "nm":
            return Axis("wavelength", "nm"), Axis("light per wavelength (norm.)")
        return Axis("photon energy", "eV"), Axis("light per energy (norm.)")


class DecaysOverlay(Overlay):
    """Decays of one state."""

    def __init__(self, desk: Desk) -> None:
        self.state = Toggles(_STATE_TEXTS, "Whose decays are laid over each other.")
        self.scale = Toggles({"norm.": "norm.", "photons": "photons/ns"}, "Scaled to the highest bin of each, or not.")
        plot = Plot(desk, Axis("delay", "ns"), Axis("light (norm.)", log=True), "Decays of runs", free_legend=True)
        super().__init__(desk, plot, (self.state, self.scale))

    def draw(self) -> str:
        """Draw decay and fit of each point."""
        normed, state = self.scale.one == "norm.", self.state.one
        light = Axis("light (norm.)", log=True) if normed else Axis("light", "photons/ns", log=True)
        self.plot.set_axes(self.plot.x_axis, light)
        decay_of = biexciton_decay if state.startswith("B") else exciton_decay
        names, drawn = legend_names(self.measured), []
        for number, each in enumerate(self.measured):
            curves = decay_of(each.figures, _CHARGE_OF[state])
            if curves is None or not len(curves.rate):
                continue
            top = float(np.nanmax(curves.rate)) if normed else 1.0
            scaled = {name: getattr(curves, name) / top for name in ("rate", "error", "fit", "rise")}
            drawn.append(replace(curves, **scaled))
            lifetime = each.figures.estimate(state, "lifetime_ns")
            name = names[number] + (f"; τ = {with_error(*lifetime)} ns" if lifetime else "")
            draw_decay(self.plot, drawn[-1], name, shade_of(number), symbol_of(number), names[number])
        fit_axes(self.plot, drawn)
        return "" if drawn else f"None of these has a decay of {state_text(state)}."


class NumbersOverlay(Overlay):
    """One quantity of each state against run or temperature."""

    def __init__(self, desk: Desk) -> None:
        self.quantity = Toggles(QUANTITIES, "Which quantity is shown.")
        self.against = Toggles({"run": "run", "temperature": "temperature"}, "Against what.")
        self.states = Toggles(_STATE_TEXTS, "Which states are shown.", several=True)
        plot = Plot(desk, Axis("run (number in the list)"), Axis("lifetime", "ns"), "Numbers of runs",
                    from_zero=False, free_legend=True)  # fmt: skip
        super().__init__(desk, plot, (self.quantity, self.against, self.states))
        self.names = QLabel()
        self.names.setWordWrap(True)
        self.names.setContentsMargins(6, 0, 6, 2)
        self.column.addWidget(self.names)

    def draw(self) -> str:
        """Draw values with errors, the states a little beside each other."""
        quantity, warm = self.quantity.one, self.against.one == "temperature"
        axis = Axis("temperature", "°C") if warm else Axis("run (number in the list)")
        self.plot.set_axes(axis, _quantity_axis(quantity))
        numbers = [(float(number), str(number)) for number in range(1, len(self.measured) + 1)]
        self.plot.bottom.setTicks(None if warm else [numbers])
        self.names.setText("   ".join(legend_names(self.measured)))
        places = [each.conditions.get("temperature_c") if warm else float(number)
                  for number, each in enumerate(self.measured, start=1)]  # fmt: skip
        known = [place for place in places if place is not None]
        if not known:
            return "No temperature of these points is known."
        room = max(0.5, 0.05 * (max(known) - min(known)))
        drawn = False
        for place, state in enumerate(self.states.chosen):
            aside = 0.5 * room * (place / len(STATES) - 0.4)
            found = sorted(
                (x + aside, *estimate)
                for x, each in zip(places, self.measured, strict=True)
                if x is not None and (estimate := each.figures.estimate(state, quantity)) is not None
            )
            if found:
                drawn = True
                self._draw_state(state, np.array(found))
        self.plot.show_x(min(known) - room, max(known) + room)
        return "" if drawn else f"None of these has the quantity {QUANTITIES[quantity]}."

    def _draw_state(self, state: str, found: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
        name, shade = state_text(state), f"states.{state}"
        self.plot.points(name, shade, symbol=symbol_of(STATES.index(state)), size=8.0).set(found[:, 0], found[:, 1])
        self.plot.errors(name, shade).set(found[:, 0], found[:, 1], found[:, 2])


def shade_of(number: int) -> str:
    """Return the colour of a point of the overlay, as the theme calls it."""
    return f"states.{STATES[number % len(STATES)]}"


def symbol_of(number: int) -> str:
    """Return the symbol of a point of the overlay; with its colour it comes again after 36 points only."""
    return SYMBOLS[(number + number // len(STATES)) % len(SYMBOLS)]


def _quantity_axis(quantity: str) -> Axis:
    words, _, unit = QUANTITIES[quantity].partition(" (")
    if not unit:
        return Axis(words)
    if words.startswith("E("):
        words, unit = QUANTITIES[quantity].rsplit(" (", 1)
    return Axis(words, unit.rstrip(")"))
