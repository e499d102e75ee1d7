"""The live analysis: independent of block size, bounded in memory, and right about the charge state."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from acquisition.analysis import live
from acquisition.analysis.live import LiveAnalysis, LiveSnapshot, split_block
from acquisition.analysis.recording import Calibration
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.analysis.recordings import Stream, dark_stream, stream_of
from tests.analysis.simulated import minute

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=40)
PULSES_PER_S = 10_000
SLOW = replace(INFO, period_ps=1e8)


def whole_stream(blocks: Sequence[PhotonBlock]) -> Stream:
    return Stream(
        np.concatenate([block.pulse for block in blocks]),
        np.concatenate([block.pixel for block in blocks]),
        np.concatenate([block.delay_ps for block in blocks]),
        blocks[-1].end_pulse,
    )


def followed(blocks: Sequence[PhotonBlock], info: PhotonStreamInfo, calibration: Calibration) -> list[LiveSnapshot]:
    analysis = LiveAnalysis(info, calibration)
    snapshots = []
    for block in blocks:
        analysis.update(block)
        snapshots.append(analysis.snapshot())
    return snapshots


@pytest.fixture(scope="module")
def ordinary() -> list[LiveSnapshot]:
    recording = minute().recording
    return followed(recording.stored, recording.info, recording.calibration)


def test_before_the_first_block_there_is_nothing() -> None:
    assert LiveAnalysis(INFO, Calibration()).snapshot() == LiveSnapshot()


def test_it_counts_time_photons_and_rate(ordinary: list[LiveSnapshot]) -> None:
    stored = minute().recording.stored
    assert ordinary[-1].elapsed_s == pytest.approx(60.0)
    assert ordinary[-1].photons == sum(len(block) for block in stored)
    assert ordinary[-1].count_rate_cps == pytest.approx(len(stored[-1]) / 1.0)


def test_cascades_come_at_the_expected_rate(ordinary: list[LiveSnapshot]) -> None:
    # some 20 true cascades per second in all, of which region and window have most, and accidental pairs
    rate_hz = (ordinary[-1].cascades - ordinary[9].cascades) / 50.0
    assert 15 < rate_hz < 60
    assert all(a.cascades <= b.cascades for a, b in pairwise(ordinary))


def test_the_charge_state_is_named_from_ten_seconds_on(ordinary: list[LiveSnapshot]) -> None:
    path = minute().truth["points"][0]["charge_path"]
    times_s, charges = np.array(path)[:, 0], np.array(path)[:, 1].astype(int)
    right = []
    for snapshot in ordinary[30:]:
        now = np.searchsorted(times_s, snapshot.elapsed_s) - 1
        if snapshot.elapsed_s - times_s[now] > 0.1:
            right.append(snapshot.charge_state == ("neutral", "minus1", "minus2")[-charges[now]])
    assert ordinary[5].charge_state is None
    assert len(right) > 20
    assert np.mean(right) > 0.85


@pytest.mark.parametrize("blocks", [7, 400])
def test_the_size_of_the_blocks_changes_nothing_that_is_counted(ordinary: list[LiveSnapshot], blocks: int) -> None:
    recording = minute().recording
    part = whole_stream(recording.stored[:12])
    cuts = np.linspace(0, part.end_pulse, blocks + 1)[1:-1].astype(int).tolist()
    last = followed(part.cut(cuts), recording.info, recording.calibration)[-1]
    assert last.cascades == ordinary[11].cascades
    assert last.photons == ordinary[11].photons
    assert last.charge_state == ordinary[11].charge_state


def lit_stream(seconds: float, seed: int) -> Stream:
    """Light on ten pixels, at a low pulse rate so that long streams are small."""
    rng = np.random.default_rng(seed)
    pulses = round(seconds * PULSES_PER_S)
    photons = pulses // 50
    delay_ps = 2e5 + 5e4 * rng.standard_exponential(photons)
    return stream_of(rng.integers(0, pulses, photons), rng.integers(10, 20, photons), delay_ps, pulses, 20.0)


def test_memory_does_not_grow_with_the_length_of_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TRACE_BINS", 256)
    analysis = LiveAnalysis(SLOW, Calibration(), AnalysisSettings(bin_width_s=0.01))
    stream = lit_stream(60.0, 1)
    for block in stream.cut(list(range(PULSES_PER_S, stream.end_pulse, PULSES_PER_S))):
        analysis.update(block)
    assert analysis.stream is not None
    assert stream.end_pulse // 100 > 20 * 256
    assert len(analysis.stream._trace) <= 1024


def test_light_that_comes_late_is_found_and_costs_no_memory_for_the_dark_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "TRACE_BINS", 256)
    analysis = LiveAnalysis(SLOW, Calibration(), AnalysisSettings(bin_width_s=0.01))
    dark = dark_stream(2, info=SLOW, pulses=60 * PULSES_PER_S, photons=100)
    for block in dark.cut(list(range(PULSES_PER_S, dark.end_pulse, PULSES_PER_S))):
        analysis.update(block)
    assert analysis.snapshot().charge_state is None
    lit = lit_stream(120.0, 3)
    late = Stream(lit.pulse + dark.end_pulse, lit.pixel, lit.delay_ps, lit.end_pulse + dark.end_pulse)
    for block in late.cut(list(range(dark.end_pulse, late.end_pulse, PULSES_PER_S)))[1:]:
        analysis.update(block)
    assert analysis.stream is not None
    assert analysis.snapshot().charge_state == "neutral"
    assert len(analysis.stream._trace) <= 1024


@pytest.mark.parametrize("pulsed", [True, False])
def test_dark_and_unpulsed_streams_have_counts_only(pulsed: bool) -> None:
    info = replace(INFO, pulsed=pulsed)
    stream = dark_stream(1, info=info, pulses=20_000_000, photons=50_000)
    last = followed(stream.cut(list(range(1_000_000, 20_000_000, 1_000_000))), info, Calibration())[-1]
    assert last.photons == 50_000
    assert last.cascades == 0
    assert last.charge_state is None


def test_empty_blocks_are_taken() -> None:
    nothing = stream_of(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), 30_000_000, 20.0)
    last = followed(nothing.cut(list(range(0, 30_000_000, 1_000_000))), INFO, Calibration())[-1]
    assert last == LiveSnapshot(elapsed_s=30.0)


def test_a_block_is_cut_with_its_gaps() -> None:
    block = dark_stream(4, info=INFO, pulses=100, photons=500).cut([], [Gap(10, 20, "a"), Gap(55, 65, "b")])[0]
    head, rest = split_block(block, 60)
    assert rest is not None
    assert (head.first_pulse, head.end_pulse, rest.first_pulse, rest.end_pulse) == (0, 60, 60, 100)
    assert len(head) + len(rest) == 500
    assert [gap.reason for gap in head.gaps] == ["a", "b"]
    assert [gap.reason for gap in rest.gaps] == ["b"]
    assert split_block(block, 100) == (block, None)
