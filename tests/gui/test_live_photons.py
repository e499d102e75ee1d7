"""The live panels of photons show what the session measures, in words when there is nothing to draw yet."""

import numpy as np
import pytest

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import whole_percents
from acquisition.gui.live.count_trace import CountTrace
from acquisition.gui.live.counts import Counts
from acquisition.gui.live.data_quality import DataQuality
from acquisition.gui.live.delays import Delays
from acquisition.gui.live.flid import Flid
from acquisition.gui.live.pairs import Pairs
from acquisition.gui.live.photon_panel import NOTHING_YET
from acquisition.gui.live.pixel_delay_map import PixelDelayMap
from acquisition.gui.live.spectrum import Spectrum
from acquisition.gui.registry import VIEWS
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Place
from acquisition.live_view import PANELS
from tests.gui.live_content import contents, of_scene, said
from tests.live_view.scenes import UNPULSED, dark, lit

KINDS = (CountTrace, Flid, Spectrum, Delays, PixelDelayMap, Pairs, DataQuality, Counts)


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


@pytest.mark.parametrize("kind", KINDS)
def test_panels_register_themselves_with_a_tip_and_ask_for_what_the_session_has(kind):
    assert VIEWS[kind.name] is kind
    assert kind.place is Place.LIVE
    assert kind.tip
    assert kind.shows <= set(PANELS)
    assert kind.main in kind.shows


@pytest.mark.parametrize("kind", KINDS)
def test_panels_say_what_they_wait_for(kind, desk, qtbot):
    panel = kind(desk)
    qtbot.addWidget(panel)
    words = []
    panel.say = words.append
    panel.show_said(Said())
    assert words == [NOTHING_YET]
    panel.show_said(said(dict.fromkeys(kind.shows)))
    assert words[-1] == kind.waits


@pytest.mark.parametrize("kind", KINDS)
def test_panels_draw_what_a_session_gives_and_are_empty_again_for_a_new_point(kind, show):
    panel = show(kind, of_scene(lit()))
    for canvas in panel.canvases:
        assert len(canvas.table()) > 1
    show(kind, dict.fromkeys(kind.shows), 2, panel)
    for canvas in panel.canvases:
        assert len(canvas.table()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_panels_draw_dark_counts_of_an_array_without_wavelengths(kind, show):
    found = of_scene(dark())
    panel = show(kind, found)
    drawn = found[kind.main] is not None
    assert all((len(canvas.table()) > 1) <= drawn for canvas in panel.canvases)


@pytest.mark.parametrize("kind", [Delays, PixelDelayMap, Pairs])
def test_panels_that_need_a_pulsed_laser_say_so(kind, show):
    panel = show(kind, of_scene(dark(UNPULSED)))
    assert "pulsed laser" in panel.canvases[0]._words.text()


@pytest.mark.parametrize("kind", KINDS)
def test_panels_say_why_photons_are_not_shown(kind, desk, qtbot):
    panel = kind(desk)
    qtbot.addWidget(panel)
    words = []
    panel.say = words.append
    panel.show_said(said(contents(), problem="the live view of the photons failed"))
    assert words == ["the live view of the photons failed"]
    panel.show_said(said(changed(kind.main, problem="the panel failed"), 2))
    assert words[-1] == "the panel failed"


@pytest.mark.parametrize("kind", KINDS)
def test_panels_take_another_theme_and_size_of_text(kind, show, desk):
    panel = show(kind, contents())
    desk.theme = THEMES["red"]
    font = panel.font()
    font.setPointSizeF(18.0)
    panel.setFont(font)
    panel.restyle()
    panel.show_said(said(contents(2), 2))
    for canvas in panel.canvases:
        assert canvas.backgroundBrush().color().name() == THEMES["red"].panel
        assert canvas.font().pointSizeF() == 18.0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (Counts, DataQuality)])
def test_exported_files_say_of_which_run_they_are_and_that_it_is_simulated(kind, show):
    panel = show(kind, contents())
    assert {canvas.about for canvas in panel.canvases} == {"2026-11-21T085634_cascade, point 1, cascade"}
    assert all(canvas.simulated for canvas in panel.canvases)
    show(kind, contents(), 2, panel, simulated=False)
    assert not any(canvas.simulated for canvas in panel.canvases)


def test_bins_of_the_trace_have_the_sign_of_their_charge_state(show):
    found = contents()
    panel = show(CountTrace, found)
    recent = found["count_trace"]["recent"]
    for index, name in enumerate(found["count_trace"]["charges"]):
        mine = recent["charge"] == index
        np.testing.assert_array_equal(panel.recent.charged[name].y, recent["counts"][mine])
    assert len({points.item.opts["symbol"] for points in panel.recent.charged.values()}) == 3
    np.testing.assert_allclose(panel.recent.counts.x[[0, -1]], [30.02, 59.98])
    assert panel.recent.background.x == [72.0]
    assert panel.recent.left.labelText == "counts per 40 ms"


def test_the_shares_of_the_charge_states_add_up_to_all_of_the_time_that_was_recorded(show):
    recent = dict(contents()["count_trace"]["recent"])
    charge, lost = np.repeat(np.int8([0, 1, 2, -1]), [200, 200, 250, 100]), np.zeros(750, bool)
    lost[-50:] = True
    panel = show(CountTrace, changed("count_trace", recent={**recent, "charge": charge, "lost": lost}))
    shares = [int(each.replace("&nbsp;", " ").split()[-1]) for each in panel.states.text().split("&nbsp;%")[:-1]]
    assert shares == [29, 28, 36, 7]
    assert "?&nbsp;7&nbsp;%" in panel.states.text()
    assert "?: not told apart" in panel.states.toolTip()


def test_shares_add_up_to_a_hundred():
    assert whole_percents([1, 1, 1]) == [34, 33, 33]
    assert whole_percents([0, 0]) == [0, 0]
    assert whole_percents([5]) == [100]


def test_the_table_of_the_trace_has_each_bin_once_with_its_charge_state(show):
    panel, recent = show(CountTrace, contents()), contents()["count_trace"]["recent"]
    head, *rows = panel.recent.table()
    assert head == ["time (s)", "counts per 40 ms", "charge state"]
    assert len(rows) == 750
    assert [float(row[1]) for row in rows] == recent["counts"].tolist()
    names = ["neutral", "charge −1", "charge −2"]
    assert [row[2] for row in rows] == [names[index] for index in recent["charge"]]
    assert "newest 30 s" in panel.recent.remarks()[0]


def test_a_low_trace_keeps_a_name_and_a_scale(show):
    panel = show(CountTrace, contents())
    panel.resize(580, 200)
    assert panel.recent.left.labelText == "counts"
    assert panel.recent.left.label.isVisible()
    low, high = panel.recent.shown_y()
    step = panel.recent.left.tickSpacing(low, high, panel.recent.box.height())[0][0]
    assert np.floor(high / step) - np.ceil(low / step) >= 1
    panel.resize(580, 700)
    assert panel.recent.left.labelText == "counts per 40 ms"


def test_the_trace_rolls_by_half_a_minute(show):
    panel = show(CountTrace, contents())
    assert panel.recent.box.viewRange()[0] == pytest.approx([30, 60])


def test_the_histogram_beside_the_trace_has_its_limits(show):
    panel = show(CountTrace, contents())
    assert panel.histogram.isVisible()
    assert panel.histogram.box.viewRange()[1] == pytest.approx(panel.recent.box.viewRange()[1])


def test_the_whole_array_can_be_chosen(show, qtbot):
    found = contents()
    panel = show(CountTrace, found)
    panel.choice.button("array").click()
    np.testing.assert_array_equal(panel.recent.counts.y, found["count_trace"]["recent"]["array_counts"])
    assert not panel.histogram.isVisible()
    assert not len(panel.recent.background.x)


def test_before_light_is_found_the_whole_array_is_shown_in_words_too(show):
    found = contents()
    recent = {**found["count_trace"]["recent"], "counts": np.full(750, np.nan, np.float32)}
    panel = show(CountTrace, changed("count_trace", recent=recent))
    assert "all photons are shown" in panel.states.text()
    np.testing.assert_array_equal(panel.recent.counts.y, recent["array_counts"])


def test_charge_states_that_are_not_known_are_not_shown(show):
    recent = {**contents()["count_trace"]["recent"], "charge": np.full(750, -1, np.int8)}
    panel = show(CountTrace, changed("count_trace", recent=recent))
    assert panel.states.text() == "Charge states are not told apart yet."
    assert all(not len(points.x) for points in panel.recent.charged.values())


def test_bins_that_may_lack_photons_are_shaded(show):
    found = contents()
    lost = np.zeros(750, bool)
    lost[100:110] = True
    panel = show(CountTrace, changed("count_trace", recent={**found["count_trace"]["recent"], "lost": lost}))
    top = panel.recent.shown_y()[1]
    np.testing.assert_allclose(panel.recent.lost.y, np.where(lost, top, 0))


def test_the_overview_is_drawn_anew_only_when_it_has_grown_visibly(show):
    found = contents()
    panel = show(CountTrace, found)
    before = panel.whole.unknown.y
    show(CountTrace, contents(2), 2, panel)
    assert panel.whole.unknown.y is before
    grown = contents(3)
    grown["count_trace"]["recent"]["start_s"] += 1.0
    show(CountTrace, grown, 3, panel)
    assert panel.whole.unknown.y is not before


def test_the_flid_outlines_and_names_each_charge_state(show):
    found = contents()
    del found["flid"]["regions"]["minus2"]
    panel = show(Flid, found)
    assert {name for name, line in panel.outlines.items() if len(line.x)} == {"neutral", "minus1"}
    assert panel.names["neutral"].item.isVisible()
    assert not panel.names["minus2"].item.isVisible()
    assert panel.picture.left.labelText == "counts per 40 ms"
