"""A point that was interrupted is continued: nothing that was readable changes, and what is lost is named."""

import itertools
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acquisition.analysis.recording import Calibration
from acquisition.storage import (
    PhotonHdf5Recording,
    Recorder,
    RecordingContext,
    RunFolder,
    SegmentRecording,
    StorageError,
    open_point,
    recover,
)
from acquisition.storage.run_folder import PointFolder
from acquisition.storage.segments import segment_path, segment_paths
from acquisition.streaming import AcquisitionResult, acquire
from acquisition.streaming.parts import LIGHT_WENT_OFF, Part
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.storage.photons import INFO, join, make_blocks, same_photons
from tests.streaming.fakes import FakeSpadArray

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = RecordingContext(
    Calibration(pixel_mask=np.arange(320) > 3, dark_rate_cps=np.arange(320)), simulated=True, conditions={"t_c": 60}
)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path, "dot", datetime(2026, 11, 20))


def give(recorder: Recorder, blocks: list[PhotonBlock], interruption: str = "paused") -> list[PhotonBlock]:
    """Record blocks that count from 0 as one part, and return them as they are stored."""
    part = Part(recorder.first_pulse, interruption)
    placed = [part.placed(block, first=number == 0) for number, block in enumerate(blocks)]
    for block in placed:
        recorder.append(block)
    return placed


def begin(point: PointFolder, blocks: list[PhotonBlock]) -> Recorder:
    recorder = Recorder(point, INFO, CONTEXT)
    give(recorder, blocks)
    recorder.close()
    return recorder


def gaps_of(recording: SegmentRecording | PhotonHdf5Recording) -> list[Gap]:
    return [gap for block in recording.blocks() for gap in block.gaps if gap.reason != "overflow"]


@pytest.mark.parametrize("same_process", [True, False])
def test_parts_become_one_recording_with_the_interruptions_marked(run: RunFolder, same_process: bool) -> None:
    point = run.new_point()
    recorder = Recorder(point, INFO, CONTEXT)
    stored = give(recorder, make_blocks(3))
    for number, why in enumerate(("paused for 5 s", "paused for 312 s"), 1):
        if same_process:
            recorder = recorder.continued(INFO)
        else:
            recorder.close()
            recorder = Recorder.continue_(point, INFO, CONTEXT)
        assert recorder.first_pulse == 3000 * number + number
        assert recorder.photons == 600 * number
        assert recorder.elapsed_s == pytest.approx(3000e-6 * number, abs=3e-6)
        stored += give(recorder, make_blocks(3, seed=number + 1), why)
    assert recorder.extent.photons == 1800
    assert (recorder.extent.gaps, recorder.extent.lost_pulses) == (5, 8)  # three overflows of two pulses, two pauses
    recorder.finish()
    assert [path.name for path in point.path.iterdir()] == ["photons.h5"]
    file = PhotonHdf5Recording(point.photons_h5)
    assert same_photons(join(file.blocks()), join(stored))
    assert gaps_of(file) == [Gap(3000, 3001, "paused for 5 s"), Gap(6001, 6002, "paused for 312 s")]
    assert file.simulated is True
    assert dict(file.conditions) == {"t_c": 60.0}


def test_the_segments_of_the_parts_before_do_not_change(run: RunFolder) -> None:
    point = run.new_point()
    begin(point, make_blocks(3))
    before = segment_path(point.segments, 0).read_bytes()
    whole = join(SegmentRecording(point.segments).blocks())
    recorder = Recorder.continue_(point, INFO, CONTEXT)
    give(recorder, make_blocks(2))
    recorder.close()
    assert segment_path(point.segments, 0).read_bytes() == before
    again = [block for block in SegmentRecording(point.segments).blocks() if block.end_pulse <= 3000]
    assert same_photons(join(block for block in again if block.end_pulse > block.first_pulse), whole)
    assert len(segment_paths(point.segments)) == 2


def test_a_recording_killed_at_any_byte_is_continued_without_loss_of_what_was_readable(run: RunFolder) -> None:
    point = run.new_point()
    begin(point, make_blocks(2, photons=12))
    data = segment_path(point.segments, 0).read_bytes()
    later = make_blocks(1, photons=9, seed=5)
    for length in range(0, len(data), 7):
        for path in segment_paths(point.segments):
            path.unlink()
        segment_path(point.segments, 0).write_bytes(data[:length])
        recorder = Recorder.continue_(point, INFO, CONTEXT)
        blocks = 0 if not recorder.first_pulse else (recorder.first_pulse - 1) // 1000
        stored = make_blocks(2, photons=12)[:blocks] + give(recorder, later)
        recorder.close()
        recording = SegmentRecording(point.segments)
        assert same_photons(join(recording.blocks()), join(stored))
        losses = recording.losses()
        if blocks:
            assert losses[-1].unclosed
            assert "continued later" in losses[-1].reason
            cut = Gap(blocks * 1000, blocks * 1000, gaps_of(recording)[0].reason)
            assert gaps_of(recording) == [cut, Gap(blocks * 1000, blocks * 1000 + 1, "paused")]
        if recorder.losses and not all(loss.unclosed for loss in recorder.losses):
            assert any("ends in the middle" in loss.reason for loss in losses)


def test_a_torn_tail_is_named_in_the_file_and_its_segments_are_kept(run: RunFolder) -> None:
    point = run.new_point()
    begin(point, make_blocks(2))
    path = segment_path(point.segments, 0)
    path.write_bytes(path.read_bytes()[:-100])
    recorder = Recorder.continue_(point, INFO, CONTEXT)
    assert recorder.first_pulse == 1001
    assert "ends in the middle" in str(recorder.losses[0])
    stored = make_blocks(2)[:1] + give(recorder, make_blocks(2, seed=3), "the program was killed")
    recorder.finish()
    file = PhotonHdf5Recording(point.photons_h5)
    assert same_photons(join(file.blocks()), join(stored))
    said = "the recording was cut off after pulse 1000; it was continued later (it ends in the middle)"
    assert gaps_of(file) == [Gap(1000, 1000, said), Gap(1000, 1001, "the program was killed")]
    assert path.exists()
    assert [(found.status, found.photons) for found in recover(run.path).points] == [("complete", file_photons(file))]


def file_photons(recording: PhotonHdf5Recording) -> int:
    return sum(len(block) for block in recording.blocks())


KILLED_RECORDER = """
import os, sys
from pathlib import Path
from acquisition.storage import Recorder
from acquisition.storage.run_folder import PointFolder
from tests.storage.photons import INFO
from tests.storage.test_continuing import CONTEXT, give, make_blocks
recorder = Recorder.continue_(PointFolder(Path(sys.argv[1])), INFO, CONTEXT)
give(recorder, make_blocks(2, seed=int(sys.argv[2])), "the program was killed")
os._exit(9)
"""


def test_a_recorder_that_is_killed_again_and_again_is_recovered_whole(run: RunFolder) -> None:
    point, stored = run.new_point(), []
    for seed in (1, 2):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_RECORDER, str(point.path), str(seed)], cwd=ROOT, timeout=60, check=False
        )
        assert killed.returncode == 9
        part = Part(2001 * (seed - 1), "the program was killed")
        stored += [part.placed(block, first=not i) for i, block in enumerate(make_blocks(2, seed=seed))]
    result = recover(run.path).points[0]
    assert (result.status, result.photons) == ("recovered", 800)
    assert len(result.losses) == 2
    file = PhotonHdf5Recording(point.photons_h5)
    assert same_photons(join(file.blocks()), join(stored))
    assert [gap.reason.split(";")[-1] for gap in gaps_of(file)] == [
        " it was continued later",
        "the program was killed",
        " it was never closed",
    ]


def test_a_point_where_nothing_was_recorded_begins(run: RunFolder) -> None:
    recorder = Recorder.continue_(run.new_point(), INFO, CONTEXT)
    assert (recorder.first_pulse, recorder.photons, recorder.elapsed_s) == (0, 0, 0.0)
    give(recorder, make_blocks(2))
    recorder.finish()
    assert gaps_of(PhotonHdf5Recording(run.point(1).photons_h5)) == []


def test_a_part_that_ended_before_its_first_block_leaves_no_trace(run: RunFolder) -> None:
    recorder = Recorder(run.new_point(), INFO, CONTEXT)
    for _ in range(2):
        recorder = recorder.continued(INFO)
    assert recorder.first_pulse == 0
    give(recorder, make_blocks(2))
    recorder.finish()
    assert gaps_of(PhotonHdf5Recording(run.point(1).photons_h5)) == []


@pytest.mark.parametrize(
    ("now", "message"),
    [
        (
            PhotonStreamInfo(1.0011e6, True, 20.0, 320),
            r"another laser period: 1000000 ps recorded, 1001100 ps now.*1 MHz",
        ),
        (PhotonStreamInfo(float("nan"), True, 20.0, 320), "another laser period"),
        (PhotonStreamInfo(1e6, True, 20.0, 64), "other pixels of the detector: 320 recorded, 64 now"),
        (PhotonStreamInfo(1e6, True, 16.0, 320), "other steps of the delay in ps: 20.0 recorded, 16.0 now"),
        (PhotonStreamInfo(1e6, False, 20.0, 320), "other delays counted from a laser pulse"),
    ],
)
def test_another_stream_is_refused_and_nothing_is_written(run: RunFolder, now: PhotonStreamInfo, message: str) -> None:
    recorder = begin(run.new_point(), make_blocks(1))
    for go_on in (lambda: Recorder.continue_(run.point(1), now, CONTEXT), lambda: recorder.continued(now)):
        with pytest.raises(StorageError, match=message):
            go_on()
    assert len(segment_paths(run.point(1).segments)) == 1
    recorder.finish()


def test_a_period_that_was_measured_anew_is_the_same_period(run: RunFolder) -> None:
    begin(run.new_point(), make_blocks(1))
    recorder = Recorder.continue_(run.point(1), PhotonStreamInfo(1.0005e6, True, 20.0, 320), CONTEXT)
    give(recorder, make_blocks(1))
    recorder.finish()
    assert open_point(run.point(1)).info == INFO


def test_real_photons_are_not_added_to_simulated_ones(run: RunFolder) -> None:
    begin(run.new_point(), make_blocks(1))
    with pytest.raises(StorageError, match="simulated instruments and cannot be continued with real ones"):
        Recorder.continue_(run.point(1), INFO, RecordingContext(simulated=False))


def test_a_complete_point_is_not_continued(run: RunFolder) -> None:
    recorder = begin(run.new_point(), make_blocks(1))
    recorder.finish()
    for go_on in (lambda: Recorder.continue_(run.point(1), INFO), lambda: recorder.continued(INFO)):
        with pytest.raises(StorageError, match="is complete"):
            go_on()


def test_a_point_that_is_being_recorded_is_not_continued_by_another(run: RunFolder) -> None:
    recorder = Recorder(run.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    with pytest.raises(StorageError, match="still being recorded"):
        Recorder.continue_(run.point(1), INFO)
    recorder.close()


def test_only_the_recorder_of_the_last_part_makes_the_file(run: RunFolder) -> None:
    first = begin(run.new_point(), make_blocks(1))
    last = first.continued(INFO)
    with pytest.raises(StorageError, match="has gone on in a further part"):
        first.finish()
    last.finish()
    assert run.point(1).photons_h5.exists()


def test_a_recording_that_a_full_disk_has_ended_can_be_continued(run: RunFolder) -> None:
    recorder = Recorder(run.new_point(), INFO, CONTEXT)
    give(recorder, make_blocks(2))
    recorder.abandon()
    with pytest.raises(StorageError, match="abandoned"):
        recorder.finish()
    more = recorder.continued(INFO)
    give(more, make_blocks(1))
    more.finish()
    assert "continued later" in gaps_of(PhotonHdf5Recording(run.point(1).photons_h5))[0].reason


@quick
@given(data=st.data())
def test_any_split_into_parts_leaves_the_photons_as_they_are(run: RunFolder, data: st.DataObject) -> None:
    blocks = make_blocks(6, photons=20, pulses=100)
    cuts = sorted(data.draw(st.sets(st.integers(1, 5))))
    new_process = data.draw(st.lists(st.booleans(), min_size=6, max_size=6))
    point = run.new_point()
    recorder = Recorder(point, INFO, CONTEXT)
    edges = [0, *cuts, 6]
    for number, (first, end) in enumerate(itertools.pairwise(edges)):
        if number and new_process[number]:
            recorder.close()
            recorder = Recorder.continue_(point, INFO, CONTEXT)
        elif number:
            recorder = recorder.continued(INFO)
        give(recorder, [moved(block, -first * 100) for block in blocks[first:end]])
    recorder.close()
    stored = join(SegmentRecording(point.segments).blocks())
    whole = join(blocks)
    assert np.array_equal(stored.pixel, whole.pixel)
    assert np.array_equal(stored.delay_ps, whole.delay_ps)
    pauses = np.searchsorted(np.array(cuts) * 100, whole.pulse, side="right")
    assert np.array_equal(stored.pulse, whole.pulse + pauses)
    recorder.finish()
    assert same_photons(join(PhotonHdf5Recording(point.photons_h5).blocks()), stored)


def moved(block: PhotonBlock, by: int) -> PhotonBlock:
    """Return a block with its pulses and gaps `by` later."""
    gaps = tuple(Gap(gap.first_pulse + by, gap.end_pulse + by, gap.reason) for gap in block.gaps)
    return PhotonBlock(
        block.pulse + by, block.pixel, block.delay_ps, block.first_pulse + by, block.end_pulse + by, gaps
    )


def test_a_recording_can_be_read_while_it_is_written_up_to_its_last_complete_block(run: RunFolder) -> None:
    blocks = make_blocks(40, photons=300)
    recorder = Recorder(run.new_point(), INFO)
    give(recorder, blocks[:1])
    started, failed = threading.Event(), []

    def write() -> None:
        for block in blocks[1:]:
            recorder.append(block)
            started.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert started.wait(10)
    lengths = []
    while writer.is_alive() or not lengths:
        seen = recorder.so_far()
        once, again = join(seen.blocks()), join(seen.blocks())
        failed += [] if same_photons(once, again) else ["changed"]
        failed += [str(loss) for loss in seen.losses()]
        lengths.append(once.end_pulse // 1000)
        assert same_photons(once, join(blocks[: lengths[-1]]))
    writer.join(10)
    assert failed == []
    assert lengths == sorted(lengths)
    assert same_photons(join(recorder.so_far().blocks()), join(blocks))
    recorder.close()


def test_the_half_of_a_block_that_is_being_written_is_no_loss_of_what_is_there_so_far(run: RunFolder) -> None:
    recorder = Recorder(run.new_point(), INFO)
    give(recorder, make_blocks(2))
    path = segment_path(run.point(1).segments, 0)
    with path.open("ab") as file:
        file.write(b"BLCK" + bytes(30))
    seen = SegmentRecording.so_far(run.point(1).segments)
    assert same_photons(join(seen.blocks()), join(make_blocks(2)))
    assert seen.losses() == ()
    recorder.abandon()


def test_a_recording_without_blocks_is_empty_so_far(run: RunFolder) -> None:
    recorder = Recorder(run.new_point(), INFO)
    assert list(recorder.so_far().blocks()) == []
    assert list(SegmentRecording.so_far(run.point(1).segments).blocks()) == []
    recorder.close()


def test_a_paused_acquisition_is_recorded_as_two_parts_of_one_point(run: RunFolder) -> None:
    stop, dark = threading.Event(), threading.Event()

    def pause(number: int) -> None:
        if number == 2:
            stop.set()
            assert dark.wait(10)

    def light_off() -> bool:
        dark.set()
        return True

    recorder = Recorder(run.new_point(), INFO, CONTEXT)
    first = PartRecorder(recorder)
    before = acquire(FakeSpadArray(before_block=pause), 1.0, INFO, first, stop=stop, on_stop=light_off)
    recorder = recorder.continued(INFO)
    after = acquire(
        FakeSpadArray(),
        1.0 - before.elapsed_s,
        INFO,
        PartRecorder(recorder),
        stop=threading.Event(),
        first_pulse=recorder.first_pulse,
        interruption="paused for 312 s",
    )
    recorder.finish()
    whole, file = AcquisitionResult.joined((before, after)), PhotonHdf5Recording(run.point(1).photons_h5)
    assert whole.elapsed_s == pytest.approx(1.0)
    assert (whole.recorded_photons, whole.end_pulse) == (recorder.photons, recorder.extent.end_pulse)
    assert (whole.gaps, whole.lost_pulses) == (recorder.extent.gaps, recorder.extent.lost_pulses)
    assert gaps_of(file) == [Gap(200_000, 300_000, LIGHT_WENT_OFF), Gap(300_000, 300_001, "paused for 312 s")]
    assert file_photons(file) == 10_000


class PartRecorder:
    """Closes the segments at the end of a part and leaves the file for later, as a session does."""

    def __init__(self, recorder: Recorder) -> None:
        self.append, self.finish, self.abandon = recorder.append, recorder.close, recorder.abandon
