"""The page that aligns: each click's effect on the session, and what is shown of the photons."""

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt

from acquisition.gui.align.field_map import Visited, crosses, emitter_places, read_scan
from acquisition.gui.align.page import AlignPage
from acquisition.gui.client.feed import Said
from acquisition.session import SessionError
from acquisition.session.idle import IDLE
from acquisition.storage.scan_table import write_scan_table

ALIGNING = {**IDLE, "mode": "alignment", "state": "running", "run": "/runs/7", "simulated": True}


def laser(*, emission):
    return {"role": "laser", "emission": emission, "settings": {}, "readings": {}}


def shutter(*, is_open):
    return {"role": "shutter", "settings": {}, "readings": {"open": is_open}}


STAGE = {"role": "stage", "settings": {}, "readings": {"x_um": 1.0, "y_um": -2.0}}
FOCUS = {"role": "focus", "settings": {}, "readings": {"z_um": 0.5}}
DEVICES = (laser(emission=False), shutter(is_open=False), STAGE, FOCUS)


def panel(**changes):
    return {
        "rate_cps": 50_000.0, "rate_error_cps": 700.0, "history_time_s": np.arange(10.0),
        "rate_history_cps": np.full(10, changes.get("rate_cps") or 50_000.0),
        "spectrum_counts": np.full(320, 150), "background_cps": None,
        "wavelength_nm": np.linspace(450.0, 1036.0, 320), "dose": {"light_on_s": 10.0, "pulses": 1e7},
        "bleaching": None, "drift": {}, **changes,
    }  # fmt: skip


@pytest.fixture
def page(desk, qtbot):
    page = AlignPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 560)
    page.show()
    return page


def show(page, shown=None, status=ALIGNING, devices=DEVICES):
    page.show_said(Said(status=status, devices=devices, panels={"alignment": shown}))


def steps_of(session):
    return [asked["step"] for asked in session.asked("do_step")]


def test_an_alignment_is_started_and_ended_by_the_same_button(page, session, settle):
    show(page, status=IDLE)
    page.light.start.click()
    show(page, status=IDLE)
    assert not page.light.start.isEnabled()
    settle()
    show(page, panel())
    assert page.light.start.text() == "End alignment"
    page.light.start.click()
    settle()
    assert (len(session.asked("start_alignment")), len(session.asked("stop"))) == (1, 1)


def test_while_a_sequence_runs_no_alignment_can_be_started_and_nothing_be_set(page):
    show(page, status={**ALIGNING, "mode": "sequence"})
    controls = (
        page.light.start,
        page.light.light_on,
        page.light.light_off,
        page.emitter.test,
        page.stage.centre,
        page.light.next_dot,
    )
    assert not any(each.isEnabled() for each in controls)


def test_who_only_watches_can_change_nothing(page, desk):
    desk.in_control = False
    show(page, panel())
    controls = (
        page.light.start,
        page.light.light_on,
        page.light.light_off,
        page.emitter.test,
        page.stage.centre,
        page.dot.keep,
    )
    assert not any(each.isEnabled() for each in controls)


def test_light_comes_by_the_laser_first_and_the_shutter_last(page, session, settle):
    show(page, panel())
    page.light.light_on.click()
    settle()
    assert steps_of(session) == [{"kind": "set_laser", "emission": True}, {"kind": "set_shutter", "open": True}]
    assert page.light.light_said.text() == "no light on the sample"
    show(page, panel(), devices=(laser(emission=True), shutter(is_open=True)))
    assert page.light.light_said.text() == "light is ON the sample"


def test_a_laser_that_refuses_leaves_the_shutter_closed(page, session, settle):
    session.answers["do_step"] = SessionError("the interlock is open")
    show(page, panel())
    page.light.light_on.click()
    settle()
    assert steps_of(session) == [{"kind": "set_laser", "emission": True}]


@pytest.mark.parametrize("answer", [None, SessionError("the shutter is stuck")])
def test_shutter_and_laser_are_both_switched_off_whatever_the_other_does(page, session, settle, answer):
    session.answers["switch_off"] = answer
    show(page, panel(), devices=(laser(emission=True), shutter(is_open=True)))
    page.light.light_off.click()
    settle()
    assert sorted(asked["role"] for asked in session.asked("switch_off")) == ["laser", "shutter"]


def test_light_can_be_switched_off_while_nobody_knows_whether_it_is_on_and_while_paused(page, session, settle):
    show(page, panel(), {**ALIGNING, "state": "paused"}, devices=({"role": "laser"}, {"role": "shutter"}))
    assert page.light.light_said.text() == "not known whether light is on"
    assert not page.light.light_on.isEnabled()
    page.light.light_off.click()
    settle()
    assert len(session.asked("switch_off")) == 2


def test_the_next_dot_begins_when_the_last_one_has_ended(page, session, settle):
    show(page, panel())
    page.light.next_dot.click()
    settle()
    assert [name for name, _ in session.calls] == ["stop", "wait", "start_alignment"]


def test_arrows_move_the_stage_by_one_step_and_the_focus_too(page, session, settle, qtbot):
    show(page, panel())
    page.stage.arrows["→"].click()
    qtbot.keyClick(page, Qt.Key.Key_Down)
    page.stage.nearer.click()
    settle()
    assert steps_of(session) == [
        {"kind": "move_stage", "x": "0.2 um", "relative": True},
        {"kind": "move_stage", "y": "-0.2 um", "relative": True},
        {"kind": "set_focus", "z": "0.2 um", "relative": True},
    ]


def test_a_rig_without_stage_and_focus_shows_none(page):
    show(page, panel(), devices=(laser(emission=False),))
    assert not page.stage.isVisible()
    assert not page.map.isVisible()


@pytest.mark.parametrize(
    ("button", "step"),
    [
        ("test", {"kind": "confirm_single_emitter", "most": "120 s"}),
        ("dark", {"kind": "acquire_background", "duration": "10 s", "mode": "dark"}),
        ("off_dot", {"kind": "acquire_background", "duration": "10 s", "mode": "off_dot", "moved_by": "stage"}),
    ],
)
def test_emitter_test_and_backgrounds_are_one_click_each(page, session, settle, button, step):
    show(page, panel())
    getattr(page.emitter, button).click()
    assert page.emitter.found.text() == "measuring …"
    settle()
    assert steps_of(session) == [step]


def test_without_a_stage_a_person_moves_for_the_off_dot_background(page, session, settle):
    show(page, panel(), devices=(laser(emission=False),))
    page.emitter.off_dot.click()
    settle()
    assert steps_of(session)[0]["moved_by"] == "person"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"verdict": "one", "g2_gated": 0.114, "g2_gated_error": 0.03}, "one emitter, gated g2 = 0.11 ± 0.03"),
        ({"verdict": "several"}, "several emitters"),
        ({"background": "off_dot", "background_cps": 1234.0}, "off-dot background taken: 1.2 kcps"),
    ],
)
def test_what_a_test_has_found_is_said(page, session, settle, values, said):
    session.answers["do_step"] = {"values": values}
    show(page, panel())
    page.emitter.test.click()
    settle()
    assert page.emitter.found.text() == said


def test_an_error_stands_beside_its_button(page, session, settle):
    session.answers["do_step"] = SessionError("no light")
    show(page, panel())
    page.emitter.test.click()
    page.stage.centre.click()
    settle()
    assert page.emitter.found.text() == "not measured: no light"
    assert page.stage.found.text() == "not found: no light"


def test_a_dot_is_kept_with_a_comment(page, session, settle):
    show(page, panel())
    page.dot.comment.setText("bright")
    page.dot.keep.click()
    settle()
    assert session.asked("mark") == [{"run": "/runs/7", "verdict": "keep", "comment": "bright"}]
    assert page.dot.judgement.text() == "kept"


def test_the_peak_is_held_until_it_is_reset_or_another_run_begins(page, qtbot):
    show(page, panel(rate_cps=90_000.0))
    show(page, panel(rate_cps=10_000.0))
    assert page.peak_hold.peak.rate_cps == 90_000.0
    qtbot.keyClick(page, Qt.Key.Key_Space)
    show(page, panel(rate_cps=20_000.0))
    assert page.peak_hold.peak.rate_cps == 20_000.0
    show(page, panel(rate_cps=5_000.0), status={**ALIGNING, "run": "/runs/8"})
    assert page.peak_hold.peak.rate_cps == 5_000.0


def test_dose_fading_and_drift_are_told(page):
    shown = panel(bleaching={"value": 0.5, "error": 0.02}, drift={"focus_um": 0.2, "rate_share_per_min": -0.1})
    show(page, shown)
    assert page.dot.dose.text() == "10 s of light, 1e7 pulses"
    assert page.dot.bleaching.text() == "50 ± 2 %, fades"
    assert page.dot.focus.text() == "+0.20 µm"
    assert page.dot.drift.text() == "-10.0 %/min"


def test_a_reference_is_overlaid_and_compared(page):
    show(page, panel())
    page.reference.name.setText("dot 3")
    page.reference.take.click()
    show(page, panel(rate_cps=25_000.0))
    assert page.reference.said.text() == "dot 3: 50.0 kcps; this dot has 50 ± 2 % of it"
    show(page, panel(rate_cps=25_000.0, background_cps=1_000.0))
    assert page.reference.said.text().endswith("the rates cannot be compared: one with, one without its background")
    page.reference.forget.click()
    assert page.reference.said.text() == "none"


def test_the_reference_is_drawn_over_its_own_wavelengths(page):
    show(page, panel(wavelength_nm=np.linspace(600.0, 700.0, 320)))
    page.reference.take.click()
    show(page, panel(wavelength_nm=np.linspace(450.0, 1036.0, 320)))
    drawn = page.trends._reference_curve
    assert (drawn.x[0], drawn.x[-1]) == (600.0, 700.0)


def test_what_was_found_of_the_last_dot_does_not_stand_at_the_next_one(page, session, settle):
    session.answers["do_step"] = {"values": {"verdict": "one", "centred": True}}
    show(page, panel(background_cps=1_000.0))
    page.emitter.test.click()
    page.stage.centre.click()
    settle()
    assert page.emitter.found.text() == "one emitter"
    page.stage.arrows["→"].click()
    assert page.emitter.found.text() == "one emitter (before the stage moved)"
    assert page.stage.found.text() == ""
    show(page, panel(), status={**ALIGNING, "run": "/runs/8"})
    assert page.emitter.found.text() == ""
    assert page.emitter.background.text() == "no background yet"


def test_the_space_bar_never_presses_a_button_after_a_click(page, session, settle, qtbot):
    show(page, panel())
    qtbot.mouseClick(page.light.light_on, Qt.MouseButton.LeftButton)
    settle()
    before = len(session.calls)
    qtbot.keyClick(page.focusWidget() or page, Qt.Key.Key_Space)
    settle()
    assert len(session.calls) == before
    assert page.peak_hold.peak is None


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


def test_once_a_background_is_known_the_light_alone_is_shown_and_the_peak_starts_anew(page):
    show(page, panel(rate_cps=107_000.0))
    show(page, panel(rate_cps=106_000.0, background_cps=98_000.0))
    assert page.peak_hold.peak.rate_cps == 8_000.0
    assert page.readout.accessibleName() == "8.0 kcps"


def test_hot_pixels_do_not_push_the_line_of_an_emitter_to_the_bottom(page):
    counts = np.full(320, 250) + (300 * np.exp(-0.5 * ((np.arange(320) - 120) / 10) ** 2)).astype(int)
    counts[[5, 90, 290]] = 6000
    show(page, panel(spectrum_counts=counts, spectrum_s=1.0))
    (_, top) = page.trends.spectrum.box.viewRange()[1]
    assert 550 < top < 1000


def test_before_the_first_photons_there_is_no_rate(page):
    show(page, panel(rate_cps=None, rate_error_cps=None))
    assert page.peak_hold.peak is None


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


def test_while_a_step_records_its_rate_is_shown_and_the_pictures_stay(page):
    show(page, panel())
    recording = {**ALIGNING, "step": "acquire photons", "count_rate_cps": 123_000.0}
    show(page, panel(rate_cps=None, rate_error_cps=None), recording)
    assert page.readout.accessibleName() == "123 kcps"
    assert len(page.trends._rate.x) == 10
    assert page.dot.dose.text() == "10 s of light, 1e7 pulses"


def test_intensity_and_pulse_rate_are_set_beside_the_light(page, session, settle, qtbot):
    lit = {
        "role": "laser", "emission": True, "readings": {"intensity_percent": 0.0},
        "settings": {"intensity_percent": 0.0, "repetition_rate_hz": 1e6},
        "limits": {"intensity_percent": [0.0, 100.0]},
    }  # fmt: skip
    show(page, panel(), devices=(lit,))
    assert page.light.light_said.text() == "the laser is on at 0 %: no light"
    line = page.light.settings.fields["intensity_percent"].line
    line.clear()
    qtbot.keyClicks(line, "20 %")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    settle()
    assert steps_of(session) == [{"kind": "set_laser", "intensity_percent": 20.0}]
    assert page.light.settings.fields["repetition_rate_hz"].line.text() == "1 MHz"


def test_the_peak_is_that_of_half_a_second_and_not_of_its_luckiest_tenth(page):
    history = np.array([10.0, 10.0, 10.0, 10.0, 60.0]) * 1e3
    show(page, panel(rate_cps=60_000.0, rate_history_cps=history, history_time_s=np.arange(5.0)))
    assert page.peak_hold.peak.rate_cps == pytest.approx(20_000.0)
