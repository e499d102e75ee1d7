"""The window takes control where nobody has it, looks on where somebody has, and asks before it goes."""

import pytest
from qtpy.QtCore import Qt

from acquisition.gui.registry import view
from acquisition.gui.view import Place, View
from acquisition.session import SessionError
from acquisition.session.idle import IDLE
from tests.gui.asked import press, questions
from tests.gui.windows import few_views, shown, view_of

NOBODY = {"in_control": None, "mine": False, "clients": ["ada"]}
MINE = {"in_control": "ada", "mine": True, "clients": ["ada"]}
BOB = {"in_control": "bob", "mine": False, "clients": ["ada", "bob"]}
RUNNING = {**IDLE, "state": "running", "run": "/runs/1"}


@pytest.fixture(autouse=True)
def _few_views(monkeypatch):
    with few_views(monkeypatch):
        yield


@pytest.fixture
def choose(qtbot):
    """Press a button of the question that comes up, by its words."""

    def answer(words):
        qtbot.waitUntil(lambda: len(questions()) == 1, timeout=10_000)
        return press(words)

    return answer


def closed(window):
    return not window.isVisible()


def test_control_is_taken_at_the_start_where_nobody_has_it(desk, session, qtbot):
    session.answers["control"] = lambda: MINE if session.asked("take_control") else NOBODY
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        assert session.asked("take_control") == [{}]
        window.tick()
        assert window.windowTitle() == "simulated (in control) – cascadescope"


@pytest.mark.parametrize(("control", "watch"), [(BOB, False), (NOBODY, True)])
def test_control_is_not_asked_for_where_another_has_it_or_the_window_only_watches(desk, session, qtbot, control, watch):
    session.answers["control"] = control
    with shown(desk, session, qtbot, watch=watch) as window:
        qtbot.waitUntil(lambda: "watching" in window.windowTitle(), timeout=10_000)
        assert session.asked("take_control") == []
        assert not desk.in_control


def test_control_that_was_lost_with_the_connection_is_taken_again(desk, session, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.PATIENCE_S", 0.05)
    monkeypatch.setattr("acquisition.gui.client.feed.SLOW_INTERVAL_S", 0.05)
    session.answers["control"] = MINE
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        session.answers["control"] = SessionError("the connection broke")
        qtbot.waitUntil(lambda: "control" in window.said.problems, timeout=10_000)
        session.answers["control"] = NOBODY
        qtbot.waitUntil(lambda: session.asked("take_control") == [{}], timeout=10_000)


def test_control_that_is_given_up_is_not_taken_back(desk, session, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.SLOW_INTERVAL_S", 0.05)
    session.answers["control"] = lambda: NOBODY if session.asked("release_control") else MINE
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: view_of(window, "control").button.text() == "Watch only", timeout=10_000)
        view_of(window, "control").button.click()
        qtbot.waitUntil(lambda: not desk.in_control, timeout=10_000)
        for _ in range(5):
            window.tick()
        assert session.asked("take_control") == []


def test_control_is_taken_by_force_only_after_a_question_that_names_who_has_it(desk, session, qtbot, choose):
    session.answers["control"] = BOB
    with shown(desk, session, qtbot) as window:
        button = view_of(window, "control").button
        qtbot.waitUntil(lambda: "bob" in button.toolTip(), timeout=10_000)
        button.click()
        choose("Cancel")
        assert session.asked("take_control") == []
        button.click()
        choose("Take control")
        qtbot.waitUntil(lambda: session.asked("take_control") == [{"force": True}], timeout=10_000)


def test_somebody_who_takes_control_is_named(desk, session, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.SLOW_INTERVAL_S", 0.05)
    session.answers["control"] = MINE
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        session.answers["control"] = BOB
        message = view_of(window, "message").text
        qtbot.waitUntil(lambda: message.text() == "bob is in control; this window looks on", timeout=10_000)


def test_closing_while_nothing_goes_on_ends_the_server_that_a_window_started(desk, session, qtbot):
    session.answers["control"] = MINE
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)
        assert session.asked("shutdown") == [{"force": False}]
        assert window.farewell.server_ends


@pytest.mark.parametrize(("clients", "of_a_window"), [(["ada"], False), (["ada", "bob"], True)])
def test_a_server_of_a_person_or_with_others_is_left_with_all_switched_off(desk, session, qtbot, clients, of_a_window):
    session.answers["control"] = {**MINE, "clients": clients}
    with shown(desk, session, qtbot, of_a_window=of_a_window) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)
        assert session.asked("shutdown") == []
        assert session.asked("switch_off") == [{}]


def test_closing_while_a_run_goes_on_asks_and_cancel_keeps_the_window(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING}
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        choose("Cancel")
        assert not closed(window)
        assert session.asked("abort") == session.asked("shutdown") == []


def test_a_run_is_left_running_when_the_person_says_so(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING}
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        choose("Leave it running")
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)
        assert session.asked("abort") == session.asked("shutdown") == []


def test_a_run_is_aborted_and_made_safe_before_the_window_goes_when_the_person_says_so(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING}
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        choose("Abort, make safe and quit")
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)
        verbs = [name for name, _ in session.calls if name in ("abort", "shutdown")]
        assert verbs == ["abort", "shutdown"]


def test_a_window_that_could_not_leave_all_safe_says_so_and_stays(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING, "abort": SessionError("the shutter is jammed")}
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        choose("Abort, make safe and quit")
        assert "the shutter is jammed" in choose("Keep it open")
        assert not closed(window)


def test_a_window_goes_on_showing_what_happens_while_it_asks_whether_all_is_safe(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING, "abort": SessionError("the shutter is jammed")}
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        choose("Abort, make safe and quit")
        qtbot.waitUntil(lambda: len(questions()) == 1, timeout=10_000)
        session.answers["status"] = {**RUNNING, "state": "paused"}
        qtbot.waitUntil(lambda: view_of(window, "state").text.text().startswith("Paused"), timeout=10_000)
        qtbot.keyClick(questions()[0], Qt.Key.Key_F12)
        qtbot.waitUntil(lambda: session.asked("emergency_stop") == [{}], timeout=10_000)
        choose("Keep it open")


def test_a_run_that_ends_while_the_window_asks_is_made_safe_and_not_just_left(desk, session, qtbot, choose):
    session.answers |= {"control": MINE, "status": RUNNING}
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        window.close()
        session.answers["status"] = dict(IDLE)
        qtbot.waitUntil(lambda: window.said.status["state"] == "idle", timeout=10_000)
        choose("Leave it running")
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)
        assert session.asked("switch_off") == [{}]


def test_control_that_was_refused_is_asked_for_again(desk, session, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.window.control.PATIENCE_S", 0.05)
    refused = iter([SessionError("the session is busy"), SessionError("the session is busy")])

    def take_control(**_named):
        if (error := next(refused, None)) is not None:
            raise error

    session.answers |= {"control": NOBODY, "take_control": take_control}
    with shown(desk, session, qtbot):
        qtbot.waitUntil(lambda: len(session.asked("take_control")) == 3, timeout=10_000)


def test_a_session_that_does_not_answer_the_farewell_is_given_up_after_a_time(
    desk, session, qtbot, choose, monkeypatch
):
    monkeypatch.setattr("acquisition.gui.window.closing.TIMEOUT_S", 0.1)
    session.answers |= {"control": MINE}
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: desk.in_control, timeout=10_000)
        monkeypatch.setattr(desk.commands, "do", lambda *arguments, **named: "")
        window.close()
        assert not closed(window)
        choose("Close the window all the same")
        qtbot.waitUntil(lambda: closed(window), timeout=10_000)


def test_a_window_that_looks_on_goes_without_a_question(desk, session, qtbot):
    session.answers |= {"control": BOB, "status": RUNNING}
    with shown(desk, session, qtbot, of_a_window=True) as window:
        qtbot.waitUntil(lambda: "bob" in window.windowTitle(), timeout=10_000)
        window.close()
        assert closed(window)
        assert session.asked("shutdown") == session.asked("switch_off") == []


def test_what_is_not_saved_is_asked_about(desk, session, qtbot, choose):
    @view("unsaved", "Unsaved", Place.PAGE)
    class Unsaved(View):
        def busy_because(self):
            return "The sequence has changes that are not saved."

    session.answers["control"] = BOB
    with shown(desk, session, qtbot) as window:
        window.close()
        choose("Cancel")
        assert not closed(window)
        window.close()
        choose("Close without saving")
        assert closed(window)
