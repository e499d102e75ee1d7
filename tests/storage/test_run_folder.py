"""Run folders, recorder, recovery: nothing is overwritten, and a killed run is made whole."""

import errno
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from acquisition.storage import (
    PhotonHdf5Recording,
    Recorder,
    RecordingContext,
    RecordingDetails,
    RecordingError,
    RunFolder,
    SegmentRecording,
    StorageError,
    open_recording,
    recover,
    recovery,
    write_json,
)
from acquisition.storage import files as files_module
from acquisition.storage import recorder as recorder_module
from acquisition.storage.segments import segment_path
from tests.storage.photons import INFO, join, make_blocks, same_photons

STARTED = datetime(2026, 11, 20, 22, 15, 3)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs", "cascade_dot07", STARTED)


def kill_after(run: RunFolder, count: int, **context) -> None:
    """Record some blocks and leave them as a killed process would."""
    recorder = Recorder(run.new_point(), INFO, RecordingContext(**context))
    for block in make_blocks(count):
        recorder.append(block)
    recorder._writer._file.close()


def test_the_name_says_when_and_what(run):
    assert run.path.name == "2026-11-20T221503_cascade_dot07"


def test_a_run_never_overwrites_another(tmp_path, run):
    again = RunFolder.create(tmp_path / "runs", "cascade_dot07", STARTED)
    assert again.path.name == "2026-11-20T221503_cascade_dot07_2"


def test_a_name_is_made_fit_for_every_file_system(tmp_path):
    path = RunFolder.create(tmp_path, 'a/b: "c"?..', STARTED).path
    assert path.parent == tmp_path
    assert path.name == "2026-11-20T221503_a-b-c"


def test_points_are_numbered_from_one(run):
    assert [run.new_point().path.name, run.new_point().path.name] == ["0001", "0002"]
    assert [point.number for point in run.points()] == [1, 2]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="no run folder"):
        RunFolder.open(tmp_path)
    with pytest.raises(RecordingError, match="does not exist"):
        RunFolder.open(tmp_path / "nowhere")


def test_run_json_comes_back(run):
    run.write_run_json({"sample": "dot 7", "simulated": True})
    assert run.read_run_json() == {"sample": "dot 7", "simulated": True}
    assert run.read_truth() is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_json_holds_only_plain_finite_values(tmp_path, value):
    path = tmp_path / "results.json"
    write_json(path, {"old": 1})
    with pytest.raises(StorageError, match=r"results\.json"):
        write_json(path, {"value": value})
    assert json.loads(path.read_text()) == {"old": 1}


def test_json_is_the_old_or_the_new_when_the_disk_is_full(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_json(path, {"old": 1})

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files_module.os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_json(path, {"new": 2})
    assert json.loads(path.read_text()) == {"old": 1}


@pytest.mark.parametrize("content", ["", "{", "[1, 2]"])
def test_broken_json_is_named(run, content):
    run.run_json.write_text(content)
    with pytest.raises(RecordingError, match=r"run\.json"):
        run.read_run_json()


def test_a_recording_ends_as_a_file_and_the_segments_go(run):
    point, blocks = run.new_point(), make_blocks(4)
    recorder = Recorder(point, INFO, RecordingContext(simulated=True, details=RecordingDetails(sample_name="dot 7")))
    for block in blocks:
        recorder.append(block)
    recorder.finish()
    recorder.finish()
    assert recorder.photons == sum(map(len, blocks))
    assert sorted(path.name for path in point.path.iterdir()) == ["photons.h5"]
    recording = open_recording(run.path)
    assert recording.simulated is True
    assert same_photons(join(recording.blocks()), join(blocks))


def test_the_file_can_be_made_later_than_the_recording_is_closed(run):
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    recorder.close()
    assert SegmentRecording(run.point(1).segments).losses() == ()
    recorder.finish()
    assert same_photons(join(open_recording(run.path).blocks()), make_blocks(1)[0])


def test_segments_stay_if_wanted(run):
    recorder = Recorder(run.new_point(), INFO, keep_segments=True)
    recorder.append(make_blocks(1)[0])
    recorder.finish()
    assert run.point(1).photons_h5.exists()
    assert SegmentRecording(run.point(1).segments).losses() == ()


def test_segments_stay_until_the_file_is_verified(run, monkeypatch):
    def fails(path, recording, details):
        raise StorageError("the disk is full")

    monkeypatch.setattr(recorder_module, "write_photon_hdf5", fails)
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    with pytest.raises(StorageError, match="the disk is full"):
        recorder.finish()
    assert same_photons(join(SegmentRecording(run.point(1).segments).blocks()), make_blocks(1)[0])


def test_an_abandoned_recording_can_be_read_and_recovered(run):
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    recorder.abandon()
    with pytest.raises(StorageError, match="abandoned"):
        recorder.finish()
    assert same_photons(join(open_recording(run.path).blocks()), make_blocks(1)[0])
    assert recover(run.path, watch_s=0.0).points[0].status == "recovered"


def test_a_point_is_never_recorded_twice(run):
    point = run.new_point()
    Recorder(point, INFO).abandon()
    with pytest.raises(StorageError, match="never overwrites"):
        Recorder(point, INFO)


def test_an_acquisition_without_a_photon_is_a_file_too(run):
    Recorder(run.new_point(), INFO).finish()
    assert list(open_recording(run.path).blocks()) == []


def test_a_killed_run_is_recovered_with_everything_that_was_known(run):
    kill_after(run, 3, simulated=True, conditions={"temperature_c": 60.0})
    result = recover(run.path, watch_s=0.0)
    assert result.ok
    assert result.points[0].status == "recovered"
    assert result.points[0].photons == 600
    assert "never closed" in result.points[0].losses[0]
    recording = PhotonHdf5Recording(run.point(1).photons_h5)
    assert recording.simulated is True
    assert recording.conditions["temperature_c"] == 60.0
    assert same_photons(join(recording.blocks()), join(make_blocks(3)))
    assert not run.point(1).segments.exists()


def test_recovering_twice_changes_nothing(run):
    kill_after(run, 2)
    recover(run.path, watch_s=0.0)
    before = run.point(1).photons_h5.read_bytes()
    assert recover(run.path, watch_s=0.0).points[0].status == "complete"
    assert run.point(1).photons_h5.read_bytes() == before


def test_a_kill_between_file_and_removal_of_the_segments_is_made_good(run):
    recorder = Recorder(run.new_point(), INFO, keep_segments=True)
    recorder.append(make_blocks(1)[0])
    recorder.finish()
    assert recover(run.path, watch_s=0.0).points[0].status == "complete"
    assert not run.point(1).segments.exists()


def test_a_file_that_differs_from_its_segments_is_not_trusted(run):
    recorder = Recorder(run.new_point(), INFO, keep_segments=True)
    recorder.append(make_blocks(1)[0])
    recorder.finish()
    segment_path(run.point(1).segments, 0).unlink()
    other = Recorder(run.new_point(), INFO)
    other.append(make_blocks(2)[0])
    other.append(make_blocks(2)[1])
    other.abandon()
    segment_path(run.point(2).segments, 0).rename(segment_path(run.point(1).segments, 0))
    first = recover(run.path, watch_s=0.0).points[0]
    assert first.status == "failed"
    assert "does not hold what the segments beside it hold" in first.message


def test_damage_is_a_gap_in_the_file_and_the_segments_are_kept(run):
    kill_after(run, 3)
    path = segment_path(run.point(1).segments, 0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    point = recover(run.path, watch_s=0.0).points[0]
    assert point.status == "recovered"
    assert "pulses 1000 to 2000 are lost" in point.losses[0]
    gaps = [gap for block in open_recording(run.path).blocks() for gap in block.gaps]
    assert (gaps[0].first_pulse, gaps[0].end_pulse) == (1000, 2000)
    assert path.exists()


def test_a_point_killed_before_its_first_byte_does_not_stop_the_others(run):
    run.new_point()
    run.new_point().segments.mkdir()
    segment_path(run.point(2).segments, 0).write_bytes(b"CSCO")
    kill_after(run, 1)
    assert [point.status for point in recover(run.path, watch_s=0.0).points] == ["empty", "failed", "recovered"]


def test_a_run_that_is_still_being_recorded_is_left_alone(run, monkeypatch):
    recorder = Recorder(run.new_point(), INFO)
    blocks = iter(make_blocks(5))
    monkeypatch.setattr(recovery, "_pause", lambda duration_s: recorder.append(next(blocks)))
    point = recover(run.path).points[0]
    assert point.status == "failed"
    assert "still being recorded" in point.message
    assert not run.point(1).photons_h5.exists()
    recorder.abandon()


def test_a_process_that_is_killed_loses_no_block_that_it_appended(run):
    script = """
import os, sys
from pathlib import Path
from acquisition.storage import PointFolder, Recorder
from tests.storage.photons import INFO, make_blocks
recorder = Recorder(PointFolder(Path(sys.argv[1])), INFO)
for block in make_blocks(6):
    recorder.append(block)
os._exit(9)
"""
    point = run.new_point()
    done = subprocess.run([sys.executable, "-c", script, str(point.path)], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 9
    assert recover(run.path, watch_s=0.0).points[0].photons == 1200


def test_a_run_of_several_points_asks_for_one(run):
    kill_after(run, 1)
    kill_after(run, 2)
    with pytest.raises(RecordingError, match="has 2 points; name one"):
        open_recording(run.path)
    assert join(open_recording(run.point(2).path).blocks()).end_pulse == 2000


def test_what_cannot_be_opened_says_what_can(tmp_path, run):
    (tmp_path / "notes.txt").write_text("hello")
    for path, words in [
        (tmp_path / "nowhere.h5", "does not exist"),
        (tmp_path / "notes.txt", r"files of the kind \.txt are not read"),
        (tmp_path, "holds no photons"),
        (run.path, "no point of this run was recorded"),
    ]:
        with pytest.raises(RecordingError, match=words):
            open_recording(path)
