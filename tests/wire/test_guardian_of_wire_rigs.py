"""However a session ends that drives instruments over wires, they are safe some seconds later, seen from outside."""

import json
import os
import signal

import pytest

from acquisition.session import SessionError
from acquisition.user_folders import VARIABLE
from tests.wire.guarded_session import is_there, parent_of, serving, sources_on, until

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="sends signals as only POSIX knows them"),
    pytest.mark.timeout(300),
]

SAFE_WITHIN_S = 10.0


@pytest.fixture
def served(wire_world, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    with serving(wire_world, tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def lasting(wire_world, tmp_path_factory):
    """A server that the tests at the end of this module share, as they leave it alive and safe."""
    folder = tmp_path_factory.mktemp("lasting")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "home"))
        with serving(wire_world, folder) as served:
            yield served


@pytest.mark.parametrize(("name", "how"), [("SIGKILL", "was ended by SIGKILL"), ("SIGSTOP", "said nothing for 1.")])
def test_a_session_that_dies_or_stands_still_leaves_everything_off(name, how, served, wire_world):
    run = served.measure(wire_world)
    assert served.session.status()["guardian"] == "watching"
    os.kill(served.endpoint.pid, getattr(signal, name))
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    assert served.launcher.wait(30) == 1
    assert how in served.said
    assert "the guardian has made safe: " in served.said
    assert "NOT SAFE" not in served.said
    [event] = [json.loads(line) for line in (run / "guardian.jsonl").read_text().splitlines()]
    assert {each["device"] for each in event["instruments"]} >= {"laser", "shutter", "heater", "spad_array"}
    assert all(each["safe"] for each in event["instruments"])


def test_without_the_program_at_the_terminal_the_run_is_aborted_and_everything_off(served, wire_world):
    run = served.measure(wire_world)
    guardian = parent_of(served.endpoint.pid)
    served.launcher.kill()
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    until(lambda: not is_there(served.endpoint.pid) and not is_there(guardian))
    assert json.loads((run / "run.json").read_text())["status"] == "aborted"


def test_without_its_guardian_a_session_makes_everything_safe_and_runs_nothing_more(served, wire_world):
    run = served.measure(wire_world)
    os.kill(parent_of(served.endpoint.pid), signal.SIGKILL)
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    status = served.session.wait(30)
    assert (status["outcome"], status["guardian"]) == ("aborted", "off")
    assert "interlock guardian: the guardian has died" in status["message"]
    with pytest.raises(SessionError, match="guardian"):
        served.session.start([])
    served.session.shutdown(force=True)
    assert served.launcher.wait(60) == 1
    assert json.loads((run / "run.json").read_text())["interlocks"][0]["name"] == "guardian"


def test_a_heater_that_gets_too_hot_ends_the_run_and_goes_off_with_all_else(lasting, wire_world):
    served = lasting
    served.measure(wire_world)
    wire_world.control.begin_fault("heater_overshoot", overshoot_c=60.0)
    try:
        until(lambda: not sources_on(wire_world), 30.0)
        status = served.session.wait(30)
        assert status["outcome"] == "aborted"
        assert "interlock heater_temperature: the heater is at" in status["message"]
        with pytest.raises(SessionError, match="an interlock has tripped"):
            served.session.start([])
    finally:
        wire_world.control.end_fault("heater_overshoot")
    until(lambda: wire_world.control.state()["heater"]["sensor_c"] < 60.0)
    until(lambda: acknowledged(served.session))
    assert served.session.status()["interlocks"] == []


def acknowledged(session):
    try:
        return bool(session.acknowledge_interlock())
    except SessionError:
        return False


def test_a_heater_whose_cable_was_out_is_connected_anew_while_the_run_is_paused(lasting, wire_world):
    served = lasting
    served.measure(wire_world)
    wire_world.control.begin_fault("heater_port_vanishes")
    served.session.pause()
    until(lambda: served.session.status()["state"] == "paused")
    wire_world.control.end_fault("heater_port_vanishes")
    served.session.reconnect("heater")
    served.session.resume()
    until(lambda: len(sources_on(wire_world)) == 5)
    served.session.stop()
    assert served.session.wait(60)["outcome"] == "stopped"
