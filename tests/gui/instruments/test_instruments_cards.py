"""A card shows who an instrument is and what it does, and what may be done with it as a whole."""

import threading

import pytest
from qtpy.QtCore import Qt

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments import card_actions
from acquisition.gui.instruments.view import InstrumentsView
from acquisition.gui.instruments.words import Level
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.session import SessionError
from acquisition.session.idle import IDLE

RUNNING = {**IDLE, "state": "running", "run": "runs/a", "outcome": None, "mode": "sequence"}
ALIGNING = {**RUNNING, "mode": "alignment"}


def test_the_cards_stand_in_the_order_of_the_light_path_with_identity_and_state(view, look):
    look()
    shown = [view._column.itemAt(at).widget() for at in range(1, view._column.count() - 1)]
    assert [card.role for card in shown][:4] == ["laser", "shutter", "attenuator", "spad_array"]
    card = view.cards["laser"]
    assert "simulated pulsed laser · serial 1" in card.identity.text()
    assert card.badge.isVisible()
    assert card.state.text() == "○ emission off"
    assert view.cards["heater"].state.text() == "○ heating off, 20.0 °C"


def test_while_a_sequence_runs_nothing_can_be_set_and_the_tooltip_says_why(look, view):
    look(RUNNING)
    row = view.cards["laser"].rows["intensity_percent"]
    assert not row.field.isEnabled()
    assert not row.button.isEnabled()
    assert row.field.toolTip().startswith("A run goes on: its sequence sets the instruments")
    assert not view.cards["laser"].buttons.off.isEnabled()
    look()
    assert row.field.isEnabled()


def test_who_only_looks_on_can_set_nothing(look, view, desk):
    desk.in_control = False
    look()
    card = view.cards["laser"]
    for widget in (card.rows["emission"].on, card.buttons.off, card.buttons.reconnect, view.all_off):
        assert not widget.isEnabled()
        assert LOOKS_ON in widget.toolTip()


def test_an_instrument_that_does_not_answer_says_so_and_can_only_be_connected_anew(look, view, session, settle, qtbot):
    look()

    def silent(by):
        by["heater"].update(problem="heater: does not answer; look at its cable", controls={}, readings={})

    look(change=silent)
    card = view.cards["heater"]
    assert card.state.text() == "✗ NO ANSWER"
    assert card.problem.text() == "heater: does not answer; look at its cable"
    assert not card.rows["temperature_c"].field.isEnabled()
    qtbot.mouseClick(card.buttons.reconnect, Qt.MouseButton.LeftButton)
    assert card.buttons.reconnect.text() == "Connecting …"
    assert not card.buttons.reconnect.isEnabled()
    settle()
    assert session.asked("reconnect") == [{"role": "heater"}]
    assert card.buttons.reconnect.isEnabled()


def test_the_loss_of_a_connection_is_seen_from_the_status_at_once(look, view):
    look({**IDLE, "lost": ["shutter"]})
    assert view.cards["shutter"].state.text() == "✗ NOT CONNECTED"
    assert view.cards["laser"].state.text() == "○ emission off"


def test_in_a_run_it_is_paused_before_an_instrument_is_connected_anew(look, view, session, settle, qtbot):
    look(RUNNING)
    card = view.cards["heater"]
    qtbot.mouseClick(card.buttons.reconnect, Qt.MouseButton.LeftButton)
    settle()
    assert session.asked("pause") == session.asked("reconnect") == []
    qtbot.mouseClick(card.confirm.yes, Qt.MouseButton.LeftButton)
    settle()
    look({**RUNNING, "state": "pausing"})
    settle()
    assert session.asked("pause") == [{"reason": "to connect the heater anew"}]
    assert session.asked("reconnect") == []
    look({**RUNNING, "state": "paused"})
    settle()
    assert session.asked("reconnect") == [{"role": "heater"}]


def test_a_pause_that_is_refused_connects_nothing(look, view, session, settle, qtbot):
    session.answers["pause"] = SessionError("the run is ending")
    look(RUNNING)
    card = view.cards["heater"]
    qtbot.mouseClick(card.buttons.reconnect, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.confirm.yes, Qt.MouseButton.LeftButton)
    settle()
    look({**RUNNING, "state": "paused"})
    settle()
    assert session.asked("reconnect") == []


def test_one_or_all_instruments_are_switched_off(look, view, session, settle, qtbot):
    look()
    qtbot.mouseClick(view.cards["heater"].buttons.off, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.all_off, Qt.MouseButton.LeftButton)
    settle()
    asked = session.asked("switch_off")
    assert len(asked) == 2
    assert {"role": "heater"} in asked
    assert {} in asked


@pytest.mark.parametrize("role", ["laser", "shutter", "heater", "camera"])
def test_in_an_alignment_light_heat_and_gain_are_switched_off_behind_nothing_else(
    look, view, desk, session, settle, qtbot, role
):
    look(ALIGNING)
    scanned = threading.Event()
    session.answers |= {"do_step": lambda step: scanned.wait(10), "switch_off": lambda role: scanned.set()}
    desk.commands.do("do_step", {"kind": "call", "procedure": "raster_scan"})
    qtbot.mouseClick(view.cards[role].buttons.off, Qt.MouseButton.LeftButton)
    assert view.cards[role].buttons.off.text().endswith("…")
    settle()
    assert scanned.is_set()
    assert session.asked("switch_off") == [{"role": role}]
    assert view.cards[role].buttons.off.isEnabled()
    assert not view.cards[role].buttons.off.text().endswith("…")


@pytest.mark.parametrize(("role", "name"), [("laser", "emission"), ("shutter", "open")])
def test_the_off_side_of_a_switch_of_light_waits_for_nothing_and_works_while_on_is_being_set(
    look, view, session, settle, qtbot, role, name
):
    look(ALIGNING)
    row = view.cards[role].rows[name]
    off = threading.Event()
    session.answers |= {"do_step": lambda step: off.wait(10), "switch_off": lambda role: off.set()}
    qtbot.mouseClick(row.on, Qt.MouseButton.LeftButton)
    assert not row.on.isEnabled()
    qtbot.mouseClick(row.off, Qt.MouseButton.LeftButton)
    settle()
    assert off.is_set()
    assert [each["step"][name] for each in session.asked("do_step")] == [True]
    assert session.asked("switch_off") == [{"role": role}]


def test_light_that_cannot_be_switched_off_by_itself_in_an_alignment_is_taken_off_by_a_pause(
    look, view, session, settle, qtbot
):
    look(ALIGNING)
    session.answers["switch_off"] = SessionError("laser: no answer")
    qtbot.mouseClick(view.cards["laser"].rows["emission"].off, Qt.MouseButton.LeftButton)
    settle()
    settle()
    assert session.asked("pause") == [{"reason": "the laser could not be switched off by itself"}]
    assert view.cards["laser"].rows["emission"].state.text() == "✗ NOT SET: laser: no answer"


def test_in_an_alignment_not_all_instruments_are_switched_off_together(look, view):
    look(ALIGNING)
    assert not view.all_off.isEnabled()
    assert "alignment" in view.all_off.toolTip()


def test_an_instrument_that_does_not_answer_shows_no_read_back_as_if_it_were_of_now(look, view):
    def set_20(by):
        by["laser"]["emission"] = True
        by["laser"]["controls"]["emission"] |= {"set": True, "read": True}
        by["laser"]["controls"]["intensity_percent"] |= {"set": 20.0, "read": 20.0}

    look(change=set_20)
    rows = view.cards["laser"].rows
    assert rows["emission"].on.isChecked()

    def silent(by):
        by["laser"] |= {"problem": "laser: no answer within 1 s", "controls": {}}

    look(change=silent)
    assert rows["intensity_percent"].state.text() == "not known now, was: set 20 % · reads 20 %"
    assert rows["emission"].state.text() == "not known now, was: set on · reads on"
    assert not rows["emission"].on.isChecked()
    assert {row.state.sign.level for row in rows.values()} == {Level.WARN}
    look(change=lambda by: by["laser"].update(problem=None, controls={"emission": {"set": False, "read": False}}))
    assert rows["emission"].state.text() == "✓ set off · reads off"
    assert rows["emission"].off.isChecked()


def test_a_pause_that_comes_too_late_connects_nothing(look, view, session, settle, qtbot, monkeypatch):
    monkeypatch.setattr(card_actions, "PAUSE_TIMEOUT_S", -1.0)
    look(RUNNING)
    card = view.cards["heater"]
    qtbot.mouseClick(card.buttons.reconnect, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.confirm.yes, Qt.MouseButton.LeftButton)
    settle()
    look({**RUNNING, "state": "paused"})
    settle()
    assert session.asked("reconnect") == []


def test_a_session_that_cannot_tell_of_its_instruments_is_told_and_cards_stay(look, view):
    look()
    look(problems={"devices": "the rig cannot be opened"})
    assert view.problem.text().startswith("✗ The instruments cannot be asked: the rig cannot be opened")
    assert view.cards["laser"].isVisible()


def test_before_the_first_answer_it_says_that_it_asks(view):
    view.show_said(Said())
    assert view.problem.text() == "Asking the instruments …"


def test_folded_cards_stay_folded_and_still_tell_their_state(look, view, desk, qtbot):
    look()
    card = view.cards["laser"]
    assert card.body.isVisible()
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    assert not card.body.isVisible()
    assert card.state.isVisible()
    again = InstrumentsView(desk)
    qtbot.addWidget(again)
    again.show()
    again.show_said(Said(status=dict(IDLE), devices=view._devices))
    assert not again.cards["laser"].body.isVisible()


def test_more_shows_how_an_instrument_is_set_up(look, view, qtbot):
    look()
    card = view.cards["power_meter"]
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    assert not card.settings.isVisible()
    qtbot.mouseClick(card.more, Qt.MouseButton.LeftButton)
    texts = [value.text() for _, value in card.settings._rows.values()]
    assert "405 nm" in texts


def test_nothing_is_cut_at_the_side_when_letters_are_large(look, view, qtbot):
    look()
    assert view.minimumSizeHint().width() <= 340
    font = view.font()
    font.setPointSizeF(18.0)
    view.setFont(font)

    def as_narrow_as_may_be():
        look()
        view.resize(view.minimumSizeHint().width(), 900)
        return view.area.viewport().width() >= view.area.widget().minimumSizeHint().width()

    qtbot.waitUntil(as_narrow_as_may_be)
    inside = view.area.viewport().width()
    for card in view.cards.values():
        assert card.x() + card.width() <= inside
        assert card.more.mapTo(card, card.more.rect().topRight()).x() < card.width() or not card.more.isVisible()


def test_cards_have_their_height_as_soon_as_they_are_there(look, view, qtbot):
    view.resize(340, 600)
    qtbot.waitExposed(view)
    look()
    for card in view.cards.values():
        assert card.height() >= card.minimumSizeHint().height()
        assert card.height() >= card.heightForWidth(card.width())


def test_switching_all_off_is_asked_once_however_often_it_is_clicked(look, view, session, settle, qtbot):
    look()
    off = threading.Event()
    session.answers["switch_off"] = lambda: off.wait(10)
    for _ in range(4):
        qtbot.mouseClick(view.all_off, Qt.MouseButton.LeftButton)
    assert view.all_off.text() == "Switch all off …"
    assert "emergency stop" in view.all_off.toolTip()
    off.set()
    settle()
    assert session.asked("switch_off") == [{}]
    assert (view.all_off.text(), view.all_off.isEnabled()) == ("Switch all off", True)
