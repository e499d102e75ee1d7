"""Instruments are set by hand while no run goes on, with the checks of a run, and nothing is left on for ever."""

import threading

import pytest

from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError, run_job
from acquisition.session.by_hand import HEAT_LEFT_ON_S, LIGHT_LEFT_ON_S
from acquisition.session.hand_steps import read_hand_step
from drivers.interfaces.errors import OperatorNeeded
from tests.session.hands import HEAT, ON, do, emission, until


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Neither compile nor analyse: runs are short here."""
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


def test_a_step_returns_what_is_read_back_and_what_the_instrument_says(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path), seed=1)
    found = session.do_step(ON)
    assert found["role"] == "laser"
    assert found["emission"] is True
    assert found["settings"]["intensity_percent"] == 20.0
    assert found["values"] == {"intensity_percent": 20.0, "emission": True}
    again = session.do_step({"kind": "set_laser", "intensity_percent": 5.0})
    assert again["values"]["intensity_percent"] == 5.0
    moved = session.do_step({"kind": "move_stage", "x": "0.5 um", "y": "0 um"})
    assert moved["role"] == "stage"
    assert moved["values"]["x_um"] == pytest.approx(0.5, abs=0.2)
    assert session.status()["last_step"] == {"kind": "move_stage", "values": moved["values"], "message": ""}
    assert session.status()["mode"] is None
    session.switch_off()
    assert not emission(session)


def test_what_is_not_allowed_is_told_and_changes_nothing(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path), seed=1)
    with pytest.raises(SequenceError, match="intensity_percent = 200 is outside 0"):
        session.do_step({"kind": "set_laser", "intensity": "200 %", "emission": True})
    with pytest.raises(SessionError, match="'acquire_photons' cannot be done by hand now; what can: set_laser"):
        session.do_step({"kind": "acquire_photons", "duration": "2 s"})
    with pytest.raises(SessionError, match="set_shutter cannot be done: opened: Extra inputs"):
        session.do_step({"kind": "set_shutter", "opened": True, "open": True})
    with pytest.raises(SessionError, match="no such instrument"):
        session.switch_off("lamp")
    assert not emission(session)
    assert "200 is outside" in session.status()["last_step"]["message"]


def test_a_run_starts_in_the_dark_after_steps_by_hand_and_refuses_further_ones(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        session.do_step(HEAT)
        lit = []
        monitor = session._rig.laser.status
        session.start([{"kind": "prompt", "text": "go on?", "light": True}])
        lit.append(monitor().emission)
        assert session.status()["warnings"] == []
        assert session._rig.heater.status().heating
        with pytest.raises(SessionError, match="is going on"):
            session.do_step(ON)
        with pytest.raises(SessionError, match="a run goes on"):
            session.switch_off("laser")
        session.stop()
        assert session.wait(20)["outcome"] == "stopped"
        assert lit == [False]
        assert not session._rig.heater.status().heating
        session.do_step(ON)
        assert emission(session)


def test_closing_makes_safe_what_was_left_on(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        beam = session._rig._bench.beam
        assert beam.emission
    assert not beam.emission


def test_an_emergency_stop_is_followed_by_nothing_that_was_asked_for_before(hand):
    step, offs = read_hand_step(ON), hand.offs
    hand.claim()
    hand.interrupt()
    with pytest.raises(SessionError, match="everything was made safe"):
        hand.do(step, offs)
    assert not hand.rig.laser.status().emission
    assert not hand.rig.arming.armed
    do(hand, ON)
    assert hand.rig.laser.status().emission


def test_an_emergency_stop_makes_safe_and_leaves_no_warning(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        assert "light was switched on by hand" in session.status()["warnings"][0]
        session.emergency_stop()
        assert not emission(session)
        assert session.status()["warnings"] == []


def test_light_that_is_forgotten_goes_off_and_the_status_says_so(hand, wall):
    do(hand, ON)
    wall.time_s = LIGHT_LEFT_ON_S - 61
    hand.look_after()
    assert hand.rig.laser.status().emission
    assert hand.warnings == ["light was switched on by hand; without a further step it goes off in 1 min"]
    do(hand, {"kind": "set_laser", "intensity": "10 %"})  # whoever is at work is not left in the dark
    wall.time_s += LIGHT_LEFT_ON_S - 1
    hand.look_after()
    assert hand.rig.laser.status().emission
    wall.time_s += 2
    hand.look_after()
    assert not hand.rig.laser.status().emission
    assert not hand.rig.arming.armed
    assert hand.warnings == ["light went off by itself, 10 min after the last step by hand"]


def test_a_heater_outlasts_the_light_and_goes_off_8_h_after_it_was_set(hand, wall):
    do(hand, ON)
    do(hand, HEAT)
    wall.time_s = LIGHT_LEFT_ON_S
    hand.look_after()
    assert not hand.rig.laser.status().emission
    assert hand.rig.heater.status().heating
    assert hand.rig.arming.armed
    wall.time_s = HEAT_LEFT_ON_S
    hand.look_after()
    assert not hand.rig.heater.status().heating
    assert not hand.rig.arming.armed
    assert hand.warnings[-1] == "the heater went off by itself, 8 h after it was set"


def test_a_question_that_nobody_answers_does_not_keep_the_light_on(hand, wall, monkeypatch):
    do(hand, ON)
    needed = OperatorNeeded("stage", "turn the screw", lambda: None)
    monkeypatch.setattr(hand.rig.stage, "move_to_um", lambda *place: (_ for _ in ()).throw(needed))
    told = []

    def step():
        with pytest.raises(SessionError, match="was interrupted"):
            do(hand, {"kind": "move_stage", "x": "1 um", "y": "0 um"})
        told.append(True)

    thread = threading.Thread(target=step)
    thread.start()
    until(lambda: hand.questions.pending is not None)
    wall.time_s = LIGHT_LEFT_ON_S + 1
    hand.look_after()
    thread.join(10)
    assert told
    wall.time_s += LIGHT_LEFT_ON_S
    hand.look_after()
    assert not hand.rig.laser.status().emission


def test_one_step_is_carried_out_at_a_time(hand):
    hand.claim()
    with pytest.raises(SessionError, match="just being carried out by hand"):
        hand.claim()
    assert hand.do(read_hand_step(ON), hand.offs)["emission"] is True


@pytest.mark.parametrize("answer", ["done", "stop"])
def test_a_person_is_asked_to_do_what_no_software_can(hand, monkeypatch, answer):
    asked = []

    switch = hand.rig.laser.set_emission

    def set_emission(on):
        if not asked:
            raise OperatorNeeded("laser", "press the button", lambda: asked.append("confirmed"))
        switch(on)

    monkeypatch.setattr(hand.rig.laser, "set_emission", set_emission)
    failed = []

    def step():
        try:
            do(hand, {"kind": "set_laser", "emission": True})
        except SequenceError as error:
            failed.append(str(error))

    thread = threading.Thread(target=step)
    thread.start()
    for _ in range(400):
        if hand.questions.pending is not None:
            break
        threading.Event().wait(0.01)
    assert "press the button" in hand.questions.pending["text"]
    hand.questions.answer(answer)
    thread.join(10)
    assert asked == (["confirmed"] if answer == "done" else [])
    assert failed == [] if answer == "done" else "was not done" in failed[0]


def test_an_interlock_that_has_tripped_lets_nothing_be_set(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        session._in_use.interlocks.find("standstill", "nobody looks")
        assert not emission(session)
        with pytest.raises(SessionError, match="nobody looks"):
            session.do_step(ON)
