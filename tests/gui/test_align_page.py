"""The page that aligns: each click's effect on the session."""

import pytest
from qtpy.QtCore import Qt

from acquisition.gui.align.page import AlignPage
from acquisition.session import SessionError
from acquisition.session.idle import IDLE
from tests.gui.align_said import ALIGNING, laser, panel, show, shutter, steps_of


@pytest.fixture
def page(desk, qtbot):
    page = AlignPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 560)
    page.show()
    return page


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
    assert page.emitter.background.text() == "no background"


def test_the_space_bar_never_presses_a_button_after_a_click(page, session, settle, qtbot):
    show(page, panel())
    qtbot.mouseClick(page.light.light_on, Qt.MouseButton.LeftButton)
    settle()
    before = len(session.calls)
    qtbot.keyClick(page.focusWidget() or page, Qt.Key.Key_Space)
    settle()
    assert len(session.calls) == before
    assert page.peak_hold.peak is None


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
