"""The window finds or starts its session server, which outlives it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from acquisition.cli.main import main
from acquisition.gui.client.commands import Commands
from acquisition.gui.window import server as starting
from acquisition.gui.window.screen import NoScreenError, refuse_without_screen
from acquisition.gui.window.server import NotStartedError, attach, kept_log, server_log, started_by_a_window
from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession, SessionError
from acquisition.storage import RunFolder
from acquisition.user_folders import VARIABLE
from tests.gui.windows import shown, view_of

PATIENCE_MS = 60_000


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A folder of the user that holds nothing yet; no server is left behind."""
    folder = tmp_path / "home"
    monkeypatch.setenv(VARIABLE, str(folder))
    yield folder
    with suppress(SessionError), RemoteSession.find("simulated", "tidy") as session:
        session.take_control(force=True)
        session.shutdown(force=True)


def attached(tmp_path, said=None, cancelled=None, **more):
    said = [] if said is None else said
    return attach("simulated", str(tmp_path / "runs"), "ada", cancelled or Event(), said.append, **more)


def test_a_server_is_started_if_there_is_none_and_found_if_there_is(tmp_path, monkeypatch):
    started = []
    launch = starting._launch
    monkeypatch.setattr(starting, "_launch", lambda *asked: started.append(launch(*asked)) or started[-1])
    said = []
    first = attached(tmp_path, said)
    with first.session, attached(tmp_path).session as second:
        assert any("connecting its instruments" in words for words in said)
        assert first.of_a_window
        assert len(started) == 1
        assert second.endpoint == first.session.endpoint
        assert second.status()["state"] == "idle"
        second.take_control()
        second.shutdown()
        assert started[0].wait(60) == 0
    first.forget()
    assert not started_by_a_window(first.session.endpoint)


def test_a_server_that_is_started_gets_sample_and_seed_and_one_that_runs_keeps_its_own(tmp_path, monkeypatch):
    started = []
    launch = starting._launch
    monkeypatch.setattr(starting, "_launch", lambda *asked: started.append(launch(*asked)) or started[-1])
    first = attached(tmp_path, sample="dark", seed=11)
    with first.session as session:
        assert first.remark == ""
        assert session.status()["sample"] == "dark"
        session.take_control()
        run = session.start([{"kind": "set_laser", "emission": False}])
        session.wait(60)
        opened = RunFolder.open(Path(run)).read_run_json()["opened"]
        assert (opened["sample"], opened["seed"]) == ("dark", 11)
        second = attached(tmp_path, sample="two_emitters", seed=3)
        second.session.close()
        assert "--sample and --seed: without effect" in second.remark
        third = attached(tmp_path)
        third.session.close()
        assert third.remark == ""
        session.shutdown()
        assert started[0].wait(60) == 0


def test_a_server_that_a_person_started_is_not_the_window_s(tmp_path):
    session = LocalSession("simulated", str(tmp_path / "runs"))
    with SessionServer(session, Announcement("simulated")):
        found = attached(tmp_path)
        with found.session:
            assert not found.of_a_window


def test_a_server_that_cannot_start_is_told_with_the_end_of_its_log(tmp_path):
    rig = tmp_path / "broken.yaml"
    rig.write_text("name: broken\nroles: {laser: {kind: no_such_laser}}\n", encoding="utf-8")
    with pytest.raises(NotStartedError, match="no_such_laser"):
        attach(str(rig), str(tmp_path / "runs"), "ada", Event(), lambda words: None)
    assert "no_such_laser" in server_log(str(rig)).read_text(encoding="utf-8")


def test_what_the_server_before_said_is_kept_when_another_one_starts(tmp_path):
    rig = tmp_path / "broken.yaml"
    for kind in ("first_laser", "second_laser"):
        rig.write_text(f"name: broken\nroles: {{laser: {{kind: {kind}}}}}\n", encoding="utf-8")
        with pytest.raises(NotStartedError, match=kind):
            attach(str(rig), str(tmp_path / "runs"), "ada", Event(), lambda words: None)
    log = server_log(str(rig))
    assert "first_laser" in kept_log(log).read_text(encoding="utf-8")
    assert "second_laser" in log.read_text(encoding="utf-8")


def test_a_wait_that_is_cancelled_ends_the_server_that_was_started_for_it(tmp_path, monkeypatch):
    started = []
    launch = starting._launch
    monkeypatch.setattr(starting, "_launch", lambda *asked: started.append(launch(*asked)) or started[-1])
    cancelled = Event()
    cancelled.set()
    with pytest.raises(NotStartedError, match="cancelled"):
        attached(tmp_path, cancelled=cancelled)
    assert started[0].poll() is not None


SILENT = "import time; print('waiting for the heater', flush=True); time.sleep(600)"
TALKS = "import time\nwhile True: print('waiting for the heater', flush=True); time.sleep(0.05)"


@pytest.mark.parametrize(
    ("program", "silence_s", "most_s", "lasts_s"), [(SILENT, 0.2, 300.0, 0.2), (TALKS, 1.0, 2.0, 2.0)]
)
def test_a_server_that_never_listens_is_ended_and_told_later_if_it_still_says_something(
    tmp_path, monkeypatch, program, silence_s, most_s, lasts_s
):
    monkeypatch.setattr(starting, "START_TIMEOUT_S", silence_s)
    monkeypatch.setattr(starting, "MOST_START_S", most_s)
    silent = [sys.executable, "-c", program]
    started = []

    def launch(path, out, more, log):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as said:
            started.append(subprocess.Popen(silent, stdout=said))
        return started[-1]

    monkeypatch.setattr(starting, "_launch", launch)
    began_s = time.monotonic()
    with pytest.raises(NotStartedError, match="did not answer within"):
        attached(tmp_path)
    assert time.monotonic() - began_s > lasts_s
    assert started[0].poll() is not None


class Asked:
    """A program that notes how it is asked to end."""

    def __init__(self, *, obeys):
        self.obeys, self.asked, self.waited_s = obeys, [], []

    def send_signal(self, number):
        self.asked.append(number)
        if not self.obeys:
            raise OSError("it has a console of its own")

    def terminate(self):
        self.asked.append("end")

    def wait(self, timeout_s):
        self.waited_s.append(timeout_s)


@pytest.mark.parametrize("obeys", [True, False])
def test_on_windows_a_server_is_asked_to_end_before_it_is_ended(monkeypatch, obeys):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", "Ctrl-Break", raising=False)
    program = Asked(obeys=obeys)
    starting._end(program)
    assert program.asked == ["Ctrl-Break", "end"]
    assert program.waited_s[-1] == starting.END_TIMEOUT_S


WINDOW = """
import sys
from acquisition.gui.window import app, main_window
tick = main_window.MainWindow.tick

def told(window):
    tick(window)
    status = window.said.status
    if status and status["run"] and status["photons"] and window.desk.in_control:
        print(status["run"], flush=True)
    elif window.desk.in_control and not any("session.start" in line for line in window.desk.commands.lines):
        steps = [
            {"kind": "set_laser", "repetition_rate_hz": 1e6, "intensity_percent": 20.0, "emission": True},
            {"kind": "set_shutter", "open": True},
            {"kind": "acquire_photons", "duration_s": 20.0},
        ]
        window.desk.commands.do("start", {"name": "short", "steps": steps})

main_window.MainWindow.tick = told
sys.exit(app.run_window("simulated", sys.argv[1], watch=False))
"""


def test_a_run_survives_the_death_of_its_window_and_a_new_one_shows_it(tmp_path, desk, qtbot):
    program = [sys.executable, "-c", WINDOW, str(tmp_path / "runs")]
    window = subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    )
    try:
        run = window.stdout.readline().strip()
    finally:
        window.kill()
        window.communicate(timeout=30)
    assert run
    found = attached(tmp_path)
    with found.session as session:
        assert found.of_a_window
        assert session.status()["run"] == run
        with Commands(session) as commands:
            desk.commands = commands
            with shown(desk, session, qtbot) as later:
                qtbot.waitUntil(lambda: desk.in_control, timeout=PATIENCE_MS)
                qtbot.waitUntil(lambda: later.said.status["outcome"] == "completed", timeout=PATIENCE_MS)
                later.tick()
                assert "is complete" in view_of(later, "state").text.text()


def test_without_a_screen_the_command_says_what_to_do(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoScreenError, match="no screen here"):
        refuse_without_screen()


def test_libraries_that_the_screen_needs_are_named_with_their_packages(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(
        "acquisition.gui.window.screen.missing_libraries", lambda environment, screen: ["libxcb-cursor.so.0"]
    )
    with pytest.raises(NoScreenError, match="apt-get install libxcb-cursor0"):
        refuse_without_screen()


def test_the_command_opens_the_window_of_the_simulated_rig_by_default(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        "acquisition.gui.window.app.run_window",
        lambda rig, out, watch, sample, seed: asked.append((rig, out, watch, sample, seed)) or 0,
    )
    assert main(["gui"]) == 0
    assert main(["gui", "--rig", "wire", "--out", "there", "--watch"]) == 0
    assert main(["gui", "--sample", "dark", "--seed", "4"]) == 0
    assert asked == [
        ("simulated", "runs", False, None, None), ("wire", "there", True, None, None),
        ("simulated", "runs", False, "dark", 4),
    ]  # fmt: skip
    assert main(["gui", "--sample", "no_such_sample"]) == 1
    assert "never_charges" in capsys.readouterr().err
    assert main(["gui", "--rig", "wire", "--sample", "dark"]) == 1
    assert "cascadescope simulate --sample" in capsys.readouterr().err
    assert len(asked) == 3
