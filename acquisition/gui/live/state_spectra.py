"""Spectra of the six states with their fits, above each other."""

import numpy as np
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QVBoxLayout

from acquisition.gui.live.state_curves import SpectrumCurves, energy_as, spectrum_curves
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import with_error
from acquisition.report.words import STATES, state_text

STEP, MOST_STEP = 1.45, 3.0
"""Least and largest height of one spectrum in the stack; the highest point of its fit is at 1."""

WORDS_LINES = 1.6
"""Height of words above a peak, in lines of text."""

AXES = {
    "eV": (Axis("photon energy", "eV"), Axis("light per energy (norm., shifted)")),
    "nm": (Axis("wavelength", "nm"), Axis("light per wavelength (norm., shifted)")),
}
_LINES = ("energy_ss_ev", "energy_pp_ev")

NARROW = 95
"""A plot that is less than so many letters wide has no room for the energies right above their peaks."""


@view(
    "spectra", "Spectra of the states", Place.LIVE, order=60, shows=("spectra",),
    tip="Emission spectra of exciton and biexciton of each charge state, background subtracted and corrected for the "
    "detection efficiency where it is known, with a fit of two Lorentzian lines: SS and PP recombination.",
)  # fmt: skip
class SpectraPanel(StatePanel):
    """The spectra of the states that are chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.states = Toggles({state: state_text(state) for state in STATES}, "Which states are shown.", several=True)
        self.unit = Toggles(
            {"eV": "eV", "nm": "nm"},
            "Against photon energy or wavelength; the light is given per eV or per nm accordingly (Jacobian).",
        )
        self.plot = Plot(desk, *AXES["eV"], "Spectra of the states", from_zero=False)
        for each in (self.states, self.unit):
            each.changed.connect(self.redraw)
            self.row.addWidget(each)
        self.row.addStretch(1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.plot.restyle()
        super().restyle()

    def draw_figures(self, figures: StateFigures) -> str:
        """Draw the spectra above each other."""
        in_nm = self.unit.one == "nm"
        if "survey/wavelength_nm" not in figures.arrays:
            return "The recording has no wavelengths of the pixels, so there are no spectra."
        curves = {state: spectrum_curves(figures, state, in_nm=in_nm) for state in STATES}
        found = {state: curve for state, curve in curves.items() if curve is not None}
        if not found:
            return "No state has enough photons for a fit of its spectrum."
        self.states.offer(list(found))
        shown = [state for state in self.states.chosen if state in found]
        self.plot.remove_all()
        self.plot.set_axes(*AXES[self.unit.one])
        self.plot.simulated = bool(figures.results.get("simulated"))
        step = self._step(max(1, len(shown)))
        for place, state in enumerate(reversed(shown)):
            draw_spectrum(self.plot, state, found[state], f"states.{state}", step * place)
            self._label(figures, state, found[state], step * place, in_nm=in_nm)
        self.plot.show_y(-0.15, step * max(1, len(shown)) + 0.15)
        self.plot.say("" if shown else "No state is chosen.")
        self.plot.refit()
        return ""

    def _label(self, figures: StateFigures, state: str, curves: SpectrumCurves, base: float, *, in_nm: bool) -> None:
        """Write the name of a state to its spectrum, and the energies of its lines above their peaks."""
        shade = f"states.{state}"
        found = [energy for quantity in _LINES if (energy := figures.estimate(state, quantity)) is not None]
        peaks = sorted(energy_as(*energy, in_nm=in_nm) for energy in found)
        middle = sum(place for place, _ in peaks) / max(1, len(peaks))
        self.plot.words(state_text(state), shade, anchor=(0.0, 1.0), bold=True).set(float(curves.x[0]), base + 0.2)
        for side, (place, error) in enumerate(peaks):
            words = f"{with_error(place, error)} {self.unit.one}"
            height = base + max(0.0, curves.fit_at(place)) + 0.05
            if self._narrow:  # beside each other, so that they do not run into each other
                self.plot.words(words, shade, anchor=(1.0 - side, 1.0)).set(middle, height)
            else:
                self.plot.words(words, shade, anchor=(0.5, 1.0)).set(place, height)

    @property
    def _narrow(self) -> bool:
        return bool(self.plot.width() < NARROW * self.fontMetrics().averageCharWidth())

    def _step(self, count: int) -> float:
        """Return the height of a spectrum that leaves room for the words above its peak, rounded to tenths."""
        row = self.plot.height() / (count + 0.5)
        words = WORDS_LINES * self.fontMetrics().height()
        return float(np.clip(np.ceil(11.0 * row / max(row - words, 1.0)) / 10.0, STEP, MOST_STEP))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place the words anew."""
        super().resizeEvent(event)
        self.redraw()


def draw_spectrum(plot: Plot, state: str, curves: SpectrumCurves, shade: str, base: float = 0.0) -> None:
    """Add the light of a state with its errors, its fit and the two lines of that, raised by `base`."""
    name = f"{state_text(state)} {{}}" + (f" + {base:g}" if base else "")
    for line, text in ((curves.ss, "SS"), (curves.pp, "PP")):
        plot.line(name.format(text), shade, dashed=text == "PP").set(curves.x, line + base)
    plot.errors(name.format("light"), shade).set(curves.x, curves.light + base, curves.error)
    plot.points("", shade, size=3.5).set(curves.x, curves.light + base)
    plot.line(name.format("fit"), "text", width=1.5).set(curves.x, curves.fit + base)
