"""A session that does not answer is told at once, and an emergency stop that is not confirmed most of all."""

import threading

import pytest
from qtpy.QtCore import Qt

from acquisition.gui.client.commands import Done
from acquisition.gui.client.diary import Kind
from acquisition.gui.window.connection_strip import connection_words
from acquisition.gui.window.emergency import KEY, EmergencyView
from acquisition.session import SessionError
from tests.gui.windows import few_views, shown, view_of

HANGS = "If light must go off now, switch it off at the instrument"


@pytest.fixture
def end():
    """Ends what hangs."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def emergency(desk, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.window.emergency.PATIENCE_S", 0.3)
    view = EmergencyView(desk)
    qtbot.addWidget(view)
    view.show()
    return view


def errors(desk):
    return [entry.text for entry in desk.diary.entries() if entry.kind is Kind.ERROR]


def test_the_strip_counts_the_seconds_without_an_answer_and_says_what_to_do():
    words = connection_words({"status": "no answer for 5 s"}, 5.2, refused=False)
    assert words.startswith(f"No answer for 5 s: what you see is old. {HANGS};")
    assert words.count("5 s") == 1
    assert "the wire broke" in connection_words({"status": "the wire broke"}, 5.2)


def test_a_window_whose_session_hangs_says_so_and_notes_it_once(desk, session, qtbot, monkeypatch, end):
    monkeypatch.setattr("acquisition.gui.client.feed.SILENT_AFTER_S", 0.3)
    with few_views(monkeypatch), shown(desk, session, qtbot) as window:
        strip = view_of(window, "connection")
        status = session.answers["status"]
        session.answers["status"] = lambda: end.wait(20) and status
        qtbot.waitUntil(lambda: strip.isVisible() and "No answer for 1 s" in strip.text.text(), timeout=10_000)
        assert HANGS in strip.text.toolTip()
        end.set()
        qtbot.waitUntil(lambda: not strip.isVisible(), timeout=10_000)
    noted = [entry.text for entry in desk.diary.entries() if entry.kind is Kind.NOTE]
    assert sum("No answer" in text for text in noted) == 1
    assert noted[-1] == "the session answers again"


def test_an_emergency_stop_without_an_answer_says_so_loudly_and_tells_the_outcome_later(
    desk, session, qtbot, emergency, settle, end
):
    session.answers["emergency_stop"] = lambda: end.wait(20) and None
    qtbot.mouseClick(emergency.button, Qt.MouseButton.LeftButton)
    assert emergency.button.text() == "Stopping …"
    qtbot.waitUntil(lambda: "SWITCH OFF BY HAND" in emergency.button.text(), timeout=10_000)
    assert "NO ANSWER" in emergency.button.text()
    [told] = errors(desk)
    assert "switch them off at the instruments" in told
    assert emergency.button.sizeHint().boundedTo(emergency.button.size()) == emergency.button.sizeHint()
    end.set()
    settle()
    assert emergency.button.text().endswith(KEY)
    assert "all instruments are safe" in desk.diary.entries()[-1].text
    assert errors(desk) == [told]


def test_a_second_press_is_asked_too_and_its_answer_counts(desk, session, qtbot, emergency, end):
    answers = iter([lambda: end.wait(20) and None, lambda: None])
    session.answers["emergency_stop"] = lambda: next(answers)()
    emergency.stop()
    qtbot.waitUntil(lambda: "NO ANSWER" in emergency.button.text(), timeout=10_000)
    emergency.stop()
    qtbot.waitUntil(lambda: not desk.commands.deliver() and emergency.button.text().endswith(KEY), timeout=10_000)
    assert "all instruments are safe" in desk.diary.entries()[-1].text


def test_an_emergency_stop_that_fails_is_an_error_and_not_a_warning(desk, emergency):
    emergency._tell(Done("session.emergency_stop()", None, SessionError("nobody answers")))
    [told] = errors(desk)
    assert told.startswith("EMERGENCY STOP: nothing is known")
