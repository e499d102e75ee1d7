"""Steering the run that goes on, and answering what it asks."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from acquisition.gui.instruments.interlock_strip import InterlockStrip
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.paused_view import PausedView
from acquisition.gui.run.question_view import QuestionView
from acquisition.gui.run.verbs_view import VerbsView
from acquisition.sequence import SequenceError
from acquisition.session import SessionError
from tests.gui.runs_said import ENDED, RUNNING, said

QUESTION = {"text": "Step 4 was interrupted. What now?", "choices": ["repeat it", "stop the run"]}


@pytest.fixture
def verbs(desk, qtbot):
    """The buttons, with a run that goes on."""
    view = VerbsView(desk)
    qtbot.addWidget(view)
    view.show()
    view.show_said(said(RUNNING))
    return view


@pytest.fixture
def question(desk, qtbot):
    view = QuestionView(desk)
    qtbot.addWidget(view)
    return view


def test_without_a_run_nothing_can_be_pressed_and_the_tooltip_says_why(verbs):
    verbs.show_said(said())
    for button in (verbs.hold, verbs.stop, verbs.abort, verbs.extend, verbs.note):
        assert not button.isEnabled()
        assert button.toolTip().startswith("No run goes on.")


def test_pause_shows_that_it_is_under_way_until_the_run_is_paused_then_offers_to_resume(verbs, session, settle):
    verbs.hold.click()
    assert verbs.hold.text() == "Pausing …"
    assert not verbs.hold.isEnabled()
    settle()
    assert session.asked("pause") == [{}]
    verbs.show_said(said(RUNNING))
    assert verbs.hold.text() == "Pausing …"
    verbs.show_said(said({**RUNNING, "state": "paused"}))
    assert verbs.hold.text() == "Resume"
    verbs.hold.click()
    settle()
    assert session.asked("resume") == [{}]
    assert verbs.hold.text() == "Resuming …"
    verbs.show_said(said(RUNNING))
    assert verbs.hold.text() == "Pause"


def test_a_pause_that_is_refused_can_be_asked_for_again(verbs, session, settle):
    session.answers["pause"] = SequenceError("the run is being ended")
    verbs.hold.click()
    settle()
    assert (verbs.hold.text(), verbs.hold.isEnabled()) == ("Pause", True)


def test_a_button_that_goes_grey_hands_its_focus_to_no_other(verbs, qtbot, settle):
    verbs.activateWindow()
    verbs.hold.setFocus()
    qtbot.waitUntil(verbs.hold.hasFocus, timeout=5000)
    verbs.hold.click()
    assert verbs.focusWidget() is None or not verbs.stop.hasFocus()
    settle()


@pytest.mark.parametrize("verb", ["stop", "abort"])
def test_stop_and_abort_reach_the_session(verbs, session, settle, verb):
    button = getattr(verbs, verb)
    button.click()
    settle()
    assert session.asked(verb) == [{}]
    assert not button.isEnabled()
    verbs.show_said(said(ENDED))
    assert button.text() == verb.capitalize()


CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_a_key_pauses_and_the_keys_of_save_and_save_as_end_nothing(verbs, session, settle, qtbot):
    verbs.activateWindow()
    for modifiers in (CTRL, CTRL | SHIFT):
        qtbot.keyClick(verbs, Qt.Key.Key_S, modifiers)
    settle()
    assert session.asked("stop") == session.asked("pause") == []
    qtbot.keyClick(verbs, Qt.Key.Key_P, CTRL)
    settle()
    assert session.asked("pause") == [{}]
    assert "Ctrl" not in verbs.stop.toolTip()


def test_the_key_that_pauses_brings_no_light_back_while_somebody_types(desk, session, settle, qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    verbs, line = VerbsView(desk), QLineEdit()
    column = QVBoxLayout(page)
    column.addWidget(verbs)
    column.addWidget(line)
    page.show()
    page.activateWindow()
    verbs.show_said(said({**RUNNING, "state": "paused"}))
    line.setFocus()
    qtbot.waitUntil(line.hasFocus, timeout=5000)
    qtbot.keyClick(line, Qt.Key.Key_P, CTRL)
    settle()
    assert session.asked("resume") == []
    line.clearFocus()
    qtbot.keyClick(page, Qt.Key.Key_P, CTRL)
    settle()
    assert session.asked("resume") == [{}]
    verbs.show_said(said(RUNNING))
    line.setFocus()
    qtbot.waitUntil(line.hasFocus, timeout=5000)
    qtbot.keyClick(line, Qt.Key.Key_P, CTRL)
    settle()
    assert session.asked("pause") == [{}]


def test_a_window_that_looks_on_can_only_abort(verbs, desk):
    desk.in_control = False
    verbs.show_said(said(RUNNING))
    enabled = [button.text() for button in (verbs.hold, verbs.stop, verbs.abort, verbs.note) if button.isEnabled()]
    assert enabled == ["Abort"]
    assert verbs.hold.toolTip().startswith(LOOKS_ON)


def test_minutes_are_added_to_the_point_that_is_acquired(verbs, session, settle):
    actions = [action for action in verbs.extend.menu().actions() if action.text()]
    actions[0].trigger()
    actions[1].trigger()
    verbs.time.field.line.setText("90 s")
    verbs.time.button.click()
    settle()
    assert session.asked("extend") == [{"seconds": 60.0}, {"seconds": 300.0}, {"seconds": 90.0}]


def test_a_time_that_makes_no_sense_is_not_added(verbs, session, settle, qtbot):
    verbs.time.field.line.clear()
    qtbot.keyClicks(verbs.time.field.line, "5 nm")
    assert not verbs.time.button.isEnabled()
    verbs.time.button.click()
    assert session.asked("extend") == []


def test_a_note_is_written_with_its_author_by_enter(verbs, session, settle, qtbot, desk):
    desk.settings.setValue("run/operator", "ada")
    verbs.note.click()
    qtbot.keyClicks(verbs.note_field.line, "blinks a lot")
    qtbot.keyClick(verbs.note_field.line, Qt.Key.Key_Return)
    settle()
    assert session.asked("note") == [{"text": "blinks a lot", "author": "ada"}]
    assert not verbs.note_field.isVisible()


def test_an_empty_note_is_not_written(verbs, session, qtbot):
    verbs.note.click()
    qtbot.keyClick(verbs.note_field.line, Qt.Key.Key_Return)
    assert session.asked("note") == []


def test_a_question_appears_with_its_choices_and_goes_when_it_is_answered(question, session, settle):
    question.show_said(said(RUNNING))
    assert question.isHidden()
    question.show_said(said({**RUNNING, "question": QUESTION}))
    assert not question.isHidden()
    assert question.text.text() == f"Asked of you: {QUESTION['text']}"
    assert [button.text() for button in question.buttons] == ["Repeat it", "Stop the run"]
    question.buttons[1].click()
    assert not any(button.isEnabled() for button in question.buttons)
    settle()
    assert session.asked("answer") == [{"text": "stop the run"}]
    question.show_said(said(RUNNING))
    assert question.isHidden()


def test_what_has_tripped_stands_above_what_is_asked():
    assert InterlockStrip.order < QuestionView.order


def test_a_question_flashes_once(question, desk, qtbot):
    question.show_said(said({**RUNNING, "question": QUESTION}))
    bright = question.styleSheet()
    assert f"background: {desk.theme.warn}" in bright
    qtbot.waitUntil(lambda: f"background: {desk.theme.panel}" in question.styleSheet(), timeout=5000)


def test_an_answer_that_is_refused_is_told_beside_the_question_and_can_be_given_again(question, session, settle):
    session.answers["answer"] = SessionError("nothing was asked")
    question.show_said(said({**RUNNING, "question": QUESTION}))
    question.buttons[0].click()
    settle()
    question.show_said(said({**RUNNING, "question": dict(QUESTION)}))
    assert question.problem.text() == "nothing was asked"
    assert not question.problem.isHidden()
    assert question.buttons[0].isEnabled()


def test_who_looks_on_sees_the_question_and_cannot_answer(question, desk):
    desk.in_control = False
    question.show_said(said({**RUNNING, "question": QUESTION}))
    assert not question.buttons[0].isEnabled()
    assert question.buttons[0].toolTip() == LOOKS_ON


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "running"}, ""),
        ({"state": "pausing", "paused_because": "asked for"}, "Pausing (asked for)"),
        ({"state": "paused", "paused_because": "asked for"}, "Resume lets the run go on"),
        ({"state": "paused", "paused_because": "39 degC", "suspended": True}, "goes on by itself"),
    ],
)
def test_a_pause_says_why_and_what_lets_the_run_go_on(desk, qtbot, change, words):
    strip = PausedView(desk)
    qtbot.addWidget(strip)
    strip.show_said(said({**RUNNING, **change}))
    assert words in strip.text.text()
    assert strip.isHidden() is (words == "")
    strip.show_said(said(ENDED))
    assert strip.isHidden()
