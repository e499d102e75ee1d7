"""A run that was broken off goes on: what was measured stays, what has changed is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from acquisition.config.shipped import CONFIGS
from acquisition.rig import open_rig
from acquisition.session import ChangedError, LocalSession, SessionError, run_job, run_services
from acquisition.session.fingerprint import changes_of_rig
from acquisition.storage import RunFolder, StorageError, read_journal, write_json
from acquisition.streaming.parts import dark_pulses
from tests.session.broken_off import LIGHT, TWO_POINTS, acquire, carried_out, photons_of, points_of, resume, started


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Count photons instead of analysing them."""

    def analyze_run(folder, report):
        points = [{"number": point["number"]} for point in folder.read_run_json()["points"]]
        write_json(folder.results_json, {"points": points})

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


def test_a_point_goes_on_where_it_was_with_a_gap_that_says_why(killed_in_second_point):
    run = killed_in_second_point
    first, _ = photons_of(run, 1)
    before, _ = photons_of(run, 2)
    assert resume(run)["ok"]
    assert [(point["label"], point["complete"], point["ending"]) for point in points_of(run)] == [
        ("first", True, "duration"), ("second", True, "duration")
    ]  # fmt: skip
    assert points_of(run)[1]["elapsed_s"] == pytest.approx(3, abs=2e-6)
    np.testing.assert_array_equal(photons_of(run, 1)[0], first)
    after, gaps = photons_of(run, 2)
    np.testing.assert_array_equal(after[: len(before)], before)
    interruption = gaps[-1]
    assert (interruption.first_pulse, interruption.end_pulse) == (2_000_000, 2_000_001)
    assert "the program ended after 20" in interruption.reason
    assert "(last entry of its journal); resumed at 20" in interruption.reason
    assert started(run) == [1, 2, 3, 4, 5, 6, 7, 7, 8]


def test_what_was_recorded_is_read_in_the_dark_which_is_told_and_not_shown_as_present(
    killed_in_second_point, monkeypatch
):
    run, seen = killed_in_second_point, []
    with LocalSession.of_run(str(run)) as session:

        def look(block):
            rig = session._rig
            lit = rig.laser.status().emission or rig.shutter.is_open()
            seen.append((session.status()["message"], session.live()["point"], lit))
            return dark_pulses(block)

        monkeypatch.setattr(run_services, "dark_pulses", look)
        assert carried_out(session, session.resume_run(str(run)))["ok"]
        assert session.live()["point"] == 2
    assert {lit for _, _, lit in seen} == {False}
    assert {point for _, point, _ in seen} == {None}
    told = "reading what point 2 has recorded before: 0:01 of 0:02 (50 %); no light is switched on until that is done"
    assert told in [message for message, _, _ in seen]


def test_when_a_program_ended_is_what_its_guardian_saw_if_there_was_one(killed_in_second_point):
    run = killed_in_second_point
    event = {"time": "2999-01-02T03:04:05.500+00:00", "event": "session_ended_by_guardian", "took_s": 1.5}
    (run / "guardian.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    assert resume(run)["ok"]
    _, gaps = photons_of(run, 2)
    assert "the program ended at 2999-01-02T03:04:04+00:00 (seen by its guardian)" in gaps[-1].reason


def test_what_was_resumed_is_said_in_run_json_truth_and_journal(killed_in_second_point):
    run = killed_in_second_point
    assert resume(run)["ok"]
    record, truth = RunFolder.open(run).read_run_json(), RunFolder.open(run).read_truth()
    [resumed] = record["resumed"]
    assert (record["status"], resumed["after"], resumed["changes"]) == ("completed", "running", [])
    assert record["opened"] == {"rig": "simulated", "sample": None, "seed": 7}
    assert [point["bench_points"] for point in truth["points"]] == [[1], [2, 3]]
    assert [point["duration_s"] for point in truth["points"]] == pytest.approx([2, 3], abs=2e-6)
    assert "begun" not in truth
    [event] = [event for event in read_journal(run / "journal.jsonl").events if event["event"] == "run_resumed"]
    assert event["steps_done"] == 6


@pytest.mark.parametrize(
    ("event", "count", "again"),
    [("step_started", 1, [1]), ("step_ended", 3, []), ("point_completed", 1, [3]), ("run_ended", 1, [])],
)
def test_only_what_had_not_ended_is_carried_out_again_and_no_photon_twice(killed, event, count, again):
    run = killed(TWO_POINTS, event, count)
    recorded = {point.number: photons_of(run, point.number)[0] for point in RunFolder.open(run).points()}
    assert resume(run)["ok"]
    assert sorted(started(run)) == sorted([*range(1, 9), *again])
    assert [point["elapsed_s"] for point in points_of(run)] == pytest.approx([2, 3], abs=1e-9)
    assert [point["gaps"] for point in points_of(run)] == [0, 0]
    for number, photons in recorded.items():
        np.testing.assert_array_equal(photons_of(run, number)[0], photons)
    assert all(point.photons_h5.exists() for point in RunFolder.open(run).points())
    assert RunFolder.open(run).read_results() == {"points": [{"number": 1}, {"number": 2}]}


def test_an_aborted_run_keeps_the_segments_of_its_open_point_and_goes_on(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        run = Path(session.start([*LIGHT, acquire(2), acquire(36_000)]))
        second = RunFolder.open(run).point(2)
        while sum(path.stat().st_size for path in second.segments.glob("*.seg")) < 1_000_000:
            assert session.wait(0.01)["outcome"] is None
        session.abort()
        assert carried_out(session, run)["outcome"] == "aborted"
        assert second.photons_h5.exists()
        assert second.segments.exists()
        assert not RunFolder.open(run).point(1).segments.exists()
        recorded_s = points_of(run)[1]["elapsed_s"]
        (run / "sequence.yaml").write_text((run / "sequence.yaml").read_text().replace("36000.0 s", "40000.0 s"))
        with pytest.raises(SessionError, match=r"sequence\.yaml, which was edited"):
            session.resume_run(str(run))
        (run / "sequence.yaml").write_text((run / "sequence.yaml").read_text().replace("40000.0 s", "36000.0 s"))
        session.resume_run(str(run))
        recorded = points_of(run)[1]["photons"]
        while (session.status()["photons"] or 0) <= recorded:  # those of the whole point
            assert session.wait(0.01)["outcome"] is None
        session.stop()
        assert carried_out(session, run)["outcome"] == "stopped"
    point = points_of(run)[1]
    assert point["elapsed_s"] > recorded_s
    assert point["complete"]
    assert "the run was aborted at" in photons_of(run, 2)[1][-1].reason
    assert not second.segments.exists()


def test_a_run_that_is_complete_or_was_stopped_is_not_resumed_by_mistake(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        done = session.start([*LIGHT, acquire(1)])
        carried_out(session, done)
        with pytest.raises(SessionError, match="is complete, there is nothing to resume") as refused:
            session.resume_run(done)
        assert not isinstance(refused.value, ChangedError)
        stopped = session.start([*LIGHT, acquire(36_000), acquire(1)])
        while not session.status()["photons"]:
            session.wait(0.01)
        session.stop()
        carried_out(session, stopped)
        first = points_of(Path(stopped))
        with pytest.raises(ChangedError, match=r"stopped on purpose.*--allow-changes"):
            session.resume_run(stopped)
        session.resume_run(stopped, allow_changes=True)
        assert carried_out(session, stopped)["outcome"] == "completed"
    assert points_of(Path(stopped))[:1] == first
    assert len(points_of(Path(stopped))) == 2


def test_a_run_that_still_goes_on_is_left_alone(tmp_path):
    with LocalSession("simulated", str(tmp_path)) as session, LocalSession("simulated", str(tmp_path)) as other:
        run = session.start([*LIGHT, acquire(36_000)])
        with pytest.raises(SessionError, match="is going on"):
            session.resume_run(run)
        with pytest.raises(StorageError, match="the run is still going on"):
            other.resume_run(run)
        session.abort()


@pytest.mark.parametrize("missing", ["run.json", "sequence.yaml"])
def test_a_run_that_had_not_begun_is_started_anew(killed, missing):
    run = killed(TWO_POINTS, "run_opened")
    (run / missing).unlink()
    with pytest.raises(SessionError, match=f"{missing}: is missing; .* Start it anew"):
        LocalSession.of_run(str(run))


def test_a_run_json_that_does_not_say_what_is_needed_is_refused(killed):
    run = killed(TWO_POINTS, "run_opened")
    record = RunFolder.open(run).read_run_json()
    RunFolder.open(run).write_run_json({key: record[key] for key in record if key not in ("rig", "points")})
    with pytest.raises(SessionError, match=r"run\.json: does not say rig, points; the run cannot be resumed"):
        resume(run)
    RunFolder.open(run).write_run_json(record)
    assert resume(run)["ok"]


def test_a_run_that_was_killed_before_its_journal_was_there_goes_on_from_its_beginning(killed):
    run = killed(TWO_POINTS, "run_opened")
    (run / "journal.jsonl").unlink()
    assert resume(run)["ok"]
    assert started(run) == list(range(1, 9))


def test_another_rig_is_refused_with_what_is_different_unless_it_is_allowed(killed_in_second_point):
    run = killed_in_second_point
    with LocalSession("simulated", str(run.parent), seed=8, sample="two_emitters") as session:
        with pytest.raises(ChangedError) as refused:
            session.resume_run(str(run))
        assert "seed of the simulation: was 7, is now 8" in str(refused.value)
        assert "simulated sample: was 'cdse_cds_table', is now 'two_emitters'" in str(refused.value)
        assert "--allow-changes" in str(refused.value)
        assert RunFolder.open(run).read_run_json()["status"] == "running"
        session.resume_run(str(run), allow_changes=True)
        assert carried_out(session, run)["ok"]
    [resumed] = RunFolder.open(run).read_run_json()["resumed"]
    assert {"what": "seed of the simulation", "then": 7, "now": 8} in resumed["changes"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dead_time: 10 ns", "dead_time: 20 ns", "spad_array, dead_time_ns: was 10.0, is now 20.0"),
        ("jitter_fwhm: 120 ps", "jitter_fwhm: 300 ps", "spad_array, jitter_fwhm_ps: was 120.0, is now 300.0"),
        ("pixel_step: 1.84 nm", "pixel_step: 1.9 nm", "simulated optics, pixel_step_nm: was 1.84, is now 1.9"),
    ],
)
def test_one_changed_number_of_the_rig_is_named(tmp_path, old, new, said):
    shipped = (CONFIGS / "rigs" / "simulated.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    assert old in shipped
    other.write_text(shipped.replace(old, new), encoding="utf-8")
    with open_rig("simulated") as then, open_rig(other) as now:
        found = changes_of_rig(json.loads(json.dumps(then.fingerprint())), now.fingerprint())
    assert [str(change) for change in found] == [said]


def test_the_present_settings_of_instruments_do_not_count_as_changes():
    device = {"manufacturer": "maker", "model": "m", "serial": "1", "firmware": "2", "simulated": False}
    then = {
        "name": "rig",
        "devices": {"laser": {**device, "settings": {"repetition_rate_hz": 1}}},
        "limits": {"heater_c": 100},
    }
    now = {**then, "devices": {"laser": {**device, "settings": {"repetition_rate_hz": 2}}}}
    assert changes_of_rig(then, now) == ()
    now["devices"] = {"laser": {**device, "serial": "7"}, "stage": device}
    said = [str(change) for change in changes_of_rig(then, {**now, "limits": {}})]
    assert said[0] == "laser, serial: was '1', is now '7'"
    assert "limit heater_c: was 100, is now not there" in said
    assert "stage, model: was not there, is now 'm'" in said


@pytest.mark.parametrize("segments_are_kept", [True, False])
def test_a_run_that_was_recovered_meanwhile_goes_on_if_the_segments_are_there(
    killed_in_second_point, segments_are_kept
):
    run = killed_in_second_point
    with LocalSession() as session:
        assert session.recover(str(run))["ok"]
    first, second = (RunFolder.open(run).point(number) for number in (1, 2))
    assert first.photons_h5.exists()
    assert not first.segments.exists()
    assert second.photons_h5.exists()
    assert second.segments.exists()
    assert [(point["label"], point["complete"]) for point in points_of(run)[:1]] == [("first", True)]
    if not segments_are_kept:
        shutil.rmtree(second.segments)
    status = resume(run)
    assert status["ok"]
    seconds = [point["elapsed_s"] for point in points_of(run)]
    if segments_are_kept:
        assert seconds == pytest.approx([2, 3], abs=2e-6)
        assert status["warnings"] == []
    else:
        assert seconds == pytest.approx([2, 2], abs=2e-6)
        assert "point 2 was interrupted and its segments are gone" in status["warnings"][0]
        assert points_of(run)[1]["ending"] == "stopped"


def test_a_file_beside_other_segments_is_not_overwritten(killed_in_second_point):
    run = killed_in_second_point
    with LocalSession() as session:
        session.recover(str(run))
    second = RunFolder.open(run).point(2)
    shutil.copy(RunFolder.open(run).point(1).photons_h5, second.photons_h5)
    with LocalSession.of_run(str(run)) as session, pytest.raises(StorageError, match="does not hold what the segments"):
        session.resume_run(str(run))
    assert second.photons_h5.exists()
