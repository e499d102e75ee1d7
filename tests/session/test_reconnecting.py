"""One instrument is connected anew without ending the session, and a run goes on with it."""

import threading

import pytest

from acquisition.session import LocalSession, SessionError, run_job
from acquisition.storage import read_journal, write_json
from drivers.interfaces.errors import CommunicationError

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    with LocalSession("simulated", str(tmp_path), seed=3) as session:
        yield session


def test_an_instrument_is_safe_after_it_was_connected_anew_and_the_others_stay_as_they_are(session):
    rig = session._open()
    rig.arm()
    rig.shutter.set_open(True)
    rig.laser.set_emission(True)
    rig.heater.heat_to_c(40.0)
    session.reconnect("heater")
    assert not rig.heater.status().heating
    assert rig.laser.status().emission
    assert rig.shutter.is_open()


def test_a_role_that_nobody_plays_is_refused_with_those_that_there_are(session):
    with pytest.raises(SessionError, match="spectrometer: no such instrument; this rig has laser, shutter"):
        session.reconnect("spectrometer")


def until(session, state):
    for _ in range(3000):
        status = session.wait(0.01)
        if status["state"] == state and (state == "paused" or status["photons"]):
            return
    raise AssertionError(status)


def test_in_a_run_it_is_done_while_that_is_paused_and_the_run_goes_on_as_it_was(session):
    run = session.start([*LIGHT, {"kind": "acquire_photons", "duration": "300 s"}])
    until(session, "running")
    with pytest.raises(SessionError, match="pause the run first"):
        session.reconnect("laser")
    with pytest.raises(SessionError, match="lasre: no such instrument; this rig has laser"):
        session.reconnect("lasre")
    session.pause()
    until(session, "paused")
    session.reconnect("laser")
    session.resume()
    until(session, "running")
    assert session._rig.laser.status().emission
    assert session._rig.laser.status().intensity_percent == 20.0
    session.stop()
    assert session.wait(60)["outcome"] == "stopped"
    notes = [event["text"] for event in read_journal(session._job.folder.journal).events if event["event"] == "note"]
    assert notes == ["laser was connected anew"]
    assert run.endswith("steps")


def test_the_status_names_who_is_not_connected_any_more_until_the_session_is_closed(session):
    assert session.status()["lost"] == []
    session._open().heater._device._connected = False
    assert session.status()["lost"] == ["heater"]
    session.reconnect("heater")
    assert session.status()["lost"] == []
    session.close()
    assert session.status()["lost"] == []


def test_a_session_whose_instrument_was_gone_runs_again_once_that_is_connected_anew(session):
    rig, gone = session._open(), threading.Event()
    heater, make_safe = rig.heater._device, rig.heater._device.make_safe

    def fail():
        if gone.is_set() and heater.connected:
            raise CommunicationError("heater", "the wire broke")
        make_safe()

    heater.make_safe = fail
    gone.set()
    session.start(LIGHT)
    assert session.wait(60)["state"] == "broken"
    with pytest.raises(SessionError, match="could not be made safe"):
        session.start(LIGHT)
    close = heater.close

    def close_without_wire():
        heater._connected = False
        close()

    heater.close = close_without_wire
    gone.clear()
    session.reconnect("heater")
    assert session.status()["state"] == "idle"
    session.start(LIGHT)
    assert session.wait(60)["outcome"] == "completed"
