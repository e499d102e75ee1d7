"""Segments: what goes in comes out, and damage at any byte costs only what it hit."""

import errno
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acquisition.analysis.recording import Calibration
from acquisition.storage import segments
from acquisition.storage.blocks import BlockCutter, split_block
from acquisition.storage.context import RecordingContext, RecordingDetails
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.segment_reader import SegmentRecording
from acquisition.storage.segments import SegmentWriter, segment_paths
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.storage.photons import INFO, join, make_blocks, same_photons

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, blocks: list[PhotonBlock], **options: float) -> Path:
    writer = SegmentWriter(folder, INFO, **options)
    for block in blocks:
        writer.append(block)
    writer.close()
    return folder


def test_photons_come_back_as_they_were_appended(tmp_path):
    blocks = make_blocks(5)
    recording = SegmentRecording(write(tmp_path, blocks))
    assert recording.info == INFO
    assert recording.losses() == ()
    assert same_photons(join(recording.blocks()), join(blocks))
    assert [block.gaps for block in recording.blocks()] == [block.gaps for block in blocks]


def test_a_recording_can_be_read_again_and_again(tmp_path):
    recording = SegmentRecording(write(tmp_path, make_blocks(3)))
    assert same_photons(join(recording.blocks()), join(recording.blocks()))


def test_context_comes_back_as_it_was_given(tmp_path):
    wavelength = np.linspace(450.0, 1050.0, INFO.pixel_count)
    mask = np.arange(INFO.pixel_count) % 2 == 0
    context = RecordingContext(
        calibration=Calibration(wavelength_nm=wavelength, pixel_mask=mask),
        simulated=True,
        conditions={"temperature_c": 20.0},
        details=RecordingDetails(sample_name="dot 7"),
    )
    SegmentWriter(tmp_path, INFO, context).close()
    recording = SegmentRecording(tmp_path)
    assert recording.simulated is True
    assert dict(recording.conditions) == {"temperature_c": 20.0}
    assert recording.context.details == context.details
    assert np.array_equal(recording.calibration.wavelength_nm, wavelength)
    assert np.array_equal(recording.calibration.pixel_mask, mask)
    assert recording.calibration.dark_rate_cps is None


@pytest.mark.parametrize(
    "context",
    [
        RecordingContext(calibration=Calibration(wavelength_nm=np.ones(3))),
        RecordingContext(calibration=Calibration(dark_rate_cps=np.full(INFO.pixel_count, np.nan))),
        RecordingContext(conditions={"temperature_c": float("nan")}),
    ],
)
def test_a_context_that_no_reader_could_use_is_refused(tmp_path, context):
    with pytest.raises(StorageError, match=r"wavelength_nm|dark_rate_cps|temperature_c"):
        SegmentWriter(tmp_path, INFO, context)


def test_a_new_segment_is_begun_when_one_is_full(tmp_path):
    blocks = make_blocks(10)
    write(tmp_path, blocks, segment_bytes=4000)
    assert len(segment_paths(tmp_path)) > 3
    assert same_photons(join(SegmentRecording(tmp_path).blocks()), join(blocks))


def test_a_recording_never_overwrites_another(tmp_path):
    write(tmp_path, make_blocks(1))
    with pytest.raises(StorageError, match="never overwrites"):
        SegmentWriter(tmp_path, INFO)


def test_a_block_that_repeats_pulses_is_refused(tmp_path):
    writer = SegmentWriter(tmp_path, INFO)
    blocks = make_blocks(2)
    writer.append(blocks[0])
    with pytest.raises(StorageError, match="must start where the last ended"):
        writer.append(blocks[0])
    writer.append(blocks[1])
    writer.close()
    assert same_photons(join(SegmentRecording(tmp_path).blocks()), join(blocks))


def test_pulses_that_were_never_appended_are_read_as_a_gap(tmp_path):
    blocks = make_blocks(3)
    recording = SegmentRecording(write(tmp_path, [blocks[0], blocks[2]]))
    gap = list(recording.blocks())[1]
    assert (gap.first_pulse, gap.end_pulse, len(gap)) == (blocks[1].first_pulse, blocks[1].end_pulse, 0)
    assert gap.gaps[0].first_pulse == blocks[1].first_pulse
    assert gap.gaps[0].end_pulse == blocks[1].end_pulse


def test_blocks_longer_than_32_bit_pulse_numbers_are_split_not_wrapped(tmp_path):
    last = 3 * 2**32 + 5
    block = PhotonBlock(
        np.array([0, 2**32 - 2, 2**32 - 1, last], np.int64),
        np.arange(4, dtype=np.uint16),
        np.arange(4, dtype=np.uint32),
        0,
        last + 1,
        (Gap(10, 2**33, "overflow"),),
    )
    recording = SegmentRecording(write(tmp_path, [block]))
    assert same_photons(join(recording.blocks()), block)
    gaps = [gap for part in recording.blocks() for gap in part.gaps]
    assert (gaps[0].first_pulse, gaps[-1].end_pulse) == (10, 2**33)


def test_a_full_disk_is_reported_and_costs_nothing_that_was_stored(tmp_path, monkeypatch):
    blocks = make_blocks(4)
    writer = SegmentWriter(tmp_path, INFO)
    writer.append(blocks[0])
    honest = segments._write_all

    def half_then_full(file, data):
        honest(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(segments, "_write_all", half_then_full)
    with pytest.raises(StorageError, match="the disk is full; everything up to pulse 1000 is stored"):
        writer.append(blocks[1])
    with pytest.raises(StorageError, match="is closed"):
        writer.append(blocks[1])
    writer.close()
    assert same_photons(join(SegmentRecording(tmp_path).blocks()), blocks[0])


def test_data_are_flushed_to_the_disk_at_the_interval(tmp_path, monkeypatch):
    flushed = []
    honest = segments.os.fsync
    monkeypatch.setattr(segments.os, "fsync", lambda descriptor: (flushed.append(descriptor), honest(descriptor)))
    writer = SegmentWriter(tmp_path, INFO, sync_interval_s=0.0)
    before = len(flushed)
    for block in make_blocks(3):
        writer.append(block)
    assert len(flushed) - before == 3
    writer.close()


def test_a_killed_recording_says_that_it_was_never_closed(tmp_path):
    writer = SegmentWriter(tmp_path, INFO)
    writer.append(make_blocks(1)[0])
    writer.abandon()
    assert "never closed" in str(SegmentRecording(tmp_path).losses()[0])


def test_a_folder_without_segments_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="holds no readable photon segment"):
        SegmentRecording(tmp_path)


def test_segments_of_different_recordings_are_refused(tmp_path):
    write(tmp_path / "a", make_blocks(1))
    SegmentWriter(tmp_path / "b", PhotonStreamInfo(1e6, True, 20.0, 4)).close()
    segment_paths(tmp_path / "b")[0].rename(tmp_path / "a" / "000001.seg")
    with pytest.raises(RecordingError, match="different recordings"):
        SegmentRecording(tmp_path / "a")


def test_a_missing_segment_is_a_gap_and_the_others_are_read(tmp_path):
    blocks = make_blocks(10)
    write(tmp_path, blocks, segment_bytes=4000)
    segment_paths(tmp_path)[1].unlink()
    assert_only_true_photons(tmp_path, blocks)
    end = list(SegmentRecording(tmp_path).blocks())[-1].end_pulse
    assert end == blocks[-1].end_pulse


def test_the_newest_part_can_be_read_without_the_photons_before_it(tmp_path):
    blocks = make_blocks(9)
    whole = SegmentRecording(write(tmp_path, blocks, segment_bytes=5000))
    assert len(segment_paths(tmp_path)) > 1
    assert same_photons(join(whole.since(blocks[4].first_pulse).blocks()), join(blocks[4:]))
    assert same_photons(join(whole.since(blocks[4].first_pulse + 1).blocks()), join(blocks[4:]))
    assert same_photons(join(whole.blocks()), join(blocks))


def test_how_much_is_recorded_is_known_without_reading_photons(tmp_path):
    recording = SegmentRecording(write(tmp_path, make_blocks(3)))
    outline, extent = recording.outline(), recording.extent()
    assert (outline.photons, outline.end_pulse) == (extent.photons, extent.end_pulse) == (600, 3000)


def test_a_damaged_block_costs_only_itself(tmp_path):
    blocks = make_blocks(3)
    path = segment_paths(write(tmp_path, blocks))[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    loss = SegmentRecording(tmp_path).losses()[0]
    assert (loss.first_pulse, loss.end_pulse) == (blocks[1].first_pulse, blocks[1].end_pulse)
    read = list(SegmentRecording(tmp_path).blocks())
    assert same_photons(read[0], blocks[0])
    assert same_photons(read[2], blocks[2])
    assert read[1].gaps[0].reason == "lost in storage: the photons of a block are damaged"


def assert_only_true_photons(folder: Path, blocks: list[PhotonBlock]) -> None:
    """Each photon that is read is one that was written, and whatever is missing is covered by a gap or cut off."""
    truth = join(blocks)
    try:
        recording = SegmentRecording(folder)
    except RecordingError:
        return
    end = 0
    for block in recording.blocks():
        assert block.first_pulse == end
        end = block.end_pulse
        part = (truth.pulse >= block.first_pulse) & (truth.pulse < block.end_pulse)
        if not any("lost in storage" in gap.reason for gap in block.gaps):
            assert np.array_equal(block.pulse, truth.pulse[part])
            assert np.array_equal(block.pixel, truth.pixel[part])
            assert np.array_equal(block.delay_ps, truth.delay_ps[part])
        else:
            assert len(block) == 0


def test_a_kill_at_any_byte_leaves_only_true_photons(tmp_path):
    blocks = make_blocks(2, photons=12)
    path = segment_paths(write(tmp_path, blocks))[0]
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert_only_true_photons(tmp_path, blocks)
        if length > 600:
            assert SegmentRecording(tmp_path).losses()


@quick
@given(position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), segment=st.integers(0, 3))
def test_a_flipped_byte_anywhere_never_makes_wrong_photons(tmp_path_factory, position, flip, segment):
    folder, blocks = tmp_path_factory.mktemp("flip"), make_blocks(8, photons=60)
    path = segment_paths(write(folder, blocks, segment_bytes=1600))[segment]
    data = bytearray(path.read_bytes())
    data[int(position * len(data))] ^= flip
    path.write_bytes(data)
    assert_only_true_photons(folder, blocks)
    assert SegmentRecording(folder).losses()


@quick
@given(garbage=st.binary(max_size=200))
def test_garbage_at_the_end_is_named_and_left_out(tmp_path_factory, garbage):
    folder, blocks = tmp_path_factory.mktemp("garbage"), make_blocks(2, photons=20)
    path = segment_paths(write(folder, blocks))[0]
    path.write_bytes(path.read_bytes() + garbage)
    assert same_photons(join(SegmentRecording(folder).blocks()), join(blocks))
    assert bool(SegmentRecording(folder).losses()) == bool(garbage)


pulses = st.lists(st.integers(0, 400), max_size=80).map(sorted)


@quick
@given(pulses=pulses, max_photons=st.integers(1, 20), max_pulses=st.integers(1, 500))
def test_a_split_block_is_the_same_block(pulses, max_photons, max_pulses):
    n = len(pulses)
    block = PhotonBlock(
        np.array(pulses, np.int64), np.arange(n, dtype=np.uint16), np.arange(n, dtype=np.uint32), 0, 401
    )
    parts = list(split_block(block, max_pulses, max_photons))
    assert same_photons(join(parts), block)
    assert all(part.end_pulse - part.first_pulse <= max_pulses for part in parts)
    assert all(len(part) <= max_photons or part.pulse[0] == part.pulse[-1] for part in parts)


@quick
@given(pulses=pulses, sizes=st.lists(st.integers(0, 30), max_size=20))
def test_columns_cut_anywhere_give_blocks_that_keep_pulses_whole(pulses, sizes):
    n = len(pulses)
    whole = PhotonBlock(
        np.array(pulses, np.int64), np.arange(n, dtype=np.uint16), np.arange(n, dtype=np.uint32), 0, 500
    )
    cutter, blocks = BlockCutter((Gap(0, 500, "test"),)), []
    edges = [0, *np.minimum(np.cumsum(sizes, dtype=int), n).tolist(), n]
    for start, stop in itertools.pairwise(edges):
        block = cutter.add(whole.pulse[start:stop], whole.pixel[start:stop], whole.delay_ps[start:stop])
        blocks += [block] if block else []
    blocks.append(cutter.finish(500))
    assert same_photons(join(blocks), whole)
    assert all(block.gaps == (Gap(block.first_pulse, block.end_pulse, "test"),) for block in blocks)
