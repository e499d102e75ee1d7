"""The map of the page that aligns: where it is bright, where the stage goes, what a scan has found."""

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt

from acquisition.gui.align.field_map import Visited, crosses, emitter_places, read_scan
from acquisition.gui.align.page import AlignPage
from acquisition.storage.scan_table import write_scan_table
from tests.gui.align_said import ALIGNING, panel, show, steps_of


@pytest.fixture
def page(desk, qtbot):
    page = AlignPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 560)
    page.show()
    return page


def test_a_rate_is_not_told_of_the_place_before_while_the_stage_moves(page, session, settle):
    show(page, panel())
    page.stage.arrows["→"].click()
    settle()
    assert not page.stage.stands
    page.peak_hold.reset()
    show(page, panel(rate_cps=80_000.0))
    assert page.peak_hold.peak.place_um is None


def test_a_double_click_beside_the_map_moves_nothing(page, qtbot):
    show(page, panel())
    chosen = []
    page.map.chosen.connect(lambda *place: chosen.append(place))
    inside = page.map.picture.box.sceneBoundingRect().center()

    class Click:
        def __init__(self, x, y):
            self._place = QPointF(x, y)

        def double(self):
            return True

        def button(self):
            return Qt.MouseButton.LeftButton

        def scenePos(self):  # noqa: N802 - of Qt
            return self._place

    page.map._clicked(Click(1.0, 1.0))
    assert chosen == []
    page.map._clicked(Click(inside.x(), inside.y()))
    assert len(chosen) == 1


def test_a_double_click_on_the_map_goes_there(page, session, settle):
    show(page, panel())
    page.map.chosen.emit(1.5, -2.25)
    settle()
    assert steps_of(session) == [{"kind": "move_stage", "x": "1.500 um", "y": "-2.250 um"}]


def test_a_scan_is_drawn_as_it_was_stored(page, session, settle, tmp_path):
    rows = [(x, y, 10.0 * x + y, 0.5) for y in (0.0, 0.15, 0.3) for x in (1.0, 1.15, 1.3)]
    write_scan_table(tmp_path / "scans" / "0001.csv", "raster scan", ("x_um", "y_um", "counts", "duration_s"), rows,
                     simulated=True)  # fmt: skip
    found = read_scan(tmp_path / "scans" / "0001.csv")
    assert found.rate_cps.shape == (3, 3)
    assert found.rate_cps[2, 1] == pytest.approx((11.5 + 0.3) / 0.5)
    show(page, panel(), status={**ALIGNING, "run": str(tmp_path)})
    session.answers["do_step"] = {"values": {"emitters": [{"x_um": 1.15, "y_um": 0.15}], "table": "scans/0001.csv"}}
    page.stage.scan.click()
    settle()
    assert page.stage.found.text().startswith("1 emitter found")
    settle()
    assert page.map.picture.table()[1][1:] == ["20", "23", "26"]


def test_places_where_the_stage_was_keep_the_mean_of_their_rates():
    visited = Visited()
    assert visited.field() is None
    for rate_cps in (100.0, 300.0):
        visited.see(0.26, 0.0, rate_cps)
    found = visited.field()
    row, column = np.argwhere(np.isfinite(found.rate_cps))[0]
    assert found.rate_cps[row, column] == 200.0
    assert found.x_edges_um[column] <= 0.26 <= found.x_edges_um[column + 1]


def test_a_cross_has_its_middle_where_the_emitter_is():
    x, y = crosses(emitter_places([{"x_um": 2.0, "y_um": 3.0}]), 0.5)
    assert (np.nanmean(x), np.nanmean(y)) == (2.0, 3.0)


def test_a_scan_with_a_stage_that_is_never_quite_there_has_no_holes(tmp_path):
    rng = np.random.default_rng(5)
    places = [(x, y) for y in np.linspace(-2.5, 2.5, 21) for x in np.linspace(-2.5, 2.5, 21)]
    rows = [(x + rng.normal(0, 0.02), y + rng.normal(0, 0.02), 100.0, 0.05) for x, y in places]
    write_scan_table(tmp_path / "1.csv", "raster scan", ("x_um", "y_um", "counts", "duration_s"), rows, simulated=True)
    found = read_scan(tmp_path / "1.csv")
    assert found.rate_cps.shape == (21, 21)
    assert np.isfinite(found.rate_cps).all()


def test_after_a_scan_the_brightest_emitter_is_centred_until_the_stage_is_moved_by_hand(page, session, settle):
    found = [{"x_um": 1.0, "y_um": 2.0, "count_rate_cps": 5e3}, {"x_um": -1.5, "y_um": 0.5, "count_rate_cps": 9e3}]
    session.answers["do_step"] = {"values": {"emitters": found, "table": "scans/0001.csv"}}
    show(page, panel())
    page.stage.scan.click()
    settle()
    page.stage.centre.click()
    settle()
    page.stage.arrows["→"].click()
    page.stage.centre.click()
    settle()
    centred = [step for step in steps_of(session) if step["kind"] == "centre_on_emitter"]
    assert centred[0] == {"kind": "centre_on_emitter", "on_lost": "continue", "x": "-1.500 um", "y": "0.500 um"}
    assert centred[1] == {"kind": "centre_on_emitter", "on_lost": "continue"}
