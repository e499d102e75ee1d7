"""Spectra of the six states with their fits, above each other."""

from collections.abc import Mapping, Sequence

import numpy as np
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.live.sheet import Sheet
from acquisition.gui.live.state_curves import SpectrumCurves, energy_as, spectrum_curves
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.gui.window.elided import ElidedLabel
from acquisition.numbers import with_error
from acquisition.report.words import STATES, state_text

STEP, MOST_STEP = 1.45, 2.6
"""Least and largest height of one spectrum in the stack; the highest point of its fit is at 1."""

AXIS_LINES, ROW_LINES, WORDS_LINES = 3.0, 3.5, 1.6
"""Heights, in lines of text, of the axis below, of a spectrum that is easily read, and of words above a peak."""

LEAST_LETTERS, WORDS_LETTERS, ROOMY_LETTERS = 34, 64, 100
"""Widths of a plot, in letters: beside another one, with energies, and with those right above their peaks."""

AXES = {
    "eV": (Axis("photon energy", "eV"), Axis("light per energy (norm.)")),
    "nm": (Axis("wavelength", "nm"), Axis("light per wavelength (norm.)")),
}
LOW_LIGHT, LOW_LINES = Axis("light (norm.)"), 15.0
"""What is written along a plot that is less than so many lines of text high."""

NAME_LETTERS = 7.0
"""Width of the name of a state, in letters."""

LEAST_HEIGHT, MOST_HEIGHT, NAME_GAP, SAME_HEIGHT = 0.2, 0.9, 0.04, 0.1
"""Of a name above the base of its spectrum, above what lies below it, and how much lower the other end must be."""

LINES_MEAN = "thin: SS line · dashed: PP line · thick: fit"
LINES_TIP = (
    "Points are the measured light with its standard errors. The fit is the sum of two Lorentzian lines, of SS and of "
    "PP recombination."
)

_LINES = ("energy_ss_ev", "energy_pp_ev")


@view(
    "spectra", "Spectra of the states", Place.LIVE, order=60, shows=("spectra",),
    tip="Emission spectra of exciton and biexciton of each charge state, background subtracted and corrected for the "
    "detection efficiency where it is known, with a fit of two Lorentzian lines, SS and PP recombination; the numbers "
    "are their energies. Each is scaled to the highest point of its fit and raised above the one below.",
)  # fmt: skip
class SpectraPanel(StatePanel):
    """The spectra of the states that are chosen; biexcitons stand beside excitons where there is little height."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.states = Toggles({state: state_text(state) for state in STATES}, "Which states are shown.", several=True)
        self.unit = Toggles(
            {"eV": "eV", "nm": "nm"},
            "Against photon energy or wavelength; the light is given per eV or per nm accordingly (Jacobian).",
        )
        self.plots = [
            Plot(desk, *AXES["eV"], f"Spectra of the {of}", from_zero=False) for of in ("states", "biexcitons")
        ]
        for each in (self.states, self.unit):
            each.changed.connect(self.redraw)
            self.row.addWidget(each)
        self.legend = ElidedLabel(LINES_MEAN)
        self.legend.setToolTip(f"{LINES_MEAN}\n{LINES_TIP}")
        self.row.addWidget(self.legend, 1)
        beside = QHBoxLayout(self.body)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(2)
        self._sheets = {plot: Sheet(plot) for plot in self.plots}
        for plot in self.plots:
            plot.left.setTicks([])
            beside.addWidget(plot, 1)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for plot in self.plots:
            plot.restyle()
        super().restyle()

    def draw_figures(self, figures: StateFigures) -> str:
        """Draw the spectra above each other, in one plot or two."""
        if "survey/wavelength_nm" not in figures.arrays:
            return "The recording has no wavelengths of the pixels, so there are no spectra."
        in_nm = self.unit.one == "nm"
        curves = {state: spectrum_curves(figures, state, in_nm=in_nm) for state in STATES}
        found = {state: curve for state, curve in curves.items() if curve is not None}
        if not found:
            return "No state has enough photons for a fit of its spectrum."
        self.states.offer(list(found))
        stacks = self._stacks([state for state in self.states.chosen if state in found])
        self.plots[1].setVisible(bool(stacks[1]))
        for plot, states in zip(self.plots, stacks, strict=True):
            along, light = AXES[self.unit.one]
            plot.set_axes(along, LOW_LIGHT if self._is_low else light)
            plot.simulated = bool(figures.results.get("simulated"))
            plot.say("" if states else "No state is chosen.")
            self._draw_stack(plot, figures, found, states)
        return ""

    def _stacks(self, states: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return which states stand in each plot: all in the first, unless there is little height but enough width."""
        excitons = [state for state in states if not state.startswith("B")]
        biexcitons = [state for state in states if state.startswith("B")]
        wide = self.pages.width() >= 2 * LEAST_LETTERS * self.fontMetrics().averageCharWidth()
        low = self._row_px(len(states)) < ROW_LINES * self.fontMetrics().height()
        return (excitons, biexcitons) if excitons and biexcitons and wide and low else (list(states), [])

    @property
    def _is_low(self) -> bool:
        return self.pages.height() < LOW_LINES * self.fontMetrics().height()

    def _row_px(self, count: int) -> float:
        """Return the height that each of so many spectra has, in pixels."""
        return (self.pages.height() - AXIS_LINES * self.fontMetrics().height()) / (max(1, count) + 0.3)

    def _draw_stack(
        self, plot: Plot, figures: StateFigures, curves: Mapping[str, SpectrumCurves], states: Sequence[str]
    ) -> None:
        row_px, words_px = self._row_px(len(states)), WORDS_LINES * self.fontMetrics().height()
        width_px = self.pages.width() / (1 if self.plots[1].isHidden() else 2)
        step, room = STEP, width_px >= WORDS_LETTERS * self.fontMetrics().averageCharWidth()
        if row_px <= 1.6 * words_px:
            room = False
        elif room:
            step = float(np.clip(np.ceil(11.0 * row_px / (row_px - words_px)) / 10.0, STEP, MOST_STEP))
        sheet = self._sheets[plot]
        sheet.begin()
        for place, state in enumerate(reversed(states)):
            base = step * place
            draw_spectrum(sheet, state, curves[state], f"states.{state}", base)
            share = NAME_LETTERS * self.fontMetrics().averageCharWidth() / max(1.0, width_px)
            side, height = free_corner(curves[state], share)
            name = sheet.words(state_text(state), f"states.{state}", anchor=(float(side), 1.0), bold=True)
            name.set(float(curves[state].x[-1 if side else 0]), base + height)
            if room:
                self._write_energies(sheet, figures, state, curves[state], base)
        sheet.end()
        plot.show_y(-0.15, step * max(1, len(states)) + 0.15)
        plot.refit()

    def _write_energies(
        self, sheet: Sheet, figures: StateFigures, state: str, curves: SpectrumCurves, base: float
    ) -> None:
        """Write the energies of the lines above their peaks, or beside each other where they would overlap."""
        found = [energy for quantity in _LINES if (energy := figures.estimate(state, quantity)) is not None]
        peaks = sorted(energy_as(*energy, in_nm=self.unit.one == "nm") for energy in found)
        middle = sum(place for place, _ in peaks) / max(1, len(peaks))
        roomy = sheet.plot.width() >= ROOMY_LETTERS * self.fontMetrics().averageCharWidth()
        for side, (place, error) in enumerate(peaks):
            words, height = with_error(place, error), base + max(0.0, curves.fit_at(place)) + 0.05
            if roomy:
                sheet.words(f"{words} {self.unit.one}", f"states.{state}", anchor=(0.5, 1.0)).set(place, height)
            else:
                sheet.words(words, f"states.{state}", anchor=(1.0 - side, 1.0)).set(middle, height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange spectra and words anew."""
        super().resizeEvent(event)
        self.redraw()


def free_corner(curves: SpectrumCurves, share: float) -> tuple[int, float]:
    """Return where the name of a spectrum hides least of it.

    Parameters
    ----------
    curves : SpectrumCurves
    share : float
        Of the width, that the name takes.

    Returns
    -------
    side : int
        0 for the left end, 1 for the right one.
    height : float
        Above which there is nothing but errors of points, as of the curves.
    """
    reach = min(0.5, share) * float(curves.x[-1] - curves.x[0])
    tops = []
    for near in (curves.x <= curves.x[0] + reach, curves.x >= curves.x[-1] - reach):
        drawn = np.concatenate([each[near] for each in (curves.light, curves.fit)])
        tops.append(float(drawn[np.isfinite(drawn)].max(initial=0.0)))
    side = int(tops[1] < tops[0] - SAME_HEIGHT)
    return side, float(np.clip(tops[side] + NAME_GAP, LEAST_HEIGHT, MOST_HEIGHT))


def draw_spectrum(plot: Sheet, state: str, curves: SpectrumCurves, shade: str, base: float = 0.0) -> None:
    """Add the light of a state with its errors, its fit and the two lines of that, raised by `base`."""
    name = f"{state_text(state)} {{}}" + (f" + {base:g}" if base else "")
    for line, text in ((curves.ss, "SS"), (curves.pp, "PP")):
        plot.line(name.format(text), shade, dashed=text == "PP").set(curves.x, line + base)
    plot.errors(name.format("light"), shade).set(curves.x, curves.light + base, curves.error)
    plot.points("", shade, size=3.5).set(curves.x, curves.light + base)
    plot.line(name.format("fit"), "text", width=1.5).set(curves.x, curves.fit + base)
