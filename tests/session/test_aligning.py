"""An alignment shows photons in the time of the wall, takes steps in between, keeps nothing, and ends safe."""

import threading
import time
from pathlib import Path

import pytest

from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError, aligning, run_job
from acquisition.session.hand_steps import read_hand_step
from acquisition.storage import RunFolder, read_journal
from drivers.interfaces.errors import StateError

ON = {"kind": "set_laser", "intensity": "20 %", "emission": True}
OPEN = {"kind": "set_shutter", "open": True}
TIMEOUT_S = 30.0


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compile when the first photons come."""
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


def until(ask, what):
    """Return the first answer that fits."""
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        if what(answer := ask()):
            return answer
        threading.Event().wait(0.02)
    raise AssertionError(f"not within {TIMEOUT_S:g} s: {answer}")


def seen(session, what=lambda panel: True):
    """Return the panel as soon as it fits."""
    return until(
        lambda: session.live(panels=["alignment"])["panels"]["alignment"],
        lambda panel: panel is not None and what(panel),
    )


def device(session, role):
    return next(each for each in session.devices() if each["role"] == role)


def ended(session):
    session.stop()
    return session.wait(TIMEOUT_S)


def test_an_alignment_shows_photons_takes_steps_and_leaves_a_run_with_nothing_to_analyse(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path), seed=1)
    session.do_step(ON)
    run = session.start_alignment({"sample": "dot 7"})
    assert device(session, "laser")["emission"]  # it begins as it is
    panel = seen(session, lambda panel: panel["rate_cps"] is not None)
    assert panel["rate_cps"] > 0
    assert panel["rate_error_cps"] > 0
    assert panel["spectrum_counts"].shape == panel["wavelength_nm"].shape == (320,)
    assert panel["background_cps"] is None
    status = session.status()
    assert (status["mode"], status["state"], status["run"]) == ("alignment", "running", run)

    found = session.do_step(OPEN)
    assert found["values"] == {"shutter_open": True}
    moved = session.do_step({"kind": "move_stage", "x": "0.1 um", "y": "0 um", "relative": True})
    assert moved["role"] == "stage"
    assert session.status()["last_step"]["kind"] == "move_stage"
    assert seen(session, lambda panel: panel["dose"]["light_on_s"] > 0)["dose"]["uj"] is None
    assert device(session, "laser")["emission"]

    status = ended(session)
    assert (status["outcome"], status["ok"], status["mode"]) == ("stopped", True, None)
    assert not device(session, "laser")["emission"]
    [listed] = session.runs()
    assert (listed["kind"], listed["resumable"], listed["points"], listed["sample"]) == ("alignment", False, 0, "dot 7")
    assert session.read(run)["results"] is None
    with pytest.raises(SessionError, match="is an alignment"):
        session.resume_run(run)


def test_the_stream_is_not_faster_than_the_wall(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        begun_s = time.monotonic()
        session.start_alignment()
        status = until(session.status, lambda status: (status["elapsed_s"] or 0.0) > 1.0)
        assert status["elapsed_s"] <= time.monotonic() - begun_s
        ended(session)


def test_a_background_is_recorded_and_brings_the_light_back(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        session.do_step(OPEN)
        session.start_alignment({"power_at_sample": "2 uW", "power_at_intensity": "20 %"})
        found = session.do_step(
            {"kind": "call", "procedure": "acquire_background", "mode": "dark", "duration": "0.5 s"}
        )
        assert set(found) == {"values"}
        background_cps = found["values"]["background_cps"]
        panel = seen(session, lambda panel: panel["background_cps"] is not None)
        assert panel["background_cps"] == background_cps
        assert panel["background_mode"] == "dark"
        assert panel["background_error_cps"] == pytest.approx((background_cps / 0.5) ** 0.5)
        assert device(session, "laser")["emission"]
        assert session._rig.shutter.is_open()
        dose = seen(session, lambda panel: panel["dose"]["light_on_s"] > 0)["dose"]
        assert dose["percent_s"] == pytest.approx(20 * dose["light_on_s"])
        assert dose["uj"] == pytest.approx(2 * dose["light_on_s"])
        assert dose["pulses"] == pytest.approx(1e6 * dose["light_on_s"], abs=1)
        run = Path(ended(session)["run"])
        [point] = RunFolder.open(run).read_run_json()["points"]
        assert point["background"] == "dark"
        assert RunFolder.open(run).read_run_json()["dose"]["light_on_s"] >= dose["light_on_s"]
        assert not (run / "report.html").exists()


def test_a_background_beside_the_emitter_is_forgotten_with_its_light(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        lit_alignment(session)
        found = {
            mode: session.do_step({"kind": "acquire_background", "mode": mode, "duration": "0.5 s"})["values"]
            for mode in ("dark", "off_dot")
        }
        panel = seen(session, lambda panel: panel["background_mode"] == "off_dot")
        assert panel["background_cps"] == found["off_dot"]["background_cps"]
        session.do_step({"kind": "set_laser", "intensity": "10 %"})
        panel = seen(session, lambda panel: panel["background_mode"] == "dark")
        assert panel["background_cps"] == found["dark"]["background_cps"]
        assert ended(session)["ok"]


@pytest.mark.parametrize("returns", [True, False])
def test_a_procedure_that_fails_leaves_the_stage_where_it_was_or_says_that_it_does_not(tmp_path, monkeypatch, returns):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        lit_alignment(session)
        stage = session._rig.stage
        here, move, moves = stage.position_um(), stage.move_to_um, []

        def move_to_um(x_um, y_um, interrupt=None):
            moves.append(x_um)
            if len(moves) == 3 and not returns:
                raise StateError("stage", "is stuck")
            return move(x_um, y_um, interrupt)

        def fail(number, *arguments, **more):
            raise StateError("spad_array", "no points today")

        monkeypatch.setattr(stage, "move_to_um", move_to_um)
        monkeypatch.setattr(session._job.engine._stepper._services, "begin_part", fail)
        expected = "no points today$" if returns else "no points today; the stage could not be brought back.*is stuck"
        with pytest.raises((SequenceError, StateError), match=expected):
            session.do_step({"kind": "acquire_background", "mode": "off_dot", "duration": "0.5 s"})
        assert moves[1] == pytest.approx(here[0] + 2.0, abs=0.2)
        away_um = abs(stage.position_um()[0] - here[0])
        assert away_um < 0.2 if returns else away_um > 1.0
        assert session.do_step({"kind": "count_photons", "duration": "0.1 s"})["values"]["counts"] > 0
        assert ended(session)["ok"]


def test_a_wrong_step_is_told_and_the_alignment_goes_on(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.start_alignment()
        with pytest.raises(SequenceError, match=r"^laser: intensity_percent = 200 is outside 0"):
            session.do_step({"kind": "set_laser", "intensity": "200 %"})
        with pytest.raises(SessionError, match=r"'soak' cannot be done by hand now.*raster_scan"):
            session.do_step({"kind": "soak", "duration": "1 s"})
        with pytest.raises(SequenceError, match="there is no emitter 1 of a raster_scan"):
            session.do_step({"kind": "centre_on_emitter", "emitter": 1})
        assert "there is no emitter" in session.status()["last_step"]["message"]
        assert session.do_step({"kind": "count_photons", "duration": "0.1 s"})["values"]["counts"] > 0
        assert ended(session)["ok"]


def test_one_thing_goes_on_at_a_time(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.start_alignment()
        for begin in (lambda: session.start([ON]), session.start_alignment, session.switch_off):
            with pytest.raises(SessionError, match=r"going on|goes on"):
                begin()
        with pytest.raises(SessionError, match="no photons are being acquired"):
            session.extend(10.0)
        assert ended(session)["ok"]


def test_a_paused_alignment_is_dark_and_takes_no_steps(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        session.do_step(OPEN)
        session.start_alignment()
        seen(session)
        session.pause()
        until(session.status, lambda status: status["state"] == "paused")
        until(lambda: session._job.alignment._dose.lit, lambda lit: not lit)
        assert not device(session, "laser")["emission"]
        with pytest.raises(SessionError, match="the alignment is paused; resume it first"):
            session.do_step(ON)
        session.resume()
        until(lambda: device(session, "laser"), lambda laser: laser["emission"])
        assert ended(session)["ok"]


SCAN = {"kind": "raster_scan", "width": "4 um", "height": "4 um", "dwell": "2 s"}
DARK_WITHIN_S = 0.5


def asked_for(session, step):
    """Ask for a step in a thread of its own; return that and what it will have raised."""
    told = []

    def ask():
        try:
            session.do_step(step)
        except (SequenceError, SessionError) as error:
            told.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, told


def lit_alignment(session):
    session.do_step(ON)
    session.do_step(OPEN)
    run = session.start_alignment()
    seen(session)
    return run


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


def test_what_ends_an_alignment_makes_safe_and_frees_whoever_waits(tmp_path):
    told = []
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        session.do_step(ON)
        run = session.start_alignment()
        seen(session)
        beam = session._rig._bench.beam

        def wait():
            with pytest.raises(SequenceError, match="the alignment has ended"):
                session.do_step({"kind": "count_photons", "duration": "1 h"})
            told.append(True)

        thread = threading.Thread(target=wait)
        thread.start()
        until(session.status, lambda status: status["step"].startswith("count photons"))
        session.emergency_stop()
        assert not beam.emission
        thread.join(TIMEOUT_S)
        assert told
        assert session.wait(TIMEOUT_S)["outcome"] == "aborted"
        session.do_step(ON)  # a person decides to go on
        session.start_alignment()
    assert not beam.emission
    assert any(event["event"] == "emergency_stop" for event in read_journal(RunFolder.open(Path(run)).journal).events)


def test_a_point_of_a_run_is_extended_also_after_its_program_was_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    steps = [
        ON,
        OPEN,
        {"kind": "prompt", "text": "ready?", "light": True},
        {"kind": "acquire_photons", "duration_s": 2.0},
    ]
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        run = session.start(steps)
        until(session.status, lambda status: status["question"] is not None)
        array, asked = session._rig.spad_array, []
        photons = array.photons

        def extending(duration_s):
            for block in photons(duration_s):
                if not asked:
                    asked.append(session.extend(3.0)["planned_s"])
                    session.abort()
                yield block

        monkeypatch.setattr(array, "photons", extending)
        session.answer("continue")
        assert session.wait(TIMEOUT_S)["outcome"] == "aborted"
    assert asked == [pytest.approx(5.0)]
    with LocalSession.of_run(run) as session:
        session.resume_run(run)
        until(session.status, lambda status: status["outcome"] is not None)
    [point] = RunFolder.open(Path(run)).read_run_json()["points"]
    assert point["complete"]
    assert point["elapsed_s"] - point.get("dark_s", 0.0) == pytest.approx(5.0, abs=1e-3)
