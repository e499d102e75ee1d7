"""Interlocks and guardian are seen at once, and acknowledged by a person in control."""

import pytest
from qtpy.QtCore import Qt

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.guardian_view import GuardianView
from acquisition.gui.instruments.interlock_strip import InterlockStrip
from acquisition.gui.theme.themes import THEMES
from acquisition.session import SessionError
from acquisition.session.idle import IDLE

HOT = {"name": "heater_temperature", "state": "tripped", "since": "2026-11-20T22:15:03+00:00", "message": "at 75 degC"}
RATE = {
    "name": "laser_rate",
    "state": "warning",
    "since": "2026-11-20T22:15:03+00:00",
    "message": "1.2e6 instead of 1e6",
}


def said(*interlocks, guardian="watching"):
    return Said(status={**IDLE, "interlocks": list(interlocks), "guardian": guardian})


@pytest.fixture
def strip(desk, qtbot):
    strip = InterlockStrip(desk)
    qtbot.addWidget(strip)
    return strip


def test_the_strip_hides_as_long_as_all_is_well(strip):
    strip.show_said(Said())
    assert not strip.isVisible()
    strip.show_said(said(HOT))
    assert strip.isVisible()
    strip.show_said(said())
    assert not strip.isVisible()


def test_each_interlock_has_its_words_and_only_a_tripped_one_is_acknowledged(strip):
    strip.show_said(said(RATE))
    assert not strip.acknowledge.isVisible()
    strip.show_said(said(HOT, RATE))
    texts = [(lines.what.text(), lines.to_do.text()) for lines in strip.lines if lines.isVisible()]
    assert "Substrate too hot – at 75 degC" in texts[0][0]
    assert texts[0][1].startswith("Heating is off. Let it cool")
    assert texts[1][0].startswith("! Warning")
    assert strip.acknowledge.isVisible()


def test_acknowledge_asks_the_session_and_a_refusal_is_told_beside_it(strip, session, settle, qtbot):
    session.answers["acknowledge_interlock"] = SessionError("it is still so: heater_temperature: at 75 degC")
    strip.show_said(said(HOT))
    qtbot.mouseClick(strip.acknowledge, Qt.MouseButton.LeftButton)
    strip.show_said(said(HOT))
    assert not strip.acknowledge.isEnabled()
    settle()
    strip.show_said(said(HOT))
    assert strip.acknowledge.isEnabled()
    assert strip.refused.text() == "✗ Not acknowledged: it is still so: heater_temperature: at 75 degC"
    session.answers["acknowledge_interlock"] = [HOT]
    qtbot.mouseClick(strip.acknowledge, Qt.MouseButton.LeftButton)
    settle()
    strip.show_said(said())
    assert not strip.isVisible()
    assert len(session.asked("acknowledge_interlock")) == 2


def test_who_only_looks_on_cannot_acknowledge(strip, desk):
    desk.in_control = False
    strip.show_said(said(HOT))
    assert not strip.acknowledge.isEnabled()
    assert "take control" in strip.acknowledge.toolTip()


def test_guardian_and_interlocks_are_always_told(desk, qtbot):
    view = GuardianView(desk)
    qtbot.addWidget(view)
    assert view.guardian.text() == "? guardian not known"
    view.show_said(said(HOT, guardian="off"))
    assert view.guardian.text() == "✗ GUARDIAN OFF"
    assert "NOBODY" in view.guardian.toolTip()
    assert view.interlocks.text() == "✗ 1 interlock TRIPPED"
    view.show_said(said(guardian="not needed"))
    assert view.guardian.text() == "○ guardian not needed"
    assert view.interlocks.text() == "✓ interlocks ok"


def test_a_new_theme_changes_the_colours(desk, qtbot):
    view = GuardianView(desk)
    qtbot.addWidget(view)
    view.show_said(said(HOT, guardian="off"))
    desk.theme = THEMES["red"]
    view.restyle()
    assert view.guardian.palette().windowText().color().name() == THEMES["red"].bad


def test_a_long_message_does_not_make_the_strip_high(strip):
    strip.show_said(said({**HOT, "message": "word " * 200}))
    assert strip.sizeHint().height() < 6 * strip.fontMetrics().height()
    assert "word word" in strip.lines[0].what.toolTip()
