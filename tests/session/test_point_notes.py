"""What the journal says of points that a killed program has begun: looks, goals, doubtful pulses, acquisitions."""

import shutil
from pathlib import Path

import pytest

from acquisition.sequence import SequenceError
from acquisition.sequence.actions.counting import Counts
from acquisition.session import LocalSession, run_job
from acquisition.session.goals import Found, Reached
from acquisition.session.point_notes import PointNotes, read_point_notes
from acquisition.session.resuming import _BrokenOff
from acquisition.storage import Journal, JournalContents, RunFolder, read_journal
from drivers.interfaces.errors import CommunicationError

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
COUNT = {"kind": "count_photons", "duration_s": 2.0, "retry": {"times": 1, "wait_s": 1.0}}
ACQUIRE = {"kind": "acquire_photons", "duration_s": 2.0}


@pytest.fixture(autouse=True)
def unanalysed(monkeypatch):
    """Photons are not analysed here."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


def test_notes_are_read_from_the_events_of_all_processes():
    look = {"event": "goal_look", "point": 2, "elapsed_s": 20.0, "found": "6 %, 3 % wanted", "next_s": 40.0}
    doubt = {"from_pulse": 5, "to_pulse": 9, "reason": "the interlock is open"}
    notes = read_point_notes(
        [
            {"event": "run_opened"},
            look,
            {**look, "elapsed_s": 40.0, "next_s": 80.0},
            {"event": "data_doubtful", "point": 1, **doubt, "time_s": 3.0},
            {"event": "goal_reached", "point": 2, "elapsed_s": 80.0, "reason": "enough"},
        ]
    )
    assert notes.looks == {2: [Found(20.0, "6 %, 3 % wanted", 40.0), Found(40.0, "6 %, 3 % wanted", 80.0)]}
    assert notes.reached == {2: Reached(80.0, "enough")}
    assert notes.doubtful == {1: [doubt]}


def test_a_note_that_lacks_something_is_refused():
    with pytest.raises(SequenceError, match="cannot be used"):
        PointNotes().take({"event": "goal_look", "point": 1})


@pytest.mark.parametrize(
    ("events", "made"),
    [
        ([], 0),
        ([("step_started", "set_laser", 0)], 0),
        ([("step_started", "count_photons", 3)], 4),
        ([("step_started", "count_photons", 3), ("step_retried", "count_photons", 4)], 5),
        ([("step_started", "count_photons", 3), ("step_ended", "count_photons", 5)], 5),
        ([("step_started", "acquire_photons", 3), ("run_ended", None, 4), ("run_closed", None, 0)], 4),
    ],
)
def test_acquisitions_of_the_bench_are_counted_through_pauses_and_retries(tmp_path, events, made):
    said = tuple({"event": event, "kind": kind, "bench_points": count} for event, kind, count in events)
    broken_off = _BrokenOff(RunFolder(tmp_path), {}, JournalContents(said, ()))
    assert broken_off.bench_points({}) == made
    assert broken_off.bench_points({"points": [{"point": 9}]}) == 9


def test_a_resumed_run_gets_no_photons_of_a_count_that_was_tried_twice(tmp_path, monkeypatch):
    failing, append, write, target = [True], Counts.append, Journal.append, tmp_path / "killed"

    def fail_once(counts, block):
        if failing:
            failing.clear()
            raise CommunicationError("detector", "cable")
        append(counts, block)

    def write_and_copy(journal, event):
        write(journal, event)
        if event["event"] == "step_started" and event["kind"] == "acquire_photons" and not target.exists():
            [run] = (tmp_path / "runs").iterdir()
            shutil.copytree(run, target)

    monkeypatch.setattr(Counts, "append", fail_once)
    monkeypatch.setattr(Journal, "append", write_and_copy)
    with LocalSession("simulated", str(tmp_path / "runs"), seed=7) as session:
        session.start([*LIGHT, COUNT, ACQUIRE])
        assert session.wait(60)["ok"]
    [whole] = (tmp_path / "runs").iterdir()
    assert [point["bench_points"] for point in RunFolder.open(whole).read_truth()["points"]] == [[3]]
    events = read_journal(target / "journal.jsonl").events
    assert [event["event"] for event in events].count("step_retried") == 1
    with LocalSession.of_run(str(target)) as session:
        session.resume_run(str(target))
        assert session.wait(60)["ok"]
    [[number]] = [point["bench_points"] for point in RunFolder.open(target).read_truth()["points"]]
    assert number >= 3


def test_a_point_whose_goal_was_reached_before_the_kill_is_complete(tmp_path, monkeypatch):
    write, target = Journal.append, tmp_path / "killed"

    def write_and_copy(journal, event):
        if event["event"] == "point_completed" and not target.exists():
            [run] = (tmp_path / "runs").iterdir()
            shutil.copytree(run, target)
        write(journal, event)

    monkeypatch.setattr(Journal, "append", write_and_copy)
    step = {**ACQUIRE, "duration_s": 50.0, "until": {"cascades": 20}}
    with LocalSession("simulated", str(tmp_path / "runs"), seed=7) as session:
        session.start([*LIGHT, step])
        assert session.wait(60)["ok"]
    [whole] = (tmp_path / "runs").iterdir()
    with LocalSession.of_run(str(target)) as session:
        session.resume_run(str(target))
        assert session.wait(60)["ok"]
    [point], [unbroken] = (RunFolder.open(run).read_run_json()["points"] for run in (target, whole))
    assert (point["ending"], point["reason"]) == ("goal", unbroken["reason"])
    assert (point["complete"], point["photons"], point["gaps"]) == (True, unbroken["photons"], 0)


def test_doubtful_pulses_of_a_point_stand_in_its_record(tmp_path, monkeypatch):
    from acquisition.sequence.actions.acquiring import OpenPoint

    tick = OpenPoint._tick

    def doubting(point, progress):
        point.doubt("the laser rate was off", 3.0)
        tick(point, progress)

    monkeypatch.setattr(OpenPoint, "_tick", doubting)
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        path = session.start([*LIGHT, ACQUIRE])
        assert session.wait(60)["ok"]
    folder = RunFolder.open(Path(path))
    [point] = folder.read_run_json()["points"]
    [doubt] = point["doubtful"]
    assert doubt == {"from_pulse": 0, "to_pulse": 2_000_000, "reason": "the laser rate was off"}
    notes = read_point_notes(read_journal(folder.journal).events)
    assert notes == PointNotes(doubtful={1: [doubt]})
