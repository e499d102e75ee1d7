"""What was set by hand is switched off, whatever else goes on, and stays off."""

import threading
from dataclasses import replace

import pytest

from acquisition.rig import NotSafeError
from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError, local, run_job
from acquisition.session.by_hand import HEAT_LEFT_ON_S, LIGHT_LEFT_ON_S
from acquisition.session.hand_steps import read_hand_step
from acquisition.storage import StorageError
from tests.session.hands import HEAT, ON, do, emission, until


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Neither compile nor analyse: runs are short here."""
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


def test_what_cannot_be_switched_off_in_time_is_told(hand, wall, monkeypatch):
    do(hand, ON)

    def fail():
        raise NotSafeError("make dark:", {"laser": OSError("no answer")}, [])

    monkeypatch.setattr(hand.rig, "make_dark", fail)
    wall.time_s = LIGHT_LEFT_ON_S
    hand.look_after()
    assert "no answer" in str(hand.unsafe[0])


def test_what_could_not_be_switched_off_is_tried_again(hand, wall, monkeypatch):
    do(hand, ON)
    do(hand, HEAT)
    make_dark, heater_off = hand.rig.make_dark, hand.rig.heater.make_safe

    def fail():
        raise OSError("no answer")

    monkeypatch.setattr(hand.rig, "make_dark", fail)
    wall.time_s = LIGHT_LEFT_ON_S
    hand.look_after()
    assert hand.rig.laser.status().emission
    monkeypatch.setattr(hand.rig, "make_dark", make_dark)
    hand.look_after()
    assert not hand.rig.laser.status().emission
    monkeypatch.setattr(hand.rig.heater, "make_safe", fail)
    wall.time_s = HEAT_LEFT_ON_S
    hand.look_after()
    assert hand.rig.heater.status().heating
    monkeypatch.setattr(hand.rig.heater, "make_safe", heater_off)
    hand.look_after()
    assert not hand.rig.heater.status().heating
    assert [str(error) for error in hand.unsafe] == ["no answer", "no answer"]


@pytest.fixture
def switching(hand, monkeypatch):
    """Start a step that switches the laser on; it waits just before the wire until it may go on."""
    there, go_on, told = threading.Event(), threading.Event(), []
    switch = hand.rig.laser.set_emission

    def set_emission(on):
        there.set()
        assert go_on.wait(10)
        switch(on)

    def step():
        try:
            do(hand, ON)
        except (SessionError, SequenceError) as error:
            told.append(error)

    monkeypatch.setattr(hand.rig.laser, "set_emission", set_emission)
    thread = threading.Thread(target=step)
    thread.start()
    assert there.wait(10)
    yield go_on
    go_on.set()
    thread.join(10)
    assert not thread.is_alive()


def test_light_that_is_just_being_switched_on_is_off_when_it_has_been_switched_off(hand, switching):
    made_safe, make_safe = threading.Event(), hand.rig.laser.make_safe

    def tell():
        make_safe()
        made_safe.set()

    hand.rig.laser.make_safe = tell
    off = threading.Thread(target=hand.switch_off, args=("laser",))
    off.start()
    assert made_safe.wait(10)
    switching.set()
    off.join(10)
    assert not off.is_alive()
    assert not hand.rig.laser.status().emission


def test_another_instrument_is_switched_off_without_waiting_for_the_step(hand, switching):
    hand.switch_off("heater")
    switching.set()
    until(lambda: not hand._doing)
    assert hand.rig.laser.status().emission


def test_what_was_asked_for_before_its_instrument_was_switched_off_is_not_done(hand):
    do(hand, HEAT)
    offs = hand.offs
    hand.switch_off("laser")
    hand.claim()
    with pytest.raises(SessionError, match="the laser was switched off by hand meanwhile"):
        hand.do(read_hand_step(ON), offs)
    assert not hand.rig.laser.status().emission
    assert hand.rig.heater.status().heating
    hand.claim()
    hand.do(read_hand_step({"kind": "move_stage", "x": "1 um", "y": "0 um"}), offs)
    do(hand, ON)
    assert hand.rig.laser.status().emission


@pytest.mark.parametrize("refusal", ["prepare_new", "RunJob"])
def test_what_is_on_is_looked_after_as_before_if_a_run_does_not_begin(tmp_path, monkeypatch, refusal):
    def refuse(*arguments, **more):
        raise StorageError("the disk is full")

    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(HEAT)
        session.do_step(ON)
        monkeypatch.setattr(local, refusal, refuse)
        with pytest.raises(StorageError):
            session.start_alignment()
        assert emission(session)
        assert [text.split(" was")[0] for text in session.status()["warnings"]] == ["light", "the heater"]
        with pytest.raises(StorageError):
            session.start([ON])
        assert not emission(session)
        assert [text.split(" was")[0] for text in session.status()["warnings"]] == ["the heater"]
        session.do_step(ON)  # nobody has the instruments


def test_light_goes_off_while_another_instrument_is_connected_anew(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        laser = session._rig.laser
        with session._lock:
            session.switch_off("laser")
            assert not laser.status().emission


def test_a_laser_whose_word_cannot_be_trusted_goes_off_too(hand, wall, monkeypatch):
    told = hand.rig.laser.status
    monkeypatch.setattr(hand.rig.laser, "status", lambda: replace(told(), emission=False))
    with pytest.raises(SequenceError, match="emission was switched on, but the laser says off"):
        do(hand, ON)
    assert told().emission
    wall.time_s = LIGHT_LEFT_ON_S
    hand.look_after()
    assert not told().emission


def test_one_instrument_is_switched_off_and_the_others_stay(hand):
    do(hand, ON)
    do(hand, HEAT)
    hand.switch_off("laser")
    assert not hand.rig.laser.status().emission
    assert hand.rig.heater.status().heating
    hand.switch_off(None)
    assert not hand.rig.heater.status().heating
    assert hand.warnings == []
