"""Run folders, recorder, recovery: nothing is overwritten, and a killed run is made whole."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from acquisition.storage import (
    Journal,
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
    write_photon_hdf5,
)
from acquisition.storage import files as files_module
from acquisition.storage import journal as journal_module
from acquisition.storage import recorder as recorder_module
from acquisition.storage import run_folder as run_folder_module
from acquisition.storage.segments import segment_path
from drivers.interfaces.photons import Gap
from tests.storage.photons import INFO, MemoryRecording, join, make_blocks, same_photons

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
    assert recover(run.path).points[0].status == "recovered"


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
    result = recover(run.path)
    assert result.ok
    assert result.points[0].status == "recovered"
    assert result.points[0].photons == 600
    assert "never closed" in result.points[0].losses[0]
    recording = PhotonHdf5Recording(run.point(1).photons_h5)
    assert recording.simulated is True
    assert recording.conditions["temperature_c"] == 60.0
    assert same_photons(join(recording.blocks()), join(make_blocks(3)))
    assert not run.point(1).segments.exists()


def test_a_recovered_file_says_that_the_recording_was_cut_off(run):
    kill_after(run, 3)
    before = [gap for block in SegmentRecording(run.point(1).segments).blocks() for gap in block.gaps]
    recover(run.path)
    after = [gap for block in PhotonHdf5Recording(run.point(1).photons_h5).blocks() for gap in block.gaps]
    assert after == before
    assert after[1:] == [Gap(3000, 3000, "the recording was cut off after pulse 3000; it was never closed")]


def test_photons_that_cannot_be_made_a_file_are_counted_and_stay(run, monkeypatch):
    def refuse(path, recording, details):
        raise StorageError(f"{path}: cannot be written: No space left on device")

    kill_after(run, 3)
    monkeypatch.setattr(recovery, "write_photon_hdf5", refuse)
    [point] = recover(run.path).points
    assert (point.status, point.photons) == ("failed", 600)
    assert "No space left on device; 600 photons are kept in" in point.message


def test_recovering_twice_changes_nothing(run):
    kill_after(run, 2)
    recover(run.path)
    before = run.point(1).photons_h5.read_bytes()
    assert recover(run.path).points[0].status == "complete"
    assert run.point(1).photons_h5.read_bytes() == before


def test_a_kill_between_file_and_removal_of_the_segments_is_made_good(run):
    recorder = Recorder(run.new_point(), INFO, keep_segments=True)
    recorder.append(make_blocks(1)[0])
    recorder.finish()
    assert recover(run.path).points[0].status == "complete"
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
    first = recover(run.path).points[0]
    assert first.status == "failed"
    assert "does not hold what the segments beside it hold" in first.message


def test_damage_is_a_gap_in_the_file_and_the_segments_are_kept(run):
    kill_after(run, 3)
    path = segment_path(run.point(1).segments, 0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    point = recover(run.path).points[0]
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
    assert [point.status for point in recover(run.path).points] == ["empty", "failed", "recovered"]


def test_a_point_that_is_still_being_recorded_is_left_alone_however_long_it_pauses(run):
    blocks = make_blocks(3)
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(blocks[0])
    point = recover(run.path).points[0]
    assert point.status == "failed"
    assert "still being recorded" in point.message
    assert not run.point(1).photons_h5.exists()
    for block in blocks[1:]:
        recorder.append(block)
    recorder.finish()
    assert same_photons(join(open_recording(run.path).blocks()), join(blocks))


def test_a_run_that_is_going_on_is_left_alone_between_its_points(run):
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    recorder.close()
    with Journal(run.journal), pytest.raises(StorageError, match="still going on"):
        recover(run.path)
    assert not run.point(1).photons_h5.exists()
    assert recover(run.path).points[0].status == "recovered"


def test_a_file_that_was_made_by_another_program_is_compared_with_what_was_recorded(run):
    blocks = make_blocks(2)
    recorder = Recorder(run.new_point(), INFO)
    for block in blocks:
        recorder.append(block)
    write_photon_hdf5(run.point(1).photons_h5, MemoryRecording(blocks[:1]))
    with pytest.raises(StorageError, match="holds 200 photons in 1000 pulses, but 400 in 2000 were recorded"):
        recorder.finish()
    assert same_photons(join(SegmentRecording(run.point(1).segments).blocks()), join(blocks))


def test_a_recording_that_was_recovered_meanwhile_is_finished(run):
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    recorder.close()
    recover(run.path)
    recorder.finish()
    assert same_photons(join(open_recording(run.path).blocks()), make_blocks(1)[0])


def test_the_names_of_all_new_folders_and_of_the_journal_are_put_on_the_disk(tmp_path, monkeypatch):
    synced: list[Path] = []
    for module in (files_module, run_folder_module, journal_module):
        monkeypatch.setattr(module, "sync_folder", synced.append)
    run = RunFolder.create(tmp_path / "group" / "runs", "dot", STARTED)
    point = run.new_point()
    Recorder(point, INFO).abandon()
    Journal(run.journal).close()
    runs = tmp_path / "group" / "runs"
    parents = {tmp_path, tmp_path / "group", runs, run.path, run.path / "points", point.path}
    assert parents <= set(synced)
    assert synced.count(run.path) == 2


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
    assert recover(run.path).points[0].photons == 1200


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
