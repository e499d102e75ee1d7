"""The window shows every view, tells it what the session says, and survives views that fail."""

import re
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMenu, QMessageBox

import acquisition.gui
from acquisition.gui.client.commands import Done
from acquisition.gui.dialogs import tell
from acquisition.gui.file_dialogs import ask_file
from acquisition.gui.registry import VIEWS, load_views, view, views_at
from acquisition.gui.view import LivePanel, Place, View
from acquisition.gui.window.banner import simulated_words
from acquisition.gui.window.connection_strip import connection_words
from acquisition.gui.window.emergency import outcome_of
from acquisition.rig import NotSafeError
from acquisition.session import SessionError
from acquisition.session.idle import IDLE
from tests.gui.windows import few_views, shown, view_of

RUNNING = {**IDLE, "state": "running", "run": "/runs/1", "step": "acquire_photons", "simulated": True}


@pytest.fixture
def few(monkeypatch):
    with few_views(monkeypatch):
        yield


@pytest.fixture
def window(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        yield window


def test_every_module_of_the_window_can_be_imported():
    assert load_views() == {}


def test_every_view_of_the_program_has_its_place_once(desk, session, qtbot):
    with shown(desk, session, qtbot) as window:
        held = [holder.kind for holder in window.holders()]
        assert sorted(kind.name for kind in held) == sorted(VIEWS)
        assert all(holder.problem == "" for holder in window.holders())


def test_a_live_panel_that_a_later_analysis_adds_appears_and_is_fed(desk, session, qtbot, few):
    drawn = []

    @view("later", "Later", Place.LIVE, shows=["later"])
    class Later(LivePanel):
        def draw(self, said):
            drawn.append(said.panels.get("later"))

    session.answers["live"] = lambda since, panels: {"version": 1, "panels": {name: {"x": 1} for name in panels}}
    with shown(desk, session, qtbot) as window:
        window.show_view("later")
        qtbot.waitUntil(lambda: {"x": 1} in drawn, timeout=10_000)


def test_the_panel_of_the_readme_is_one(desk, session, qtbot, few, tmp_path):
    readme = Path(acquisition.gui.__path__[0], "README.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names = {}
    exec(compile(code, "panel of the README", "exec"), names)
    trace = {"bin_s": 0.04, "recent": {"start_s": 1.0, "counts": np.array([1.0, 4.0, 2.0])}}
    session.answers["live"] = lambda since, panels: {"version": 1, "panels": {"count_trace": trace}}
    with shown(desk, session, qtbot) as window:
        window.show_view("my_trace")
        qtbot.waitUntil(lambda: "count_trace" in window.said.panels, timeout=10_000)
        window.tick()
        drawn = view_of(window, "my_trace").curve.columns()
    assert [list(np.round(column, 2)) for column in drawn.values()] == [[1.0, 1.04, 1.08], [1.0, 4.0, 2.0]]


def test_panels_that_cannot_be_seen_are_not_asked_for(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        window.show_view("one")
        qtbot.waitUntil(lambda: "one" in window.wanted, timeout=10_000)
        assert "other" not in window.wanted
        window.show_view("other")
        qtbot.waitUntil(lambda: "other" in window.wanted, timeout=10_000)
        assert "one" not in window.wanted


def test_a_view_that_fails_says_so_can_be_tried_again_and_holds_up_no_other(desk, session, qtbot, few):
    broken = [True]

    @view("fragile", "Fragile", Place.LIVE)
    class Fragile(View):
        def show_said(self, said):
            if broken[0]:
                raise ValueError("no such curve")

    with shown(desk, session, qtbot) as window:
        window.show_view("fragile")
        [holder] = [each for each in window.holders() if each.kind.name == "fragile"]
        qtbot.waitUntil(lambda: holder.problem == "no such curve", timeout=10_000)
        session.answers["status"] = RUNNING
        qtbot.waitUntil(lambda: view_of(window, "state").text.text().startswith("Running"), timeout=10_000)
        assert "no such curve" in view_of(window, "message").text.text()
        broken[0] = False
        holder.retry()
        qtbot.waitUntil(lambda: holder.problem == "" and holder.view.isVisible(), timeout=10_000)


def test_a_view_that_cannot_even_be_made_leaves_the_window_usable(desk, session, qtbot, few):
    @view("stillborn", "Stillborn", Place.PAGE)
    class Stillborn(View):
        def __init__(self, desk):
            raise RuntimeError("no dice")

    with shown(desk, session, qtbot) as window:
        [holder] = [each for each in window.holders() if each.kind.name == "stillborn"]
        assert holder.problem == "no dice"
        assert view_of(window, "emergency").isVisible()


def test_the_emergency_stop_reaches_the_session_by_button_and_by_key_and_says_what_is_safe(window, session, qtbot):
    emergency = view_of(window, "emergency")
    qtbot.mouseClick(emergency.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(session.asked("emergency_stop")) == 1, timeout=10_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: len(session.asked("emergency_stop")) == 2, timeout=10_000)
    strip = view_of(window, "emergency_outcome")
    qtbot.waitUntil(lambda: "all instruments are safe (laser, heater)" in strip.text.text(), timeout=10_000)


def test_the_key_stops_while_dialogs_and_menus_are_open(window, session, qtbot):
    message = tell(window, "Title", "Something")
    dialog = ask_file(window, "Open", "", "All files (*)", lambda path: None)
    menu = QMenu(window)
    menu.addAction("Something")
    menu.popup(window.mapToGlobal(window.rect().center()))
    waits = QMessageBox(window)  # as a library could show one
    waits.setWindowModality(Qt.WindowModality.ApplicationModal)
    waits.show()
    for count, shown_one in enumerate((message, dialog, menu, waits), 1):
        qtbot.keyClick(shown_one, Qt.Key.Key_F12)
        qtbot.waitUntil(lambda count=count: len(session.asked("emergency_stop")) == count, timeout=10_000)
    for shown_one in (waits, menu, dialog, message):
        shown_one.close()


def test_a_window_that_is_closed_does_not_hear_the_key(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        window.stop()
        qtbot.keyClick(window.tabs, Qt.Key.Key_F12)
        assert session.asked("emergency_stop") == []


def test_the_emergency_stop_stays_whatever_fails_in_it(window, session, qtbot, monkeypatch):
    emergency = view_of(window, "emergency")
    failures = []

    def fail(said):
        failures.append(said)
        raise TypeError("no such device")

    monkeypatch.setattr(emergency, "show_said", fail)
    qtbot.waitUntil(lambda: len(failures) > 3, timeout=10_000)
    assert emergency.isVisible()
    told = [entry.text for entry in window.desk.diary.entries() if "no such device" in entry.text]
    assert told == ["Emergency stop: TypeError: no such device; the button and the key still work"]
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.mouseClick(emergency.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(session.asked("emergency_stop")) == 2, timeout=10_000)


def test_a_failed_emergency_stop_stays_on_the_screen_until_it_is_noted(window, session, qtbot):
    session.answers["emergency_stop"] = NotSafeError("make safe", {"shutter": SessionError("jammed")}, ("laser",))
    window.desk.diary.error("an older error")
    qtbot.mouseClick(view_of(window, "emergency").button, Qt.MouseButton.LeftButton)
    strip = view_of(window, "emergency_outcome")
    qtbot.waitUntil(strip.isVisible, timeout=10_000)
    assert "FAILED" in strip.text.text()
    assert "shutter (jammed)" in strip.text.text()
    session.answers["emergency_stop"] = None
    window.desk.diary.error("a newer error")
    qtbot.mouseClick(view_of(window, "emergency").button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "all instruments are safe" in strip.text.text(), timeout=10_000)
    assert "shutter (jammed)" in strip.text.text()
    qtbot.mouseClick(strip.noted, Qt.MouseButton.LeftButton)
    assert not strip.isVisible()


def test_the_emergency_stop_works_while_another_is_in_control(desk, session, qtbot):
    session.answers["control"] = {"in_control": "bob", "mine": False, "clients": ["ada", "bob"]}
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: "watching, bob is in control" in window.windowTitle(), timeout=10_000)
        assert not desk.in_control
        qtbot.mouseClick(view_of(window, "emergency").button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: session.asked("emergency_stop") == [{}], timeout=10_000)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            NotSafeError("make safe", {"shutter": SessionError("jammed")}, ("laser", "heater")),
            ["NOT SAFE", "shutter (jammed)", "done: laser, heater", "by hand"],
        ),
        (SessionError("nobody answers"), ["nothing is known", "by hand", "nobody answers"]),
    ],
)
def test_an_emergency_stop_that_fails_says_what_is_not_safe_and_what_to_do(error, words):
    said = outcome_of(Done("session.emergency_stop()", None, error), ["laser", "shutter", "heater"])
    assert all(word in said for word in words)


def test_what_is_simulated_is_named():
    laser, heater = {"role": "laser", "simulated": True}, {"role": "heater", "simulated": False}
    assert simulated_words([laser, heater], None) == "PARTLY SIMULATED – not real: laser"
    assert simulated_words([laser], None).startswith("SIMULATED")
    assert "times of a run are simulated" in simulated_words([laser], {"guardian": "not needed"})
    assert "times" not in simulated_words([laser], {"guardian": "watching"})
    assert simulated_words([heater], {"simulated": False}) == ""
    assert simulated_words(None, {"simulated": True}) == "SIMULATED DATA"


def test_the_simulated_banner_is_seen_on_every_page(window, qtbot):
    banner = view_of(window, "simulated")
    qtbot.waitUntil(banner.isVisible, timeout=10_000)
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        assert banner.isVisible()
        assert banner.width() >= window.width() - 2


def test_an_error_of_a_command_is_a_message_until_it_is_closed(window, desk, session, qtbot):
    session.answers["pause"] = SessionError("no run goes on")
    desk.commands.do("pause")
    message = view_of(window, "message")
    qtbot.waitUntil(lambda: message.isVisible() and message.text.text() == "no run goes on", timeout=10_000)
    desk.diary.warn("a lesser thing")
    window.tick()
    assert message.text.text() == "no run goes on"
    qtbot.mouseClick(message.close_button, Qt.MouseButton.LeftButton)
    assert not message.isVisible()


def test_a_warning_of_the_run_becomes_a_message_once(window, session, qtbot):
    session.answers["status"] = {**RUNNING, "warnings": ["pile-up of 6 %"]}
    qtbot.waitUntil(lambda: view_of(window, "message").text.text() == "pile-up of 6 %", timeout=10_000)
    for _ in range(3):
        window.tick()
    assert sum(entry.text == "pile-up of 6 %" for entry in window.desk.diary.entries()) == 1


def test_the_next_run_begins_without_the_warnings_of_the_last_one(window, desk, session, qtbot):
    message, outcome = view_of(window, "message"), view_of(window, "emergency_outcome")
    desk.commands.do("emergency_stop")
    desk.diary.warn("pile-up of 6 %")
    qtbot.waitUntil(lambda: message.isVisible() and outcome.isVisible(), timeout=10_000)
    at = desk.diary.entries()[-1].at
    assert message.sign.text() == f"{at:%H:%M:%S} Warning:"
    session.answers["status"] = RUNNING
    qtbot.waitUntil(lambda: not message.isVisible() and not outcome.isVisible(), timeout=10_000)


def test_what_is_not_safe_is_still_told_when_the_next_run_begins(window, desk, session, qtbot):
    session.answers["emergency_stop"] = NotSafeError("make safe", {"shutter": SessionError("jammed")}, ("laser",))
    desk.commands.do("emergency_stop")
    desk.diary.error("the shutter is broken")
    message, outcome = view_of(window, "message"), view_of(window, "emergency_outcome")
    qtbot.waitUntil(lambda: outcome.isVisible() and message.text.text() == "the shutter is broken", timeout=10_000)
    session.answers["status"] = RUNNING
    qtbot.waitUntil(lambda: (window.said.status or {})["state"] == "running", timeout=10_000)
    window.tick()
    assert outcome.isVisible()
    assert message.isVisible()


def test_a_session_that_does_not_answer_is_told_and_so_is_its_return(window, session, qtbot, monkeypatch):
    monkeypatch.setattr("acquisition.gui.client.feed.PATIENCE_S", 0.05)
    strip = view_of(window, "connection")
    assert not strip.isVisible()
    session.answers["status"] = SessionError("the connection broke")
    qtbot.waitUntil(strip.isVisible, timeout=10_000)
    assert "the connection broke" in strip.text.text()
    assert "a run goes on without the window" in strip.text.text()
    session.answers["status"] = dict(IDLE)
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=10_000)


def test_what_does_not_answer_is_named():
    assert connection_words({}) == ""
    assert connection_words({"devices": "the laser does not answer"}) == "devices: the laser does not answer"


def test_progress_and_time_left_are_shown(window, session, qtbot):
    session.answers["status"] = {**RUNNING, "remaining_s": 300.0, "planned_s": 600.0}
    bar = view_of(window, "state").bar
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() // 2, timeout=10_000)
    assert bar.text() == "50 %, 5:00 left"


def test_first_steps_are_shown_until_they_are_closed_and_come_back_by_the_menu(window, desk, session, qtbot):
    strip = view_of(window, "first_steps")
    qtbot.waitUntil(strip.isVisible, timeout=10_000)
    assert "Check" in strip.text.text()
    strip.dismiss()
    assert not strip.isVisible()
    with shown(desk, session, qtbot) as later:
        assert not view_of(later, "first_steps").isVisible()
        later.show_view("first_steps")
        assert view_of(later, "first_steps").isVisible()


def test_first_steps_leave_their_room_to_a_run(window, session, qtbot):
    strip = view_of(window, "first_steps")
    qtbot.waitUntil(strip.isVisible, timeout=10_000)
    session.answers["status"] = RUNNING
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=10_000)
    session.answers["status"] = {**RUNNING, "state": "idle", "outcome": "completed"}
    qtbot.waitUntil(strip.isVisible, timeout=10_000)
    assert "Open report" in strip.text.text()


def test_a_window_that_was_never_opened_takes_the_whole_screen_and_later_ones_the_place_of_the_last(
    desk, session, qtbot, few
):
    with shown(desk, session, qtbot) as window:
        window.restore()
        assert window.isMaximized()
        assert window.width() == window.screen().availableGeometry().width()
        window.showNormal()
        window.resize(1366, 768)
        window.remember()
    with shown(desk, session, qtbot) as later:
        later.restore()
        assert not later.isMaximized()


def test_each_view_says_what_it_shows():
    load_views()
    assert [kind.name for place in Place for kind in views_at(place) if not kind.tip] == []
