"""An alignment shows photons in the time of the wall, takes steps in between, keeps nothing, and ends safe."""

import threading
import time
from pathlib import Path

import pytest

from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError, run_job
from acquisition.storage import RunFolder, read_journal
from drivers.interfaces.errors import StateError
from tests.session.alignments import ON, OPEN, TIMEOUT_S, device, ended, lit_alignment, seen, until


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compile when the first photons come."""
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


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
