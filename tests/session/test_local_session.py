"""A session runs sequences on a rig and keeps everything that was recorded, whatever happens."""

import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from acquisition.config import ConfigError
from acquisition.sequence import SequenceError, load_sequence
from acquisition.session import LocalSession, SessionError, run_job
from acquisition.storage import RunFolder, StorageError, open_point, read_journal, write_json

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]


def acquire(seconds, **more):
    return [*LIGHT, {"kind": "acquire_photons", "duration_s": seconds, **more}]


@pytest.fixture
def analysed(monkeypatch):
    """Replace analysis and report, which have their own tests; return the runs that they saw."""
    seen = []

    def analyze_run(folder, report):
        report("fitting")
        seen.append(str(folder.path))
        write_json(folder.results_json, {"photons": 0, "states": {}})

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    monkeypatch.setattr(run_job, "write_report", lambda path: (path / "report.html").write_text("report"))
    return seen


@pytest.fixture
def session(tmp_path, analysed, session_factory):
    return session_factory("simulated", str(tmp_path / "runs"), seed=7)


def finish(session):
    status = session.wait(60)
    assert status["outcome"] is not None, status
    return status


def wait_for_photons(session):
    deadline = time.monotonic() + 60
    while not session.status()["photons"]:
        assert time.monotonic() < deadline
        session.wait(0.01)


def photons_of(run):
    blocks = [block for point in RunFolder.open(run).points() for block in open_point(point).blocks()]
    return np.concatenate([block.pulse for block in blocks]), np.concatenate([block.pixel for block in blocks])


def test_a_run_leaves_a_folder_that_says_everything(session, analysed, tmp_path):
    run = session.start(acquire(2, label="dot 7"))
    status = finish(session)
    assert (status["state"], status["outcome"], status["ok"]) == ("idle", "completed", True)
    assert analysed == [run]
    names = {path.name for path in (tmp_path / "runs").glob("*/*")}
    assert names == {
        "run.json", "sequence.yaml", "journal.jsonl", "readings.csv", "truth.json", "results.json", "report.html",
        "points",
    }  # fmt: skip
    opening = read_journal(tmp_path / run / "journal.jsonl").events[0]
    assert (opening["event"], opening["simulated"]) == ("run_opened", True)
    record = RunFolder.open(tmp_path / run).read_run_json()
    assert record["status"] == "completed"
    assert record["simulated"] is True
    roles = ("laser", "shutter", "attenuator", "power_meter", "heater", "stage", "focus", "camera", "spad_array")
    assert record["simulated_devices"] == dict.fromkeys(roles, True)
    assert record["sample"] == record["simulation"]["sample"]["name"] == "cdse_cds_table"
    assert record["simulation"]["seed"] == 7
    assert set(record["calibrations"]) == {"wavelength", "relative_efficiency"}
    assert {"cascadescope", "numpy", "python"} <= set(record["versions"])
    [point] = record["points"]
    assert (point["label"], point["complete"], point["elapsed_s"]) == ("dot 7", True, 2.0)
    assert point["conditions"]["laser_intensity_percent"] == 20
    assert point["conditions"]["temperature_c"] == pytest.approx(20)
    assert len(photons_of(tmp_path / run)[0]) == point["photons"] == status["photons"] > 100_000


def test_the_instruments_are_safe_after_a_run(session):
    session.start(acquire(1))
    finish(session)
    devices = {device["role"]: device for device in session.devices()}
    assert devices["laser"]["readings"]["emission"] is False
    assert devices["shutter"]["readings"]["open"] is False
    assert devices["spad_array"]["settings"]["bias"] is False


def test_everything_that_a_session_says_could_go_over_a_socket(session):
    before = session.status()
    run = session.start(acquire(1))
    finish(session)
    for said in (before, session.status(), session.devices(), session.read(run), session.recover(run)):
        assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_the_photons_of_a_file_know_their_conditions_and_calibration(session, tmp_path):
    sequence = {"name": "dot", "metadata": {"excitations_per_pulse": 0.2}, "steps": acquire(1)}
    run = session.start(sequence)
    finish(session)
    recording = open_point(RunFolder.open(tmp_path / run).point(1))
    assert recording.simulated is True
    assert recording.conditions["excitations_per_pulse"] == 0.2
    assert recording.calibration.wavelength_nm.shape == (320,)


def test_the_same_seed_gives_the_same_photons(tmp_path, analysed):
    runs = []
    for _ in range(2):
        with LocalSession("simulated", str(tmp_path), seed=3) as session:
            runs.append(session.start(acquire(1)))
            finish(session)
    first, second = (photons_of(tmp_path / run) for run in runs)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_each_run_of_a_session_has_its_own_truth(session):
    for seconds in (1, 2):
        run = session.start(acquire(seconds))
        finish(session)
        [point] = session.read(run)["truth"]["points"]
        assert (point["point"], point["duration_s"]) == (1, seconds)


def test_abort_keeps_the_photons_without_analysing_them(session, analysed, tmp_path):
    run = session.start(acquire(36_000))
    wait_for_photons(session)
    session.abort()
    status = finish(session)
    assert status["outcome"] == "aborted"
    assert not status["ok"]
    assert analysed == []
    [point] = RunFolder.open(tmp_path / run).read_run_json()["points"]
    assert len(photons_of(tmp_path / run)[0]) == point["photons"] > 0


def test_stop_keeps_the_photons_and_analyses_them(session, analysed):
    run = session.start(acquire(36_000))
    wait_for_photons(session)
    session.stop()
    status = finish(session)
    assert (status["outcome"], status["ok"]) == ("stopped", True)
    assert analysed == [run]


def test_the_emergency_stop_makes_safe_at_once(session):
    session.start(acquire(36_000))
    wait_for_photons(session)
    session.emergency_stop()
    assert next(device for device in session.devices() if device["role"] == "laser")["readings"]["emission"] is False
    assert finish(session)["outcome"] == "aborted"


def test_one_run_at_a_time(session):
    session.start(acquire(36_000))
    with pytest.raises(SessionError, match="is going on"):
        session.start(acquire(1))
    session.abort()
    finish(session)
    session.start(acquire(1))
    assert finish(session)["ok"]


def test_closing_aborts_a_run_and_stores_what_was_recorded(tmp_path, analysed):
    session = LocalSession("simulated", str(tmp_path))
    run = session.start(acquire(36_000))
    wait_for_photons(session)
    session.close()
    assert session.status()["outcome"] == "aborted"
    assert len(photons_of(tmp_path / run)[0]) > 0
    with pytest.raises(SessionError, match="closed"):
        session.start(acquire(1))


def test_a_program_that_ends_without_closing_leaves_the_instruments_safe(tmp_path):
    program = f"""
from acquisition.session import LocalSession
session = LocalSession("simulated", {str(tmp_path)!r})
session.start({acquire(36_000)!r})
while not session.status()["photons"]:
    session.wait(0.01)
raise ZeroDivisionError("in the user's program")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "in the user's program" in ended.stderr
    [run] = tmp_path.glob("*_steps")
    assert RunFolder.open(run).read_run_json()["status"] == "aborted"
    assert len(photons_of(run)[0]) > 0


def test_a_failed_analysis_is_told_and_loses_nothing(session, monkeypatch, tmp_path):
    def fail(folder, report):
        raise StorageError("the results cannot be written")

    monkeypatch.setattr(run_job, "analyze_run", fail)
    run = session.start(acquire(1))
    status = finish(session)
    assert (status["outcome"], status["ok"]) == ("completed", False)
    assert "the results cannot be written" in status["message"]
    assert len(photons_of(tmp_path / run)[0]) > 0
    record = RunFolder.open(tmp_path / run).read_run_json()
    assert record["status"] == "completed"
    assert record["problems"] == ["the analysis failed: the results cannot be written"]


def test_an_analysis_can_be_given_up(session, monkeypatch):
    fitting, given_up = threading.Event(), threading.Event()

    def analyze_run(folder, report):
        report("fitting")
        fitting.set()
        assert given_up.wait(30)
        report("still fitting")

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    session.start(acquire(1))
    assert fitting.wait(60)
    assert (session.status()["state"], session.status()["message"]) == ("analysing", "fitting")
    session.abort()
    given_up.set()
    assert "given up" in finish(session)["message"]


def test_overrides_are_part_of_the_sequence_as_run(session, tmp_path):
    run = session.start("cascade", {"acquire_photons.duration_s": 1.0})
    assert finish(session)["elapsed_s"] == 1.0
    sequence, _ = load_sequence(tmp_path / run / "sequence.yaml")
    assert [step.duration_s for step in sequence.plain_steps if step.kind == "acquire_photons"] == [1.0]
    assert sequence.name == "cascade"


def test_the_temperature_series_measures_at_each_temperature(session, tmp_path):
    run = session.start("cascade_temperatures", {"acquire_photons.duration_s": 1.0})
    assert finish(session)["ok"]
    points = session.read(run)["run"]["points"]
    assert [point["label"] for point in points] == ["20 degC", "40 degC", "60 degC"]
    temperatures = [point["conditions"]["temperature_c"] for point in points]
    assert temperatures == pytest.approx([20, 40, 60], abs=0.25)
    events = read_journal(tmp_path / run / "journal.jsonl").events
    assert sum(event["event"] == "point_completed" for event in events) == 3


def test_what_the_rig_does_not_allow_is_refused_and_leaves_no_folder(session, tmp_path):
    path = tmp_path / "hot.yaml"
    path.write_text("name: hot\nsteps:\n  - kind: set_temperature\n    temperature: 90 degC\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"hot\.yaml, line 3.*90 degC is not allowed: the objective"):
        session.start(str(path))
    with pytest.raises(SequenceError, match=r"step 1.*90 degC is not allowed"):
        session.start([{"kind": "set_temperature", "temperature_c": 90.0}])
    assert not list((tmp_path / "runs").glob("*"))


def test_a_wrong_list_of_steps_is_refused(session):
    with pytest.raises(SequenceError, match="cannot be used"):
        session.start([{"kind": "set_lazer"}])


def test_analyzing_something_that_is_no_recording_is_refused(tmp_path):
    with LocalSession() as session, pytest.raises(StorageError, match="does not exist"):
        session.analyze(str(tmp_path / "nothing.h5"))
