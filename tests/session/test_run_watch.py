"""A run on simulated instruments is watched: it suspends itself, and says what the instruments said."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from acquisition.session import LocalSession, run_job
from acquisition.session.run_watch import RunWatch
from acquisition.storage import RunFolder, open_point, read_journal, read_table, write_json
from drivers.interfaces.errors import CommunicationError

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session without analysis and report, which have their own tests."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    with LocalSession("simulated", str(tmp_path), seed=3) as session:
        yield session


def start(session, *steps, suspend=(), **more):
    sequence = {"name": "watched", "suspend": list(suspend), "steps": [*LIGHT, *steps], **more}
    return RunFolder.open(Path(session.start(sequence)))


def until(session, what, true):
    deadline = time.monotonic() + 60
    while not true(status := session.status()):
        assert status["outcome"] is None, status
        assert time.monotonic() < deadline, f"{what}: {status}"
        session.wait(0.005)


def finish(session):
    status = session.wait(100)
    assert status["outcome"] is not None, status
    return status


def said(folder, event):
    return [entry for entry in read_journal(folder.journal).events if entry["event"] == event]


def test_opening_the_interlock_suspends_the_run_and_closing_it_lets_it_go_on(session):
    acquire = {"kind": "acquire_photons", "duration": "30 s"}
    folder = start(session, acquire, suspend=[{"kind": "interlock", "then": "wait", "resume_after": "5 s"}])
    bench = session._rig._bench
    until(session, "no photons", lambda status: status["photons"])
    bench.set_interlock(closed=False)
    until(session, "not suspended", lambda status: status["state"] == "paused")
    assert session.status()["paused_because"] == "the interlock of the laser is open"
    assert session.status()["suspended"]
    assert not bench.beam.shutter_open
    bench.set_interlock(closed=True)
    assert finish(session)["outcome"] == "completed"
    assert said(folder, "resumes_by_itself")[0]["reason"] == "the interlock of the laser is closed, for 5 s"
    [point] = folder.read_run_json()["points"]
    assert point["complete"]
    assert point["elapsed_s"] - point["dark_s"] == pytest.approx(30, abs=1e-3)
    reasons = [gap.reason for block in open_point(folder.point(1)).blocks() for gap in block.gaps]
    assert any("the interlock of the laser is open" in reason for reason in reasons)
    emission = read_table(folder.readings).column("laser_emission")
    assert True in emission
    assert False in emission


def test_a_run_that_cannot_go_on_is_stopped_and_says_why(session):
    condition = {"kind": "interlock", "give_up_after": "10 s"}
    folder = start(session, {"kind": "acquire_photons", "duration": "300 s"}, suspend=[condition])
    until(session, "no photons", lambda status: status["photons"])
    session._rig._bench.set_interlock(closed=False)
    status = finish(session)
    assert status["outcome"] == "stopped"
    [warning] = folder.read_run_json()["warnings"]
    assert warning.startswith("the run did not go on (stop): the interlock of the laser is open; the run was suspended")
    assert warning in status["warnings"]
    assert folder.read_run_json()["points"][0]["photons"] > 0


def test_a_disk_that_runs_full_suspends_the_run_until_there_is_room(session, monkeypatch):
    free = [1e12]
    monkeypatch.setattr(RunWatch, "_free_bytes", lambda watch: free[0])
    folder = start(session, {"kind": "acquire_photons", "duration": "30 s"})
    until(session, "no photons", lambda status: status["photons"])
    free[0] = 5e7
    until(session, "not suspended", lambda status: status["state"] == "paused")
    assert "0.05 GB are free on the disk, where 0.1 GB are needed" in session.status()["paused_because"]
    free[0] = 1e12
    assert finish(session)["outcome"] == "completed"
    assert folder.read_run_json()["points"][0]["complete"]


def test_a_dot_that_leaves_the_spot_suspends_the_run_and_going_on_brings_it_back(session):
    condition = {"kind": "count_rate", "below_share": "40 %", "during": "2 s", "reference": "5 s", "retry_after": "5 s"}
    there = {"kind": "move_stage", "x": "0 um", "y": "0 um"}
    folder = start(session, there, {"kind": "acquire_photons", "duration": "60 s"}, suspend=[condition])
    until(session, "no photons", lambda status: (status["elapsed_s"] or 0) > 10)
    session._rig.stage.move_to_um(3.0, 3.0)
    assert finish(session)["outcome"] == "completed"
    [paused] = said(folder, "paused")
    assert "40 % of" in paused["reason"]
    assert said(folder, "resumes_by_itself")[0]["reason"].endswith("(1 of 3)")
    assert session._rig.stage.position_um() == pytest.approx((0, 0), abs=0.2)


def test_readings_are_written_at_the_interval_of_the_sequence(session):
    heat = [{"kind": "set_temperature", "temperature": "30 degC"}, {"kind": "soak", "duration": "30 s"}]
    acquire = {"kind": "acquire_photons", "duration": "10 s"}
    folder = start(session, *heat, acquire, readings_interval="2 s")
    assert finish(session)["ok"]
    table = read_table(folder.readings)
    times = table.column("time_s")
    assert len(times) >= 15
    assert max(after - before for before, after in pairwise(times)) < 4.0
    assert table.column("temperature_c")[0] == pytest.approx(20, abs=0.5)
    assert max(value for value in table.column("temperature_c")) > 29
    assert table.column("setpoint_c")[5] == 30
    assert table.column("laser_repetition_rate_hz")[3] == 1e6
    assert max(value or 0 for value in table.column("count_rate_cps")) > 50_000
    assert min(table.column("disk_free_bytes")) > 0
    assert table.column("shutter_open")[-1] is False


def test_an_instrument_that_does_not_answer_leaves_empty_fields_and_one_warning(session):
    rig = session._open()
    rig.heater._heater.status = lambda: (_ for _ in ()).throw(CommunicationError("heater", "no answer"))
    rig.heater._device.readings = rig.heater._heater.status
    folder = start(session, {"kind": "soak", "duration": "30 s"})
    status = finish(session)
    assert status["outcome"] == "completed"
    warnings = [text for text in status["warnings"] if "slow readings" in text]
    assert warnings == ["the slow readings go on without the heater: heater: no answer"]
    assert set(read_table(folder.readings).column("temperature_c")) == {None}
    assert read_table(folder.readings).column("laser_emission")[1] is True
    record = folder.read_run_json()
    assert record["baseline_before"]["devices"]["heater"]["readings_error"] == "heater: no answer"
    assert warnings[0] in record["warnings"]
    assert len(said(folder, "warning")) == len(record["warnings"])


def test_a_run_says_how_the_instruments_were_before_and_after_it(session):
    folder = start(session, {"kind": "soak", "duration": "1 s"})
    finish(session)
    record = folder.read_run_json()
    before, after = record["baseline_before"]["devices"], record["baseline_after"]["devices"]
    light, sample = {"laser", "shutter", "attenuator", "power_meter"}, {"heater", "stage", "focus"}
    assert set(before) == set(after) == light | sample | {"camera", "spad_array"}
    assert before["laser"]["settings"]["intensity_percent"] == 0
    assert after["laser"]["settings"]["intensity_percent"] == 20
    assert after["laser"]["readings"]["emission"] is False
    assert after["shutter"]["readings"]["open"] is False
    assert [entry["when"] for entry in said(folder, "baseline")] == ["before", "after"]
    assert said(folder, "baseline")[0]["devices"] == before
