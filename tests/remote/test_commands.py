"""A terminal can serve a session, and ask the one that is served."""

import signal
import sys
import threading
from pathlib import Path

import pytest

from acquisition.cli.main import main
from acquisition.remote import RemoteSession, SessionServer
from acquisition.session import run_job
from acquisition.storage import RunFolder, write_json
from tests.remote.fakes import IDLE, RUNNING

ACQUIRE = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
    {"kind": "acquire_photons", "duration_s": 36_000},
]
SHOWN = {
    "simulated": True, "photons": 12345, "count_rate_cps": 2e4, "cascades": 7, "charge_state": None,
    "remaining_s": None, "warnings": [], "question": None, "paused_because": "",
}  # fmt: skip


@pytest.fixture
def going_on(server, session):
    """A served session with a run."""
    session.answers["status"] = {**RUNNING, **SHOWN, "message": "acquire photons"}
    return session


def test_status_shows_what_goes_on_and_who_is_in_control(going_on, ada, capsys):
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "SIMULATED DATA" in said
    assert "acquire photons | 12 345 photons | 20.0 kcps | 7 cascades" in said
    assert "run folder: /runs/1" in said
    assert "in control: ada" in said


def test_status_shows_what_is_asked_and_why_a_run_is_paused(going_on, session, capsys):
    session.answers["status"] |= {"question": {"text": "N2 on?", "choices": ["yes", "no"]}}
    assert main(["status"]) == 0
    assert "asks: N2 on? (yes | no)" in capsys.readouterr().out
    session.answers["status"] |= {"question": None, "state": "paused", "paused_because": "the light collapsed"}
    assert main(["status"]) == 0
    assert "paused: the light collapsed" in capsys.readouterr().out


def test_status_shows_how_the_last_run_ended(going_on, session, capsys):
    session.answers["status"] |= {"state": "idle", "outcome": "failed", "ok": False, "message": "laser: no answer"}
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "idle; the last run: failed" in said
    assert "laser: no answer" in said


def test_status_tells_a_trip_once_and_what_to_do_then(going_on, session, capsys):
    trip = {"name": "heater_alarm", "state": "tripped", "since": "", "message": "alarm of the heater: E2"}
    ended = {
        "state": "idle",
        "outcome": "aborted",
        "ok": False,
        "message": "interlock heater_alarm: " + trip["message"],
    }
    session.answers["status"] |= {**ended, "interlocks": [trip], "lost": ["shutter"]}
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert said.count("alarm of the heater: E2") == 1
    assert "`cascadescope acknowledge`" in said
    assert "shutter: is not connected any more; `cascadescope reconnect shutter`" in said


def test_an_instrument_that_was_connected_again_is_told(going_on, session, capsys):
    assert main(["reconnect", "heater"]) == 0
    assert ("reconnect", {"role": "heater"}) in session.calls
    assert "heater: connected again" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["status"], ["abort"], ["stop"], ["note", "N2 off"], ["shutdown"]])
def test_without_a_server_it_is_said_how_to_start_one(arguments, capsys):
    assert main(arguments) == 1
    assert "no session server runs; `cascadescope serve` starts one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["pause", "--reason", "lunch"], ("pause", {"reason": "asked for by ada: lunch"})),
        (["pause"], ("pause", {"reason": "asked for by ada"})),
        (["resume"], ("resume", {})),
        (["stop"], ("stop", {})),
        (["abort"], ("abort", {})),
        (["note", "N2 off"], ("note", {"text": "N2 off", "author": "ada"})),
        (["answer", "yes"], ("answer", {"text": "yes"})),
    ],
)
def test_each_command_asks_one_thing(arguments, call, going_on, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    assert main(arguments) == 0
    assert going_on.calls[0] == call


def test_a_run_is_started_with_settings_and_the_file_that_is_meant_here(server, session, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "night.yaml").write_text("name: night\n", encoding="utf-8")
    session.answers["status"] = {**RUNNING, **SHOWN, "message": "acquire photons"}
    assert main(["start", "night.yaml", "--set", "acquire_photons.duration_s=20"]) == 0
    overrides = {"acquire_photons.duration_s": 20}
    asked = {"sequence": str(tmp_path / "night.yaml"), "overrides": overrides, "attended": True}
    assert session.calls[0] == ("start", asked)
    assert "run folder: /runs/1" in capsys.readouterr().out


def test_a_run_that_nobody_attends_is_started_as_such(server, session):
    session.answers["status"] = {**RUNNING, **SHOWN, "message": "acquire photons"}
    assert main(["start", "cascade", "--unattended"]) == 0
    assert session.calls[0][1]["attended"] is False


def test_no_run_is_started_under_the_one_in_control(server, session, ada, capsys):
    assert main(["start", "cascade"]) == 1
    assert "ada is in control" in capsys.readouterr().err
    assert session.calls == []


def test_a_terminal_takes_nothing_from_who_is_in_control_unless_forced(going_on, ada, capsys):
    assert main(["stop"]) == 1
    assert "ada is in control" in capsys.readouterr().err
    assert going_on.calls == []
    assert main(["abort"]) == 0
    assert main(["stop", "--force"]) == 0
    assert [name for name in going_on.asked if name != "status"] == ["abort", "stop"]


def test_a_terminal_ends_the_server(going_on, server, session, capsys):
    assert main(["shutdown"]) == 1
    assert "is going on" in capsys.readouterr().err
    session.answers["status"] = IDLE
    assert main(["shutdown"]) == 0
    assert server.wait(10)


@pytest.fixture
def while_serving(monkeypatch):
    """Do something in the first look of `serve`, with a program that is connected and in control."""

    def during(act):
        waiting, done = SessionServer.wait, []

        def wait(server, timeout_s):
            if not done:
                done.append(True)
                with RemoteSession(server.endpoint, "ada") as ada:
                    ada.take_control()
                    act(ada)
            return waiting(server, timeout_s)

        monkeypatch.setattr(SessionServer, "wait", wait)

    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    return during


def wait_for_photons(session):
    for _ in range(6000):
        if session.wait(0.01)["photons"]:
            return
    raise AssertionError("no photons")


def only_run(folder):
    [path] = folder.glob("*_steps")
    return RunFolder.open(path)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_aborts_the_run_of_a_served_session_and_ends_in_order(name, while_serving, tmp_path, capsys, home):
    def interrupt(ada):
        ada.start(ACQUIRE)
        wait_for_photons(ada)
        signal.raise_signal(getattr(signal, name))

    while_serving(interrupt)
    before = threading.active_count()
    assert main(["serve", "--out", str(tmp_path / "runs")]) == 130
    assert only_run(tmp_path / "runs").read_run_json()["status"] == "aborted"
    said = capsys.readouterr()
    assert "SIMULATED DATA" in said.out
    assert "session server: ws://127.0.0.1:" in said.out
    assert "interrupted; making the instruments safe" in said.err
    assert list((home / "servers").glob("*.json")) == []
    assert threading.active_count() == before


def test_a_served_session_tells_its_runs_and_alarms_and_ends_when_it_is_asked(while_serving, tmp_path, capsys, home):
    def run_and_end(ada):
        ada.start([{"kind": "set_laser", "emission": False}])
        assert ada.wait(60)["outcome"] == "completed"
        ada.shutdown()

    program = tmp_path / "alarm.py"
    program.write_text(
        "import pathlib, sys\npathlib.Path(__file__).with_name('alarm.txt').write_text('|'.join(sys.argv[1:]))"
    )
    home.mkdir()
    (home / "alarms.yaml").write_text("desktop: false\n")
    while_serving(run_and_end)
    command = f'"{sys.executable}" "{program}"'
    assert main(["serve", "--out", str(tmp_path / "runs"), "--alarm-command", command]) == 0
    run = only_run(tmp_path / "runs").path
    assert (tmp_path / "alarm.txt").read_text() == f"finished|{run}|the run was completed"
    assert not Path(run, "points").exists() or list(Path(run, "points").iterdir()) == []


def test_a_served_session_has_the_sample_and_the_seed_that_it_was_given(while_serving, tmp_path, home):
    seen = []

    def look_and_end(ada):
        seen.append(ada.status()["sample"])
        run = ada.start([{"kind": "set_laser", "emission": False}])
        ada.wait(60)
        seen.append(RunFolder.open(Path(run)).read_run_json()["opened"])
        ada.shutdown()

    while_serving(look_and_end)
    assert main(["serve", "--out", str(tmp_path / "runs"), "--sample", "dark", "--seed", "5"]) == 0
    assert seen == ["dark", {"rig": "simulated", "sample": "dark", "seed": 5}]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--sample", "no_such_sample"], "never_charges"),
        (["--rig", "wire", "--sample", "dark"], "cascadescope simulate --sample"),
        (["--rig", "wire", "--seed", "3"], "cascadescope simulate --sample"),
    ],
)
def test_a_sample_that_cannot_lie_there_is_told_before_anything_is_opened(asked, message, capsys, monkeypatch, home):
    monkeypatch.setattr("acquisition.cli.serve.rerun_under_guardian", lambda rig: None)
    assert main(["serve", *asked]) == 1
    assert message in capsys.readouterr().err


def test_a_rig_that_is_served_is_not_served_twice(server, capsys):
    assert main(["serve"]) == 1
    assert "a session server for the rig simulated runs already" in capsys.readouterr().err


def test_a_rig_that_cannot_be_opened_is_not_served(tmp_path, capsys, home):
    assert main(["serve", "--rig", str(tmp_path / "nothing.yaml")]) == 1
    assert "no such file" in capsys.readouterr().err
