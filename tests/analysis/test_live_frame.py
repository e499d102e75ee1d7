"""Frames of a running stream say what the stream holds, however it is cut into blocks, and change nothing."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.analysis.live import LiveAnalysis
from acquisition.analysis.live_frame import LiveFrames
from acquisition.analysis.recording import Calibration
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.analysis.recordings import dark_stream
from tests.analysis.simulated import minute
from tests.analysis.test_live import whole_stream

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=40)


def frame_of(blocks, info, calibration=None, skipped=()):
    analysis = LiveAnalysis(info, calibration or Calibration())
    frames = LiveFrames(analysis)
    for number, block in enumerate(blocks):
        if number not in skipped:
            analysis.update(block)
            frames.update(block)
    return frames.frame()


@pytest.fixture(scope="module")
def photons():
    return whole_stream(minute().recording.stored[:30])


@pytest.fixture(scope="module")
def lit():
    recording = minute().recording
    return frame_of(recording.stored[:30], recording.info, recording.calibration)


def test_the_trace_holds_every_photon_of_the_array(lit, photons):
    bins = lit.trace.bins
    assert len(bins) == 30.0 / 0.04
    assert bins["array_counts"].sum() == len(photons.pulse)
    assert np.array_equal(bins["array_counts"], np.bincount(photons.pulse // 40_000))
    assert not bins["lost"].any()


def test_region_and_window_are_counted_from_their_choice_on(lit):
    counts = lit.trace.bins["counts"]
    assert (counts[:50] == -1).all()
    assert (counts[50:] > 0).all()
    assert (counts < lit.trace.bins["array_counts"]).all()
    assert 50 < lit.background_counts < counts[50:].mean()


def test_charge_states_of_the_bins_are_those_of_the_bench(lit):
    path = np.array(minute().truth["points"][0]["charge_path"])
    middle_s = (np.arange(len(lit.trace.bins)) + 0.5) * 0.04
    truth = -path[np.searchsorted(path[:, 0], middle_s) - 1, 1].astype(int)
    charge = lit.trace.bins["charge"]
    known = charge >= 0
    assert lit.charges == ("neutral", "minus1", "minus2")
    assert known.mean() > 0.7
    assert np.mean(charge[known] == truth[known]) > 0.97


def test_map_spectrum_and_delays_hold_every_photon(lit, photons):
    counts = np.bincount(photons.pixel, minlength=320)
    assert np.array_equal(lit.pixel_counts, counts)
    assert np.array_equal(lit.pixel_delay.sum(axis=1), counts)
    assert lit.pixel_delay.shape[0] <= 320
    assert lit.pixel_delay.shape[1] <= 256
    region = (
        (photons.pixel >= lit.selection.region[0]) & (photons.pixel < lit.selection.region[1]) & lit.used[photons.pixel]
    )
    assert np.array_equal(lit.region_delay, np.bincount(photons.delay_ps[region] // 500, minlength=2000))


def test_the_newest_block_tells_how_many_photons_a_pulse_has(lit):
    last = minute().recording.stored[29]
    per_pulse = np.bincount(last.pulse - last.first_pulse, minlength=1_000_000)
    expected = np.bincount(np.minimum(per_pulse, 4), minlength=5)
    assert np.array_equal(lit.latest.pulses_by_photons, expected)
    assert lit.latest.duration_s == pytest.approx(1.0)
    assert np.array_equal(lit.latest.pixel_counts, np.bincount(last.pixel, minlength=320))


@pytest.mark.parametrize("blocks", [7, 1100])
def test_the_size_of_the_blocks_changes_nothing(lit, photons, blocks):
    recording = minute().recording
    cuts = np.linspace(0, photons.end_pulse, blocks + 1)[1:-1].astype(int).tolist()
    other = frame_of(photons.cut(cuts), recording.info, recording.calibration)
    for name in ("array_counts", "counts", "delay_ps", "lost"):
        assert np.array_equal(other.trace.bins[name], lit.trace.bins[name])
    for name in ("pixel_delay", "pixel_counts", "region_delay", "pairs_by_lag"):
        assert np.array_equal(getattr(other, name), getattr(lit, name))


def test_pairs_within_a_pulse_are_fewer_than_those_of_neighbouring_pulses(lit):
    center, sides = lit.pairs_by_lag[0], lit.pairs_by_lag[1:]
    assert len(sides) == 20
    assert 2 * center < sides.mean() + 5 * np.sqrt(sides.mean())


def test_looking_changes_nothing_of_the_analysis():
    recording = minute().recording
    watched, alone = (LiveAnalysis(recording.info, recording.calibration) for _ in range(2))
    frames = LiveFrames(watched)
    for block in recording.stored[:15]:
        alone.update(block)
        watched.update(block)
        frames.update(block)
        frames.frame()
        assert watched.snapshot() == alone.snapshot()
    assert watched.stream is not None
    assert alone.stream is not None
    mine, other = watched.stream.snapshot(), alone.stream.snapshot()
    assert all(np.array_equal(getattr(mine, name), getattr(other, name)) for name in mine.__slots__)


def test_a_frame_stays_as_it_is_when_the_stream_goes_on():
    recording = minute().recording
    analysis = LiveAnalysis(recording.info, recording.calibration)
    frames = LiveFrames(analysis)
    seen = []
    for block in recording.stored[:4]:
        analysis.update(block)
        frames.update(block)
        frame = frames.frame()
        seen.append((frame, frame.pixel_delay.sum(), len(frame.trace.bins)))
    assert [(frame.pixel_delay.sum(), len(frame.trace.bins)) for frame, _, _ in seen] == [
        (photons, bins) for _, photons, bins in seen
    ]


def test_without_light_or_pulses_there_is_a_trace_of_the_array():
    for pulsed in (True, False):
        info = replace(INFO, pulsed=pulsed)
        stream = dark_stream(1, info=info, pulses=5_000_000, photons=50_000)
        frame = frame_of(stream.cut(list(range(1_000_000, 5_000_000, 1_000_000))), info)
        assert frame.trace.bins["array_counts"].sum() == 50_000
        assert frame.pairs_by_lag is None
        assert frame.selection is None
        assert frame.pixel_counts.sum() == 50_000
        assert (frame.trace.bins["counts"] == -1).all()


def test_an_analysis_without_a_block_has_an_empty_frame():
    frame = LiveFrames(LiveAnalysis(INFO, Calibration())).frame()
    assert len(frame.trace.bins) == 0
    assert frame.pixel_counts.sum() == 0
    assert frame.latest.duration_s == 0


def test_gaps_and_skipped_blocks_are_counted_and_marked_in_the_trace():
    stream = dark_stream(1, info=INFO, pulses=4_000_000, photons=40_000)
    gaps = [Gap(400_000, 410_000, "overflow"), Gap(3_000_000, 3_000_000, "unknown")]
    blocks = stream.cut([1_000_000, 2_000_000, 3_000_000], gaps)
    frame = frame_of(blocks, INFO, skipped=(2,))
    assert (frame.losses.gaps, frame.losses.lost_pulses, frame.losses.unseen_pulses) == (2, 10_000, 1_000_000)
    assert frame.losses.latest == tuple(gaps)
    assert np.flatnonzero(frame.trace.bins["lost"]).tolist() == [10, *range(50, 75)]
    assert (frame.trace.bins["array_counts"][50:75] == -1).all()
    assert frame.trace.bins["array_counts"][10] == -1


def test_a_pause_has_neither_counts_nor_a_charge_state():
    recording = minute().recording
    blocks = [paused(block) if 15 <= number < 18 else block for number, block in enumerate(recording.stored[:20])]
    analysis = LiveAnalysis(recording.info, recording.calibration)
    frames = LiveFrames(analysis)
    named = []
    for block in blocks:
        analysis.update(block)
        frames.update(block)
        named.append(analysis.snapshot().charge_state)
    bins, pause = frames.frame().trace.bins, slice(15 * 25, 18 * 25)
    assert bins["lost"][pause].all()
    for name in ("array_counts", "counts", "charge"):
        assert (bins[name][pause] == -1).all()
    assert (bins["counts"][18 * 25 :] > 0).all()
    assert np.mean(bins["charge"][18 * 25 :] >= 0) > 0.5
    assert [state is None for state in named[14:]] == [False, True, True, True, False, False]


def paused(block):
    """The block with a gap over all of it, and only some dark counts in it."""
    few = slice(None, None, 50)
    gap = Gap(block.first_pulse, block.end_pulse, "paused")
    return PhotonBlock(
        block.pulse[few], block.pixel[few], block.delay_ps[few], block.first_pulse, block.end_pulse, (gap,)
    )


def test_a_detector_with_more_pixels_has_a_coarser_map():
    info = replace(INFO, pixel_count=1000)
    stream = dark_stream(1, info=info, pulses=1_000_000, photons=10_000)
    frame = frame_of(stream.cut(), info)
    assert frame.pixel_delay.shape == (250, 250)
    assert len(frame.pixel_edges) == 251
    assert frame.pixel_delay.sum() == 10_000
    assert len(frame.pixel_counts) == 1000


def test_blocks_without_photons_are_taken():
    nothing = PhotonBlock(np.zeros(0, np.int64), np.zeros(0, np.uint16), np.zeros(0, np.uint32), 0, 100_000)
    frame = frame_of([nothing], INFO)
    assert frame.latest.pulses_by_photons.tolist() == [100_000, 0, 0, 0, 0]
    assert frame.trace.bins["array_counts"].tolist() == [0, 0]
