"""Spectrum, delays, map, pairs, data quality and counts: what each shows, with its unit and error."""

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from acquisition.analysis.spectra import HC_EV_NM
from acquisition.gui.live.amounts import count_text, rate_text, share_text
from acquisition.gui.live.counts import Counts
from acquisition.gui.live.data_quality import DataQuality, Verdict, judge_losses, judge_pile_up
from acquisition.gui.live.delays import Delays
from acquisition.gui.live.pairs import Pairs
from acquisition.gui.live.pixel_delay_map import PixelDelayMap
from acquisition.gui.live.spectrum import Spectrum
from acquisition.live_view import Scene
from tests.gui.live_content import PIXELS, contents, of_scene, said


@pytest.fixture
def show(desk, qtbot):
    """Show a panel what a session says, and return the panel."""

    def show(kind, panels, version=1, panel=None, **live):
        if panel is None:
            panel = kind(desk)
            qtbot.addWidget(panel)
            panel.resize(420, 300)
            panel.show()
        panel.show_said(said(panels, version, **live))
        return panel

    return show


def changed(name, **more):
    """The contents with some of a panel replaced."""
    found = contents()
    found[name] = {**found[name], **more}
    return found


def test_the_spectrum_shows_rates_per_pixel_of_the_pixels_that_are_used(show):
    found = contents()
    panel = show(Spectrum, found)
    rates = found["spectrum"]["counts"] / 10.0
    assert np.isnan(panel.whole.y[7])
    np.testing.assert_allclose(np.delete(panel.whole.y, 7), np.delete(rates, 7))
    np.testing.assert_allclose(panel.latest.y[0], found["spectrum"]["latest_counts"][0] / 0.05)
    assert panel.unused.x == pytest.approx([found["spectrum"]["wavelength_nm"][7]])
    assert panel.plot.left.labelText == "rate per pixel (cps)"
    assert panel.plot.bottom.labelText == "wavelength (nm)"


def test_the_spectrum_in_ev_has_the_same_rate_in_each_pixel_and_says_so(show):
    found = contents()
    panel = show(Spectrum, found)
    by_wavelength = panel.whole.y
    panel.choice.button("ev").click()
    assert panel.plot.bottom.labelText == "photon energy (eV)"
    assert panel.plot.left.labelText == "rate per pixel (cps)"
    np.testing.assert_array_equal(panel.whole.y, by_wavelength[::-1])
    assert (np.diff(panel.whole.edges) > 0).all()
    wavelength_nm = found["spectrum"]["wavelength_nm"]
    np.testing.assert_allclose(panel.whole.x[::-1], HC_EV_NM / wavelength_nm, rtol=1e-3)
    low, high = panel.region.x
    assert low < HC_EV_NM / wavelength_nm[15] < high


def test_without_wavelengths_pixels_are_shown(show):
    panel = show(Spectrum, changed("spectrum", wavelength_nm=None, used=None, region_pixels=None))
    assert panel.plot.bottom.labelText == "pixel"
    np.testing.assert_allclose(panel.whole.x, np.arange(PIXELS))
    assert panel.choice.button("ev").isHidden()
    assert not len(panel.region.x)


def test_delays_are_logarithmic_with_time_zero_and_window(show):
    panel = show(Delays, contents())
    assert panel.plot.log_y
    assert panel.zero.x == [21.5]
    assert list(panel.analysed.x) == [19.5, 182.0]
    assert panel.plot.left.labelText == "counts per 0.5 ns"
    assert panel.plot.box.viewRange()[0] == [0, 1000]


def test_delays_before_the_choice_of_a_region_are_those_of_all_pixels(show):
    panel = show(Delays, changed("delays", region_pixels=None, window_ns=None, time_zero_ns=None))
    assert panel.plot.left.labelText == "counts per 0.5 ns, all pixels"
    assert not len(panel.zero.x)


def test_the_map_can_be_shown_by_photon_energy(show):
    found = contents()
    panel = show(PixelDelayMap, found)
    panel.choice.button("ev").click()
    low, high = panel.picture.box.viewRange()[1]
    assert low == pytest.approx(HC_EV_NM / 701.3, rel=1e-3)
    assert high == pytest.approx(HC_EV_NM / 598.7, rel=1e-3)
    energy_ev = HC_EV_NM / found["pixel_delay_map"]["wavelength_nm"][3]
    assert panel.picture.read_out(2.0, energy_ev).endswith(f"counts {found['pixel_delay_map']['counts'][3, 0]}")


def test_the_map_frames_what_is_analysed(show):
    panel = show(PixelDelayMap, contents())
    for line in panel.frame:
        assert (line.x.min(), line.x.max()) == (19.5, 182.0)
    show(PixelDelayMap, changed("pixel_delay_map", window_ns=None, region_pixels=None), 2, panel)
    assert not len(panel.frame[0].x)


def test_pairs_tell_centre_over_side_with_its_error_and_that_background_is_in_it(show):
    found = contents()
    panel = show(Pairs, found)
    assert "<b>0.8652 ± 0.0072</b>" in panel.words.text()
    assert "as counted, with background" in panel.words.text()
    assert panel.centre.y == [found["g2"]["pairs"][20]]
    assert panel.sides.y[20] == 0
    show(Pairs, changed("g2", center_over_side=None), 2, panel)
    assert "no pairs yet" in panel.words.text()


def test_a_stream_without_gaps_is_good():
    assert {finding.verdict for finding in judge_losses(contents()["losses"])} == {Verdict.OK}


@pytest.mark.parametrize(("share", "verdict"), [(0.001, Verdict.WARN), (0.02, Verdict.BAD)])
def test_lost_photons_are_told_with_their_reason_and_what_to_do(share, verdict):
    gap = {"from_s": 12.5, "reason": "overflow"}
    lost = {"gaps": 3, "lost_pulses": 9, "lost_s": 0.2, "lost_share": share, "unseen_s": 0.0, "latest": [gap]}
    finding = judge_losses(lost)[0]
    assert finding.verdict is verdict
    assert "3 gaps" in finding.number
    assert "12.5 s: overflow" in finding.number
    assert "Lower the count rate" in finding.advice


def test_a_live_analysis_that_lags_is_no_loss_of_data():
    finding = judge_losses({**contents()["losses"], "unseen_s": 2.0})[1]
    assert finding.verdict is Verdict.WARN
    assert "The recording is complete" in finding.advice


@pytest.mark.parametrize(("share", "verdict"), [(0.0029, Verdict.OK), (0.02, Verdict.WARN), (0.06, Verdict.BAD)])
def test_pile_up_is_judged_by_the_brightest_pixel(share, verdict):
    finding = judge_pile_up({**contents()["pile_up"], "lost_in_brightest_share": share})[0]
    assert finding.verdict is verdict
    assert ("Lower the laser intensity" in finding.advice) == (verdict is not Verdict.OK)


def test_signs_of_quality_have_words_beside_their_colour(show):
    panel = show(DataQuality, changed("pile_up", lost_in_brightest_share=0.06))
    signs = [row[0].text() for row in panel._rows]
    assert ["OK" in sign for sign in signs] == [True, True, False, True]
    assert "Bad" in signs[2]
    assert len(panel.findings) == 4
    without = {**contents(), "pile_up": None}
    show(DataQuality, without, 2, panel)
    assert [row[0].isHidden() for row in panel._rows] == [False, False, True, True]


def test_numbers_are_large_and_have_units(show):
    panel = show(Counts, changed("counts", photons=63_350_610))
    shown = {name: tile.value.text() for name, tile in panel.tiles.items()}
    assert shown == {
        "rate": "106.3 kcps", "charge": "▼ charge −1", "photons": "63.351 M", "cascades": "14\u2009384",
        "elapsed": "1:00",
    }  # fmt: skip
    assert panel.tiles["rate"].value.font().pointSizeF() > 1.5 * panel.font().pointSizeF()


def test_numbers_that_are_not_known_are_dashes(show):
    panel = show(Counts, changed("counts", charge_state=None, count_rate_cps=None))
    assert panel.tiles["charge"].value.text() == panel.tiles["rate"].value.text() == "–"


@pytest.mark.parametrize(
    ("state", "words"),
    [("paused", "Paused"), ("idle", "has ended"), ("analysing", "has ended"), ("broken", "has ended")],
)
def test_rate_and_charge_state_of_the_past_are_not_shown_as_present(show, state, words):
    panel = show(Counts, contents())
    assert panel.words.isHidden()
    panel.show_said(replace(said(contents()), status={"state": state, "run": "/runs/a"}))
    assert panel.tiles["rate"].value.text() == panel.tiles["charge"].value.text() == "–"
    assert panel.tiles["cascades"].value.text() == "14\u2009384"
    assert words in panel.words.text()
    panel.show_said(replace(said(contents()), status={"state": "running", "run": "/runs/a"}))
    assert panel.tiles["rate"].value.text() == "106.3 kcps"
    assert panel.words.isHidden()


def test_numbers_grow_with_the_panel_and_are_never_cut(show):
    panel = show(Counts, contents())
    sizes = []
    for width, height in ((300, 200), (600, 300), (1200, 700)):
        panel.resize(width, height)
        QApplication.processEvents()
        sizes.append(panel.tiles["rate"].value.font().pointSizeF())
        for tile in panel.tiles.values():
            assert tile.value.sizeHint().width() <= tile.width()
            assert not tile.visibleRegion().isEmpty()
    assert sizes[2] > 1.5 * sizes[1] > 1.5 * sizes[0]


def test_numbers_use_the_width_there_is_and_are_never_cut(show):
    panel = show(Counts, contents())
    rows = []
    for width in (150, 420, 1200):
        panel.resize(width, 300)
        grid = panel._grid
        rows.append(len({grid.getItemPosition(grid.indexOf(tile))[0] for tile in panel.tiles.values()}))
        for tile in panel.tiles.values():
            assert tile.value.sizeHint().width() <= tile.width()
    assert rows[0] == 5
    assert rows[0] > rows[1] > rows[2]


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "–"), (0.0, "0 cps"), (999.0, "999 cps"), (1.2345e6, "1.234 Mcps"), (2e9, "2 Gcps")]
)
def test_rates_have_prefixes(rate, text):
    assert rate_text(rate) == text


def test_counts_and_shares_are_short():
    assert (count_text(None), count_text(999_999), count_text(2_500_000_000)) == ("–", "999\u2009999", "2.5 G")
    assert (share_text(0.00123), share_text(0.5), share_text(1.0)) == ("0.12 %", "50 %", "100 %")


def test_an_empty_scene_gives_panels_of_nothing():
    assert set(of_scene(Scene()).values()) == {None}
