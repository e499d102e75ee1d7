"""Pause and abort take the light off within half a second of wall time, in the midst of whatever a run does."""

import time

import pytest

from acquisition.session import LocalSession, run_job

BOUND_S = 0.5
LIGHT = [
    {"kind": "set_temperature", "temperature": "40 degC"},
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
LONG = {
    "a long wait": {"kind": "soak", "duration": "30 day"},
    "a temperature that never settles": {"kind": "wait_until_stable", "window": "20 day", "timeout": "30 day"},
    "a slow ramp": {"kind": "ramp_temperature", "temperature": "60 degC", "rate": "0.001 degC/min"},
    "a long acquisition": {"kind": "acquire_photons", "duration": "10 hour"},
    "moves of the stage": {
        "kind": "repeat",
        "for": "x",
        "values": [f"{x % 2 * 50} um" for x in range(2000)],
        "steps": [{"kind": "move_stage", "x": "$x"}],
    },
    "a question": {"kind": "prompt", "text": "In focus?", "light": True},
}


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        yield session


def is_dark(session):
    rig = session._rig
    return not rig.laser.status().emission and not rig.shutter.is_open()


def wait_until(session, condition):
    end = time.monotonic() + 60
    while not condition(session.status()):
        assert time.monotonic() < end
        session.wait(0.005)


@pytest.mark.parametrize("what", LONG)
@pytest.mark.parametrize("verb", ["pause", "abort"])
def test_a_verb_takes_the_light_off_in_time(session, what, verb):
    session.start([*LIGHT, LONG[what]])
    wait_until(session, lambda status: status["step_number"] > len(LIGHT) and not is_dark(session))
    begin = time.monotonic()
    getattr(session, verb)()
    took_s = time.monotonic() - begin
    assert is_dark(session)
    assert took_s < BOUND_S
    if verb == "pause":
        wait_until(session, lambda status: status["state"] == "paused")
        heater = session._rig.heater.status()
        assert heater.heating
        session.abort()
    status = session.wait(30)
    assert status["outcome"] == "aborted"
    assert not session._rig.heater.status().heating
