"""The diary of the window loses no failure, and the feed of a session that hangs is left at once."""

import threading
import time

from acquisition.gui.client import diary as diaries
from acquisition.gui.client.diary import Diary, Kind
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.window.log_pane import LogPane
from tests.gui.fake_session import FakeSession


def test_the_failure_of_a_command_whose_entry_is_not_kept_any_more_is_told(monkeypatch):
    monkeypatch.setattr(diaries, "KEPT", 3)
    diary = Diary()
    long, good = diary.begin("session.analyze('run')"), diary.begin("session.report('run')")
    for number in range(3):
        diary.note(str(number))
    diary.end(long, "the disk is full")
    diary.end(good)
    entries = diary.entries()
    assert [(each.kind, each.text) for each in entries if each.kind is not Kind.NOTE] == [
        (Kind.ERROR, "session.analyze('run'): the disk is full")
    ]
    assert diary.changes(entries[-2].change) == [entries[-1]]


def test_the_log_forgets_commands_that_the_diary_has_forgotten(desk, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.window.log_pane.KEPT", 3)
    pane = LogPane(desk)
    qtbot.addWidget(pane)
    first = desk.diary.begin("session.analyze('run')")
    pane.show_said(None)
    assert list(pane._open) == [first]
    for number in range(3):
        desk.diary.note(str(number))
    pane.show_said(None)
    assert list(pane._open) == []


def test_a_session_that_hangs_is_waited_for_once_and_not_for_each_question(monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.JOIN_TIMEOUT_S", 0.5)
    asked, release = threading.Semaphore(0), threading.Event()

    def hang():
        asked.release()
        release.wait(30)
        return {}

    feed = SessionFeed(FakeSession(status=hang, devices=hang, control=hang))
    feed.start()
    assert all(asked.acquire(timeout=10) for _ in range(3))
    began_s = time.monotonic()
    feed.close()
    lasted_s = time.monotonic() - began_s
    release.set()
    feed.close()
    assert 0.4 < lasted_s < 1.2
