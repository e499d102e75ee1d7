"""What is typed on a card is set by Enter or Set, as a step, and done once it reads back."""

import copy
import threading

import pytest
from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from acquisition.gui.instruments.words import Level
from acquisition.session import SessionError
from acquisition.session.idle import IDLE

ALIGNING = {**IDLE, "state": "running", "run": "runs/a", "outcome": None, "mode": "alignment"}


def type_in(qtbot, row, text, *, enter=True):
    row.field.line.setFocus()
    row.field.line.selectAll()
    qtbot.keyClicks(row.field.line, text)
    if enter:
        qtbot.keyClick(row.field.line, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("role", "name", "text", "step"),
    [
        ("laser", "intensity_percent", "20 %", {"kind": "set_laser", "intensity": "20 %"}),
        ("laser", "repetition_rate_hz", "0.5 MHz", {"kind": "set_laser", "repetition_rate": "0.5 MHz"}),
        ("attenuator", "transmission_percent", "5", {"kind": "set_attenuator", "transmission": "5 %"}),
        ("heater", "temperature_c", "40", {"kind": "set_temperature", "temperature": "40 degC"}),
        ("stage", "x_um", "3.5 um", {"kind": "move_stage", "x": "3.5 um"}),
        ("focus", "z_um", "-2 um", {"kind": "set_focus", "z": "-2 um"}),
    ],
)
def test_a_value_that_is_typed_is_set_by_enter_as_a_step_with_its_unit(
    look, view, session, settle, qtbot, role, name, text, step
):
    look()
    type_in(qtbot, view.cards[role].rows[name], text)
    settle()
    assert session.asked("do_step") == [{"step": step}]


def test_nothing_is_set_while_somebody_types_or_goes_elsewhere(look, view, session, settle, qtbot):
    look()
    row = view.cards["laser"].rows["intensity_percent"]
    type_in(qtbot, row, "35 %", enter=False)
    view.cards["laser"].rows["repetition_rate_hz"].field.line.setFocus()
    look()
    settle()
    assert session.asked("do_step") == []
    assert row.field.line.text() == "35 %"
    assert row.state.text() == "35 % is not set yet: press Enter or Set"
    qtbot.keyClick(row, Qt.Key.Key_Escape)
    assert row.field.line.text() == "0 %"
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == [{"step": {"kind": "set_laser", "intensity": "0 %"}}]


def test_a_value_is_done_only_once_it_reads_back(look, view, session, settle, qtbot, devices):
    look()
    row = view.cards["laser"].rows["intensity_percent"]
    answer = copy.deepcopy(devices[0])
    answer["controls"]["intensity_percent"] |= {"set": 20.0, "read": 20.0}
    session.answers["do_step"] = answer
    type_in(qtbot, row, "20 %")
    assert row.state.text() == "… being set"
    assert not row.button.isEnabled()
    settle()
    assert row.state.text() == "✓ set 20 % · reads 20 % · 0 … 100 %"
    assert row.state.sign.level is Level.GOOD
    assert row.button.isEnabled()


def test_a_setting_that_a_person_makes_by_hand_says_what_it_waits_for(look, view, desk, session, settle, qtbot):
    look()
    row = view.cards["laser"].rows["intensity_percent"]
    turned = threading.Event()
    session.answers |= {"do_step": lambda step: turned.wait(10), "answer": lambda text: turned.set()}
    type_in(qtbot, row, "20 %")
    look({**IDLE, "question": {"text": "turn the knob to 20 %", "choices": ["done"]}})
    assert row.state.text().startswith("… waits for your hand")
    desk.commands.do("answer", "done")
    settle()
    look()
    assert turned.is_set()
    assert "waits" not in row.state.text()


def test_what_reads_back_otherwise_is_told_unless_that_look_may_be_an_old_one(look, view, session, settle, qtbot):
    look()
    row = view.cards["laser"].rows["intensity_percent"]
    type_in(qtbot, row, "20 %")
    settle()

    def reads_12(by):
        by["laser"]["controls"]["intensity_percent"] |= {"set": 20.0, "read": 12.0}

    look(change=reads_12)
    assert row.state.text() == "… being read back"
    look()
    assert row.state.text().startswith("✗ NOT AS SET: set 20 % · reads 12 %")
    assert row.state.sign.level is Level.BAD


def test_an_error_stands_beside_the_field_with_what_was_typed_until_it_is_changed(look, view, session, settle, qtbot):
    look()
    session.answers["do_step"] = SessionError("laser: the key switch is off; turn it")
    row = view.cards["laser"].rows["intensity_percent"]
    type_in(qtbot, row, "20 %")
    settle()
    look()
    assert row.state.text() == "✗ NOT SET: laser: the key switch is off; turn it"
    assert row.field.line.text() == "20 %"
    type_in(qtbot, row, "10 %", enter=False)
    assert row.state.text() == "10 % is not set yet: press Enter or Set"


def test_a_value_outside_the_limits_is_not_sent(look, view, session, settle, qtbot):
    look()
    row = view.cards["laser"].rows["intensity_percent"]
    type_in(qtbot, row, "120 %")
    settle()
    assert session.asked("do_step") == []
    assert "must be at most 100 %" in row.state.text()


def test_the_wheel_over_a_field_without_focus_changes_nothing(look, view, qtbot):
    look()
    line = view.cards["laser"].rows["intensity_percent"].field.line
    view.setFocus()
    centre = QPointF(line.rect().center())
    event = QWheelEvent(
        centre, line.mapToGlobal(centre), QPointF(0, 0).toPoint(), QPointF(0, 120).toPoint(), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(line, event)
    assert line.text() == "0 %"


def test_light_asks_before_it_goes_on_by_hand_and_shows_on_only_when_it_reads_back(look, view, session, settle, qtbot):
    look()
    card = view.cards["laser"]
    row = card.rows["emission"]
    qtbot.mouseClick(row.on, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == []
    assert not row.on.isChecked()
    assert card.confirm.isVisible()
    qtbot.mouseClick(card.confirm.yes, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == [{"step": {"kind": "set_laser", "emission": True}}]

    def emits(by):
        by["laser"]["emission"] = True
        by["laser"]["controls"]["emission"] |= {"set": True, "read": True}

    look(change=emits)
    assert row.on.isChecked()
    assert card.state.text() == "● LASER EMITS"


def test_cancel_changes_nothing(look, view, session, settle, qtbot):
    look()
    card = view.cards["laser"]
    qtbot.mouseClick(card.rows["emission"].on, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.confirm.no, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == []
    assert not card.confirm.isVisible()


def ask_for_light(view, qtbot):
    qtbot.mouseClick(view.cards["laser"].rows["emission"].on, Qt.MouseButton.LeftButton)
    assert view.cards["laser"].confirm.isVisible()
    return view.cards["laser"].confirm


@pytest.mark.parametrize("method", ["emergency_stop", "abort", "switch_off"])
def test_making_safe_gives_up_a_question_whose_answer_would_bring_light(
    look, view, desk, session, settle, qtbot, method
):
    look()
    question = ask_for_light(view, qtbot)
    desk.commands.do(method)
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)  # before the view has looked again
    settle()
    assert session.asked("do_step") == []
    assert not question.isVisible()
    question = ask_for_light(view, qtbot)
    desk.commands.do(method)
    look()
    assert not question.isVisible()


@pytest.mark.parametrize("change", [{"ends": 1}, {"state": "broken"}, ALIGNING], ids=["stop", "broken", "alignment"])
def test_a_stop_or_a_new_state_by_others_gives_up_a_question(look, view, session, settle, qtbot, change):
    look()
    question = ask_for_light(view, qtbot)
    look(IDLE)
    assert question.isVisible()
    look({**IDLE, **change})
    assert not question.isVisible()
    settle()
    assert session.asked("do_step") == []


def test_the_focus_stays_where_it_was_while_something_is_set(look, view, session, settle, qtbot):
    look()
    card, release = view.cards["laser"], threading.Event()
    session.answers["do_step"] = lambda step: release.wait(10) and None
    card.rows["emission"].on.setFocus()
    question = ask_for_light(view, qtbot)
    place = view.area.verticalScrollBar().value()
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is None
    assert view.area.verticalScrollBar().value() == place
    release.set()
    settle()
    assert card.rows["emission"].on.hasFocus()
    assert view.area.verticalScrollBar().value() == place


def test_in_an_alignment_light_asks_nothing(look, view, session, settle, qtbot):
    look(ALIGNING)
    qtbot.mouseClick(view.cards["laser"].rows["emission"].on, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == [{"step": {"kind": "set_laser", "emission": True}}]


@pytest.mark.parametrize(("text", "asks"), [("60", False), ("60.5", True)])
def test_a_heater_asks_above_60_degrees(look, view, session, settle, qtbot, text, asks):
    look()
    card = view.cards["heater"]
    type_in(qtbot, card.rows["temperature_c"], text)
    settle()
    assert card.confirm.isVisible() is asks
    assert bool(session.asked("do_step")) is not asks


def test_the_shutter_is_opened_by_its_switch(look, view, session, settle, qtbot):
    look()
    qtbot.mouseClick(view.cards["shutter"].rows["open"].on, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("do_step") == [{"step": {"kind": "set_shutter", "open": True}}]
