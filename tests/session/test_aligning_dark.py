"""In an alignment light and heat go off at any time, whatever else goes on, and also if nobody looks."""

import threading
import time
from pathlib import Path

import pytest

from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError, aligning, run_job
from acquisition.session.hand_steps import read_hand_step
from acquisition.storage import RunFolder, read_journal
from tests.session.alignments import (
    DARK_WITHIN_S,
    ON,
    OPEN,
    SCAN,
    TIMEOUT_S,
    asked_for,
    device,
    ended,
    lit_alignment,
    seen,
    until,
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compile when the first photons come."""
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


@pytest.mark.parametrize(("role", "key"), [("laser", "emission"), ("shutter", "shutter_open")])
def test_light_goes_off_at_once_in_the_midst_of_a_procedure_and_the_alignment_goes_on_dark(tmp_path, role, key):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        run = lit_alignment(session)
        rig = session._rig
        thread, told = asked_for(session, SCAN)
        until(session.status, lambda status: status["step"].startswith("count photons"))
        device_safe, make_safe = [], rig.devices[role].make_safe
        rig.devices[role].make_safe = lambda: (make_safe(), device_safe.append(time.monotonic()))
        begun_s = time.monotonic()
        session.switch_off(role)
        assert device_safe[0] - begun_s < DARK_WITHIN_S
        assert not (rig.laser.status().emission and rig.shutter.is_open())
        thread.join(TIMEOUT_S)
        assert told == ["light switched off by hand; what was being done has ended"]
        assert session.do_step({"kind": "count_photons", "duration": "0.1 s"})["values"]["counts"] >= 0
        session.pause()
        until(session.status, lambda status: status["state"] == "paused")
        session.resume()
        session.do_step({"kind": "move_stage", "x": "0.1 um", "y": "0 um"})
        assert not (rig.laser.status().emission and rig.shutter.is_open())
        assert not session._job.alignment._dose.lit
        session.do_step(ON if role == "laser" else OPEN)
        assert rig.laser.status().emission
        assert rig.shutter.is_open()
        assert ended(session)["ok"]
    events = read_journal(RunFolder.open(Path(run)).journal).events
    [off] = [event for event in events if event["event"] == "switched_off"]
    assert off["roles"] == [role]
    assert off["values"][key] is False


def test_light_that_a_step_is_just_switching_on_is_off_when_it_has_been_switched_off(tmp_path, monkeypatch):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(OPEN)
        session.start_alignment()
        seen(session)
        rig = session._rig
        there, safe, switch, make_safe = (
            threading.Event(),
            threading.Event(),
            rig.laser.set_emission,
            rig.laser.make_safe,
        )

        def set_emission(on):
            there.set()
            assert safe.wait(TIMEOUT_S)
            switch(on)

        monkeypatch.setattr(rig.laser, "set_emission", set_emission)
        monkeypatch.setattr(rig.laser, "make_safe", lambda: (make_safe(), safe.set()))
        thread, told = asked_for(session, ON)
        assert there.wait(TIMEOUT_S)
        session.switch_off("laser")
        assert not rig.laser.status().emission
        thread.join(TIMEOUT_S)
        assert len(told) == 1
        assert ended(session)["ok"]


def test_a_heater_is_switched_off_in_an_alignment_also_while_it_is_paused(tmp_path):
    heat = {"kind": "set_temperature", "temperature": "40 degC"}
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(heat)
        lit_alignment(session)
        heater = session._rig.heater
        session.switch_off("heater")
        assert not heater.status().heating
        session.do_step(heat)
        assert heater.status().heating
        session.pause()
        until(session.status, lambda status: status["state"] == "paused")
        session.switch_off("heater")
        assert not heater.status().heating
        session.resume()
        until(lambda: device(session, "laser"), lambda laser: laser["emission"])
        session.do_step({"kind": "move_stage", "x": "0.1 um", "y": "0 um"})
        assert not heater.status().heating
        with pytest.raises(SessionError, match=r"stage: is not switched off in an alignment; what can be: laser"):
            session.switch_off("stage")
        assert ended(session)["ok"]


def test_light_that_does_not_go_off_ends_the_alignment(tmp_path, monkeypatch):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        lit_alignment(session)
        shutter, safe = session._rig.shutter, session._rig.shutter.make_safe
        stuck = [True]

        def make_safe():
            if stuck:
                stuck.clear()
                raise SequenceError("the shutter is stuck")
            safe()

        monkeypatch.setattr(shutter, "make_safe", make_safe)
        with pytest.raises(SequenceError, match="the shutter is stuck"):
            session.switch_off("shutter")
        assert not session._rig.laser.status().emission
        assert session.wait(TIMEOUT_S)["outcome"] == "aborted"


def test_a_step_that_a_pause_has_overtaken_is_not_done_when_the_run_goes_on(tmp_path, monkeypatch):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(OPEN)
        session.start_alignment()
        seen(session)
        rig = session._rig
        move, there = rig.stage.move_to_um, threading.Event()

        def slow(x_um, y_um, interrupt=None):
            there.set()
            assert interrupt.wait(TIMEOUT_S)
            return False

        monkeypatch.setattr(rig.stage, "move_to_um", slow)
        thread, told = asked_for(session, {"kind": "move_stage", "x": "0.1 um", "y": "0 um"})
        assert there.wait(TIMEOUT_S)
        session.pause()
        thread.join(TIMEOUT_S)
        assert told == ["move_stage: was not done, because the run is paused; resume it, then ask for the step again"]
        until(session.status, lambda status: status["state"] == "paused")
        with pytest.raises(SequenceError, match="because the run is paused"):
            session._job.alignment.steps.do(read_hand_step(ON), TIMEOUT_S)  # as if it had come before the pause
        monkeypatch.setattr(rig.stage, "move_to_um", move)
        session.resume()
        session.do_step({"kind": "count_photons", "duration": "0.1 s"})
        assert not rig.laser.status().emission
        assert ended(session)["ok"]


@pytest.fixture
def hurried(monkeypatch):
    """Let the time of nobody's looking be short."""
    monkeypatch.setattr(aligning, "NOBODY_LOOKS_S", 0.6)


def test_an_alignment_at_which_nobody_looks_takes_the_light_off(tmp_path, hurried):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        lit_alignment(session)
        end = time.monotonic() + 1.2
        while time.monotonic() < end:  # somebody looks
            assert session.live(panels=["alignment"])["problem"] == ""
            assert session.status()["state"] == "running"
            threading.Event().wait(0.05)
        status = until(session.status, lambda status: status["state"] == "paused")
        assert "nobody has looked at the alignment for" in status["paused_because"]
        assert not status["suspended"]
        assert not device(session, "laser")["emission"]
        session.resume()
        until(lambda: device(session, "laser"), lambda laser: laser["emission"])
        until(session.status, lambda status: status["state"] == "paused")
        assert ended(session)["ok"]


def test_an_alignment_without_light_or_in_the_midst_of_a_step_needs_nobody_who_looks(tmp_path, hurried):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.start_alignment()
        begun_s = time.monotonic()
        until(session.status, lambda status: time.monotonic() > begun_s + 1.2)
        assert session.status()["state"] == "running"
        session.do_step(ON)
        session.do_step(OPEN)
        counting, told = asked_for(session, {"kind": "count_photons", "duration": "1 h"})
        begun_s = time.monotonic()
        until(session.status, lambda status: time.monotonic() > begun_s + 1.2)
        assert session.status()["state"] == "running"
        session.switch_off("laser")
        counting.join(TIMEOUT_S)
        assert told == ["light switched off by hand; what was being done has ended"]
        assert ended(session)["ok"]
