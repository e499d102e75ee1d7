"""Clicks reach the session, and what it says reaches the window, without the window ever waiting."""

import threading

import pytest

from acquisition.gui.client.commands import Commands, python_line
from acquisition.gui.client.feed import SessionFeed
from acquisition.session import SessionError
from tests.gui.fake_session import FakeSession


def test_a_command_is_carried_out_beside_the_window_and_told_in_its_thread(desk, session, settle):
    told = []
    line = desk.commands.do("note", "blinks", author="ada", then=lambda done: told.append(threading.current_thread()))
    [done] = settle()
    assert session.asked("note") == [{"text": "blinks", "author": "ada"}]
    assert line == done.line == "session.note('blinks', author='ada')"
    assert told == [threading.main_thread()]


def test_an_error_of_the_session_is_told_and_not_raised(desk, session, settle):
    session.answers["start"] = SessionError("a run is going on")
    desk.commands.do("start", "cascade")
    [done] = settle()
    assert str(done.error) == "a run is going on"


def test_what_is_urgent_waits_for_no_other_command(qtbot):
    going_on, end = threading.Event(), threading.Event()

    def analyze(path):
        going_on.set()
        end.wait(10)

    session = FakeSession(analyze=analyze)
    with Commands(session) as commands:
        commands.do("analyze", "run")
        assert going_on.wait(10)
        commands.do("emergency_stop")
        qtbot.waitUntil(lambda: session.asked("emergency_stop") == [{}], timeout=10_000)
        end.set()
        qtbot.waitUntil(lambda: commands.pending == 0, timeout=10_000)


def test_an_analysis_that_takes_minutes_holds_up_no_other_command(qtbot):
    going_on, end = threading.Event(), threading.Event()

    def analyze(**arguments):
        going_on.set()
        end.wait(10)

    session = FakeSession(analyze=analyze)
    with Commands(session) as commands:
        commands.do("analyze", "run")
        assert going_on.wait(10)
        commands.do("note", "blinks")
        qtbot.waitUntil(lambda: session.asked("note") != [], timeout=10_000)
        assert commands.pending == 1
        end.set()
        qtbot.waitUntil(lambda: commands.pending == 0, timeout=10_000)


@pytest.mark.parametrize(
    ("arguments", "named", "line"),
    [((), {}, "session.pause()"), (({"a": 1},), {"force": True}, "session.pause({'a': 1}, force=True)")],
)
def test_a_command_is_written_as_python(arguments, named, line):
    assert python_line("pause", arguments, named) == line


def test_the_feed_asks_only_for_panels_that_are_looked_at_and_counts_their_news(qtbot):
    versions = iter(range(1, 10_000))
    session = FakeSession(
        live=lambda since, panels: {"version": next(versions), "panels": {name: {} for name in panels}}
    )
    with SessionFeed(session) as feed:
        feed.start()
        qtbot.waitUntil(lambda: feed.said().queue is not None and feed.said().status is not None, timeout=10_000)
        assert session.asked("live") == []
        feed.want(frozenset({"counts"}))
        qtbot.waitUntil(lambda: feed.said().versions.get("counts", 0) > 2, timeout=10_000)
    assert session.asked("live")[0] == {"since": None, "panels": ["counts"]}


def test_the_feed_goes_on_after_an_error_and_says_what_does_not_answer(qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.PATIENCE_S", 0.01)
    session = FakeSession(devices=SessionError("the laser does not answer"))
    with SessionFeed(session) as feed:
        feed.start()
        qtbot.waitUntil(lambda: feed.said().problems == {"devices": "the laser does not answer"}, timeout=10_000)
        session.answers["devices"] = [{"role": "laser"}]
        qtbot.waitUntil(lambda: feed.said().problems == {}, timeout=10_000)
    assert feed.said().devices == ({"role": "laser"},)


def test_a_session_that_hangs_is_named_though_its_question_has_not_failed(qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.SILENT_AFTER_S", 0.3)
    end = threading.Event()
    session = FakeSession()
    with SessionFeed(session) as feed:
        feed.start()
        qtbot.waitUntil(lambda: "status" in feed.said().answered_s, timeout=10_000)
        assert feed.said().silent_s == 0.0
        session.answers["status"] = lambda: end.wait(10) and {"state": "idle"}
        qtbot.waitUntil(lambda: feed.said().problems.get("status") == "no answer for 0 s", timeout=10_000)
        assert feed.said().silent_s >= 0.3
        assert not feed.said().refused
        end.set()
        qtbot.waitUntil(lambda: feed.said().problems == {} and feed.said().silent_s == 0.0, timeout=10_000)


def test_a_session_that_has_never_answered_is_named_too(qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.SILENT_AFTER_S", 0.1)
    end = threading.Event()
    with SessionFeed(FakeSession(status=lambda: end.wait(10) and {})) as feed:
        assert feed.said().problems == {}
        feed.start()
        qtbot.waitUntil(lambda: "status" in feed.said().problems, timeout=10_000)
        end.set()


def test_a_session_that_refuses_keeps_its_own_words_however_long_it_does(qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.SILENT_AFTER_S", 0.1)
    with SessionFeed(FakeSession(status=SessionError("the connection broke"))) as feed:
        feed.start()
        qtbot.waitUntil(lambda: feed.said().silent_s > 0.1, timeout=10_000)
        assert feed.said().problems["status"] == "the connection broke"
        assert feed.said().refused


def test_panels_of_a_server_that_was_started_anew_are_asked_for_whole(qtbot):
    session = FakeSession(live=lambda since, panels: {"version": 7, "panels": {name: {} for name in panels}})
    session.endpoint = "the old one"
    with SessionFeed(session) as feed:
        feed.want(frozenset({"counts"}))
        feed.start()
        qtbot.waitUntil(lambda: len(session.asked("live")) > 2, timeout=10_000)
        assert [asked["since"] for asked in session.asked("live")][:3] == [None, 7, 7]
        session.endpoint = "the new one"
        qtbot.waitUntil(lambda: feed.said().versions["counts"] == 2, timeout=10_000)
