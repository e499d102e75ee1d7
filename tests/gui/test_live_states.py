"""The panels of the states draw what an analysis gave, and say in words what is missing."""

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtGui import QGuiApplication

from acquisition.gui.client.feed import Said
from acquisition.gui.live.sheet import Sheet
from acquisition.gui.live.state_curves import SpectrumCurves, energy_as, exciton_decay, pair_bars, spectrum_curves
from acquisition.gui.live.state_decays import DecaysPanel
from acquisition.gui.live.state_emission import EmissionPanel
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_g2 import StateG2Panel
from acquisition.gui.live.state_numbers import NumbersPanel
from acquisition.gui.live.state_spectra import SpectraPanel, free_corner
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.plots.export import save_csv
from acquisition.gui.theme.themes import THEMES
from tests.gui.state_content import ENERGIES_EV, analysis, panels_of

STATE_PANELS = (SpectraPanel, DecaysPanel, EmissionPanel, StateG2Panel, NumbersPanel)
NEVER_ALL = ("X", "X-", "BX")


def said(panels, version=1, **status):
    return Said(
        status={"run": "runs/a", "elapsed_s": 62.0, **status}, panels=panels, versions=dict.fromkeys(panels, version)
    )


def figures(**more):
    arrays, values = analysis(**more)
    return StateFigures(arrays, values)


@pytest.fixture
def shown(desk, qtbot):
    """Return a panel that shows something, at a size."""

    def show(kind, told, size=(1200, 700)):
        panel = kind(desk)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        panel.show_said(told)
        return panel

    return show


def words(panel):
    return panel.why.text() if panel.pages.currentWidget() is panel.why else ""


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_a_panel_says_how_old_the_analysis_is(shown, kind):
    panel = shown(kind, said(panels_of()))
    assert panel.age.text() == "as of 60 s, took 2.1 s"
    assert words(panel) == ""


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_an_analysis_of_the_newest_photons_says_of_which_time(shown, kind):
    panels = panels_of()
    panel = shown(kind, said({name: {**content, "of_last_s": 33.0} for name, content in panels.items()}))
    assert panel.age.text() == "as of 60 s, from the last 33 s, took 2.1 s"
    assert panel.age.styleSheet() == ""


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_an_old_analysis_says_so_as_soon_as_it_is_old(shown, kind):
    panel = shown(kind, said(panels_of(), elapsed_s=80.0))
    assert "\N{WARNING SIGN}" not in panel.age.text()
    panel.show_said(said(panels_of(), elapsed_s=353.0))
    assert panel.age.text() == "as of 60 s of 353 s \N{WARNING SIGN}, took 2.1 s"
    assert panel.age.styleSheet() == f"color: {panel.desk.theme.warn}"


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_the_analysis_of_the_whole_point_says_so(shown, kind):
    assert shown(kind, said(panels_of(final=True))).age.text() == "whole point, 60 s"


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_a_panel_counts_down_how_much_more_light_it_needs(shown, kind):
    nothing = dict.fromkeys(panels_of())
    panel = shown(kind, said(nothing, elapsed_s=4.2))
    assert words(panel) == "Needs about 6 s more light to tell charge states apart."
    panel.show_said(said(nothing, elapsed_s=8.5))
    assert words(panel) == "Needs about 2 s more light to tell charge states apart."
    panel.show_said(said(nothing, elapsed_s=11.0))
    assert words(panel) == "The first analysis is being made."


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_a_panel_says_that_nothing_is_measured(shown, kind):
    assert words(shown(kind, said(dict.fromkeys(panels_of()), run=None))).startswith("Nothing is measured yet.")


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_a_problem_of_the_analysis_is_told_in_its_words(shown, kind):
    panel = shown(kind, said(panels_of(problem="photons.h5 cannot be read")))
    assert words(panel) == "photons.h5 cannot be read"


@pytest.mark.parametrize("kind", STATE_PANELS)
def test_all_themes_are_taken_and_the_drawing_stays(shown, desk, kind):
    panel = shown(kind, said(panels_of()))
    for theme in THEMES.values():
        desk.theme = theme
        panel.restyle()
        assert words(panel) == ""


@pytest.mark.parametrize("kind", [SpectraPanel, DecaysPanel, EmissionPanel, StateG2Panel])
def test_too_little_light_for_charge_states_is_said_as_in_the_report(shown, kind):
    assert "too short or too dim" in words(shown(kind, said(panels_of(states=()))))


def test_each_state_has_a_spectrum_with_its_fit_and_the_energies_of_its_lines(shown):
    panel = shown(SpectraPanel, said(panels_of()))
    table = panel.plots[0].table()
    assert sum(": light per energy" in name for name in table[0]) >= 6
    texts = [artist.item.toPlainText() for artist in panel.plots[0]._artists if hasattr(artist.item, "toPlainText")]
    assert "1.7800 ± 0.0012 eV" in texts
    assert "X²⁻" in texts


def test_a_spectrum_against_wavelength_is_per_wavelength():
    per_energy, per_length = (spectrum_curves(figures(), "X", in_nm=in_nm) for in_nm in (False, True))
    peak_ev, peak_nm = per_energy.x[np.argmax(per_energy.fit)], per_length.x[np.argmax(per_length.fit)]
    assert peak_ev == pytest.approx(ENERGIES_EV["X"], abs=0.003)
    assert peak_nm == pytest.approx(1239.842 / ENERGIES_EV["X"], abs=2.0)
    # the Jacobian E**2 / hc makes the blue side of a spectrum higher
    at_ev = np.interp(1.837, per_energy.x, per_energy.fit)
    at_nm = np.interp(1239.842 / 1.837, per_length.x, per_length.fit)
    assert at_nm / at_ev == pytest.approx((1.837 / peak_ev) ** 2, rel=0.03)


def test_an_energy_keeps_its_relative_error_as_a_wavelength():
    value, error = energy_as(1.78, 0.0178, in_nm=True)
    assert (value, error) == pytest.approx((696.540, 6.96540), rel=1e-5)


def test_the_unit_of_the_spectra_can_be_changed(shown):
    panel = shown(SpectraPanel, said(panels_of()))
    panel.unit.button("nm").click()
    assert panel.plots[0].bottom.labelText == "wavelength (nm)"
    assert "per wavelength" in panel.plots[0].left.labelText


def test_states_can_be_left_out(shown):
    panel = shown(SpectraPanel, said(panels_of()))
    panel.states.button("X").click()
    assert not any(name.startswith("X light") for name in panel.plots[0].table()[0])
    assert any(name.startswith("X⁻ ") for name in panel.plots[0].table()[0])


def test_only_states_that_were_found_are_offered(shown):
    panel = shown(SpectraPanel, said(panels_of(states=NEVER_ALL)))
    assert not panel.states.button("BX2-").isVisible()
    assert panel.states.button("X-").isVisible()


def test_the_legend_of_the_decays_has_the_lifetimes(shown):
    panel = shown(DecaysPanel, said(panels_of()))
    names = panel.plots["X"].remarks()
    assert "X  τ = 60.00 ± 0.60 ns" in names
    assert "BX  τ = 10.00 ± 0.10 ns" in panel.plots["BX"].remarks()


def test_the_table_of_decays_tells_data_from_fit_and_names_no_column_twice(shown, tmp_path):
    live = {"run": "/runs/a_run", "point": 2, "label": "cascade"}
    panel = shown(DecaysPanel, replace(said(panels_of()), live=live))
    save_csv(panel.plots["X"], tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_text(encoding="utf-8-sig").splitlines()
    assert "# a_run, point 2, cascade" in lines
    assert "# X  τ = 60.00 ± 0.60 ns" in lines
    heads = panel.plots["X"].table()[0]
    assert heads[:3] == ["X data: delay (ns)", "X data: light (photons/ns)",
                         "X data: light, standard error (photons/ns)"]  # fmt: skip
    assert "X fit: light (photons/ns)" in heads
    assert len(set(heads)) == len(heads)


def test_a_biexciton_without_lifetime_says_why(shown):
    warnings = ["minus1: too few cascades for a biexciton (7 pairs, accidental ones included)"]
    panel = shown(DecaysPanel, said(panels_of(states=NEVER_ALL, warnings=warnings)))
    names = "".join(panel.plots["BX"].remarks())
    assert "BX⁻  no lifetime: too few cascades for a biexciton (7 pairs" in names


def test_a_decay_has_its_background_taken_off():
    curves = exciton_decay(figures(), "neutral")
    known = np.isfinite(curves.rate)
    assert curves.rate[known] == pytest.approx(8000.0 * np.exp(-curves.delay_ns[known] / 60.0), rel=1e-6, abs=1.0)


def test_the_centre_of_the_pairs_counts_twice_as_the_mirrored_sides_do():
    bars = pair_bars(figures(), "neutral")
    assert bars.lag[0] == -20
    assert bars.pairs[20] == 2 * 663
    assert bars.background == 600.0
    assert bars.ratio == (0.78, 0.056)


@pytest.mark.parametrize(("size", "count"), [((420, 300), 1), ((1200, 700), 3)])
def test_as_many_charge_states_stand_beside_each_other_as_there_is_room_for(shown, qtbot, size, count):
    panel = shown(StateG2Panel, said(panels_of()), size)
    assert sum(plot.isVisible() for plot in panel.plots.values()) == count
    assert panel.tiles.toggles.isVisible() is (count == 1)


def test_a_charge_state_is_chosen_where_there_is_room_for_one(shown):
    panel = shown(EmissionPanel, said(panels_of()), (420, 300))
    panel.tiles.toggles.button("minus2").click()
    assert [charge for charge, picture in panel.pictures.items() if picture.isVisible()] == ["minus2"]


def test_the_emission_is_drawn_in_percent_of_its_maximum(shown):
    picture = shown(EmissionPanel, said(panels_of())).pictures["neutral"]
    values = np.array([[float(cell or "nan") for cell in row[1:]] for row in picture.table()[1:]])
    assert np.nanmax(values) == pytest.approx(100.0)


def test_the_table_has_value_and_error_of_each_quantity(shown):
    panel = shown(NumbersPanel, said(panels_of()))
    assert panel.table.item(0, 1).text() == "60.00 ± 0.60"
    assert panel.table.item(0, 2).text() == "1 (assumed)"
    assert [panel.table.item(row, 0).text() for row in range(6)] == ["X", "X⁻", "X²⁻", "BX", "BX⁻", "BX²⁻"]


def test_what_is_missing_says_why(shown):
    warnings = ["minus1: too few cascades for a biexciton (7 pairs, accidental ones included)"]
    panels = panels_of(states=NEVER_ALL, warnings=warnings)
    del panels["numbers"]["results"]["states"]["X-"]["pp_fraction"]
    panel = shown(NumbersPanel, said(panels))
    assert panel.table.item(1, 5).text() == "–"
    assert "too few cascades" in panel.table.item(1, 5).toolTip()
    assert "Not found: X²⁻, BX⁻, BX²⁻." in panel.more.text()
    assert "too few cascades" in panel.more.text()


def test_the_numbers_are_copied_as_text_and_as_csv(shown):
    panel = shown(NumbersPanel, said(panels_of(states=("X",))))
    panel.copy_text.click()
    assert QGuiApplication.clipboard().text().splitlines()[1].split()[:4] == ["X", "60.00", "±", "0.60"]
    panel.copy_csv.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "state,quantity,value,standard error,assumed"
    assert "X,lifetime_ns,60.0,0.6,no" in lines
    assert "X,quantum_efficiency,1.0,0.0,yes" in lines


def test_drawing_again_and_again_leaves_nothing_behind(shown):
    panel = shown(SpectraPanel, said(panels_of()))
    items = len(panel.plots[0].scene().items())
    for version in range(2, 22):
        panel.show_said(said(panels_of(), version))
    assert len(panel.plots[0].scene().items()) == items


def test_biexcitons_stand_beside_excitons_where_there_is_little_height(shown):
    panel = shown(SpectraPanel, said(panels_of()), (560, 240))
    assert [plot.isVisible() for plot in panel.plots] == [True, True]
    assert any(name.startswith("BX ") for name in panel.plots[1].table()[0])
    assert not any(name.startswith("BX ") for name in panel.plots[0].table()[0])
    panel.resize(560, 900)
    assert [plot.isVisible() for plot in panel.plots] == [True, False]


def test_a_sheet_draws_with_what_it_had_and_takes_away_what_it_no_longer_has(desk, qtbot):
    plot = Plot(desk, Axis("x"), Axis("y"), "t", legend=True)
    qtbot.addWidget(plot)
    sheet = Sheet(plot)
    sheet.begin()
    first, gone = sheet.line("a", "accent"), sheet.line("b", "accent")
    gone.set(np.arange(2), np.arange(2))
    sheet.words("1.78", "text").set(0, 0)
    sheet.end()
    sheet.begin()
    assert sheet.line("a", "accent") is first
    assert sheet.line("a", "accent") is not first
    assert sheet.words("1.79", "text").item.toPlainText() == "1.79"
    sheet.end()
    assert not any(name.startswith("b") for name in plot.table()[0])
    assert gone.item.scene() is None


def test_the_name_of_a_spectrum_stands_at_the_end_where_it_hides_no_points():
    x, nothing = np.linspace(1.6, 2.0, 101), np.zeros(101)
    left, right = (np.where(x < 1.65, 0.6, 0.02), np.where(x > 1.95, 0.6, 0.02))
    for light, side in ((left, 1), (right, 0), (nothing, 0)):
        curves = SpectrumCurves(x, light, nothing, nothing, nothing, nothing)
        assert free_corner(curves, 0.1) == (side, 0.2)
    both = SpectrumCurves(x, left + right, nothing, nothing, nothing, nothing)
    side, height = free_corner(both, 0.1)
    assert side == 0
    assert 0.62 < height <= 0.9


def test_the_lines_of_the_spectra_are_explained(shown):
    panel = shown(SpectraPanel, said(panels_of()))
    assert "SS" in panel.legend.text()
    assert panel.legend.isVisible()
    assert "standard errors" in panel.legend.toolTip()
