"""The compiled pass over the photons against plain Python, and its independence of how a stream is cut."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from acquisition.analysis import kernels
from acquisition.analysis.accumulators import (
    Accumulated,
    StreamAccumulator,
    SurveyAccumulator,
    bin_ps_for,
)
from acquisition.analysis.delay_groups import group_edges
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Selection, Survey
from acquisition.analysis.settings import AnalysisSettings
from acquisition.storage.blocks import clip_gaps
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.analysis.recordings import Stream, dark_stream, stream_of
from tests.analysis.reference import Rules, reference

INFO = PhotonStreamInfo(period_ps=100_000.0, pulsed=True, delay_resolution_ps=20.0, pixel_count=8)
SETTINGS = AnalysisSettings(bin_width_s=2e-6, max_lag=5, crosstalk_pixels=2, crosstalk_window_ns=2.0)
REGION, WINDOW, MASKED = (1, 7), (20, 160), 4
OFFSETS_PS = np.array([0, 700, -700, 340, 0, -20, 90, 0], dtype=np.float64)
CALIBRATION = Calibration(pixel_offset_ps=OFFSETS_PS)
BINS, PULSES_PER_BIN = 200, 20
FIELDS = ("pixel_delay", "fine_delay", "trace", "trace_delay_ps", "pair_lag", "first", "second", "cascades")

seeds = st.integers(0, 2**32 - 1)


def crowded_stream(seed: int, photons: int = 300, pulses: int = 130) -> Stream:
    """Many photons per pulse, some at the ends of the period, some at one moment on neighbouring pixels."""
    rng = np.random.default_rng(seed)
    pulse, pixel = rng.integers(0, pulses, photons), rng.integers(0, INFO.pixel_count, photons)
    delay_ps = rng.choice([0.0, 300.0, 30_000.0, 31_500.0, 50_000.0, 99_500.0], photons)
    delay_ps += np.where(rng.random(photons) < 0.5, 0.0, 480 * rng.random(photons))
    return stream_of(pulse, pixel, delay_ps, pulses, INFO.delay_resolution_ps)


def survey() -> Survey:
    mask = np.arange(INFO.pixel_count) != MASKED
    decay = np.round(1000 * np.exp(-np.arange(BINS) / 40)).astype(np.int64)
    return Survey(np.tile(decay, (INFO.pixel_count, 1)), 0.5, 1000, mask)


def selection() -> Selection:
    return Selection(REGION, WINDOW, np.arange(BINS) > 190, 22, has_light=True)


def accumulator(labels: NDArray[np.int8] | None = None) -> StreamAccumulator:
    states = 1 if labels is None else 3
    return StreamAccumulator(INFO, CALIBRATION, survey(), selection(), SETTINGS, labels, states)


def accumulated(blocks: Sequence[PhotonBlock], labels: NDArray[np.int8] | None = None) -> Accumulated:
    fed = accumulator(labels)
    for block in blocks:
        fed.update(block)
    return fed.snapshot()


def rules(found: Accumulated, labels: NDArray[np.int8] | None) -> Rules:
    return Rules(
        period_ps=100_000,
        bin_ps=500,
        fine_ps=100,
        pulses_per_bin=PULSES_PER_BIN,
        region=REGION,
        masked=frozenset({MASKED}),
        window=WINDOW,
        group_edges=tuple(int(edge) for edge in found.group_edges),
        near_pixels=2,
        near_ps=2000,
        max_lag=5,
        offset_ps=tuple(int(offset) for offset in OFFSETS_PS),
        labels=None if labels is None else tuple(int(label) for label in labels),
    )


def random_labels(seed: int) -> NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-1, 3, 6).astype(np.int8)


def assert_same(found: Accumulated, expected: Accumulated) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_the_fused_pass_equals_plain_python(seed: int, labelled: bool) -> None:
    stream = crowded_stream(seed)
    labels = random_labels(seed) if labelled else None
    found = accumulated(stream.cut(), labels)
    photons = list(zip(stream.pulse.tolist(), stream.pixel.tolist(), stream.delay_ps.tolist(), strict=True))
    expected = reference(rules(found, labels), photons, found)
    assert expected["pair_lag"].sum() > 20
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(found, name), expected[name], err_msg=name)


@settings(max_examples=40, deadline=None)
@given(seeds, st.lists(st.integers(0, 130), max_size=12), st.booleans())
def test_any_cutting_into_blocks_gives_the_same_result(seed: int, cuts: list[int], labelled: bool) -> None:
    stream = crowded_stream(seed)
    labels = random_labels(seed) if labelled else None
    assert_same(accumulated(stream.cut(cuts), labels), accumulated(stream.cut(), labels))


@settings(max_examples=40, deadline=None)
@given(seeds, seeds)
def test_the_order_within_a_pulse_changes_no_total(seed: int, other: int) -> None:
    stream = crowded_stream(seed)
    one = accumulated(stream.cut())
    two = accumulated(stream.shuffled(np.random.default_rng(other)).cut())
    for name in ("pixel_delay", "fine_delay", "trace", "trace_delay_ps", "pair_lag", "cascades"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    # of two photons at one moment either may be called the first
    np.testing.assert_array_equal(one.first + one.second, two.first + two.second)
    np.testing.assert_array_equal(one.first.sum(axis=1), two.first.sum(axis=1))


def test_a_snapshot_does_not_disturb_what_follows() -> None:
    stream = crowded_stream(3)
    fed = accumulator()
    for block in stream.cut(list(range(1, 130))):
        fed.update(block)
        fed.snapshot()
    assert_same(fed.snapshot(), accumulated(stream.cut()))


def test_a_cascade_has_exactly_two_photons_on_different_pixels() -> None:
    pulse = np.array([0, 0, 1, 1, 1, 2, 2, 3, 4, 4])
    pixel = np.array([1, 6, 1, 3, 6, 2, 2, 5, 5, 6])
    delay_ps = np.array([30, 40, 30, 40, 50, 30, 40, 30, 30, 30]) * 1e3
    found = accumulated(stream_of(pulse, pixel, delay_ps, 5, 20.0).cut())
    # pulse 0 is one; pulse 1 has three photons, 2 one pixel, 3 one photon, 4 is crosstalk
    assert found.cascades.tolist() == [1]
    assert found.pair_lag[0, 0].sum() == 1 + 3


def test_pulses_in_other_charge_states_make_no_pairs_with_each_other() -> None:
    labels = np.array([0, 1, 0, -1, 2, 2], dtype=np.int8)
    pulse, pixel = np.array([19, 20]), np.array([1, 6])
    found = accumulated(stream_of(pulse, pixel, np.array([3e4, 4e4]), 130, 20.0).cut(), labels)
    assert found.pair_lag.sum() == 0
    assert found.pixel_delay.sum(axis=(1, 2)).tolist() == [1, 1, 0]


def test_delays_wrap_around_at_the_period() -> None:
    # pixel 1 has an offset of +700 ps, pixel 2 one of -700 ps
    stream = stream_of(np.array([0, 1]), np.array([1, 2]), np.array([300.0, 99_900.0]), 2, 20.0)
    found = accumulated(stream.cut())
    assert found.pixel_delay[0, 1, 199] == 1
    assert found.pixel_delay[0, 2, 1] == 1


def test_as_many_photons_in_a_pulse_as_the_ring_holds_are_all_paired() -> None:
    photons = 300
    pixel = np.where(np.arange(photons) % 2 == 0, 1, 6)
    stream = stream_of(np.zeros(photons, dtype=np.int64), pixel, np.full(photons, 3e4), 1, 20.0)
    assert accumulated(stream.cut()).pair_lag[0, 0].sum() == (photons // 2) ** 2


def test_the_ring_forgets_only_photons_beyond_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "RING_SIZE", 4)
    pixel = np.array([1, 6] * 5)
    stream = stream_of(np.zeros(10, dtype=np.int64), pixel, np.full(10, 3e4), 1, 20.0)
    # each photon meets the four before it, two of which are on the other pixel
    assert accumulated(stream.cut()).pair_lag[0, 0].sum() == 0 + 1 + 1 + 2 + 6 * 2
    assert accumulated(stream.cut()).cascades.sum() == 0


def test_the_trace_can_be_forgotten_while_the_rest_is_kept() -> None:
    stream = crowded_stream(9, photons=600, pulses=2000)
    whole = accumulated(stream.cut())
    fed = accumulator()
    for block in stream.cut(list(range(50, 2000, 50))):
        fed.update(block)
        fed.keep_trace_from(block.end_pulse // PULSES_PER_BIN - 10)
    found = fed.snapshot()
    assert found.first_bin == 90
    np.testing.assert_array_equal(found.trace, whole.trace[90:])
    np.testing.assert_array_equal(found.trace_delay_ps, whole.trace_delay_ps[90:])
    np.testing.assert_array_equal(found.pair_lag, whole.pair_lag)
    np.testing.assert_array_equal(fed.recent_trace(5), whole.trace[95:100])


def test_recent_trace_leaves_out_the_bin_that_is_not_finished() -> None:
    fed = accumulator()
    fed.update(crowded_stream(2).cut()[0])
    np.testing.assert_array_equal(fed.recent_trace(100), accumulated(crowded_stream(2).cut()).trace[:6])


def test_the_pulses_of_a_gap_count_neither_as_time_nor_as_light_of_the_survey() -> None:
    stream = dark_stream(1, info=INFO, pulses=1000, photons=500)
    gaps = [Gap(100, 300, "overflow"), Gap(250, 400, "link down")]
    surveyor = SurveyAccumulator(INFO, CALIBRATION)
    for block in stream.cut([450], gaps):
        surveyor.update(block)
    found = surveyor.snapshot()
    outside = (stream.pulse < 100) | (stream.pulse >= 400)
    assert found.pulses == 700
    assert found.pixel_delay.sum() == outside.sum()
    assert surveyor.photons == 500


gap_lists = st.lists(st.tuples(st.integers(0, 130), st.integers(0, 20)), max_size=5).map(
    lambda found: [Gap(first, min(first + length, 130), "overflow") for first, length in found]
)


def cut_with_gaps(stream: Stream, pulses: Sequence[int], gaps: Sequence[Gap]) -> list[PhotonBlock]:
    """Cut a stream anywhere; each block has its part of the gaps."""
    return [replace(block, gaps=clip_gaps(gaps, block.first_pulse, block.end_pulse)) for block in stream.cut(pulses)]


@settings(max_examples=60, deadline=None)
@given(seeds, gap_lists)
def test_gaps_cut_a_stream_into_streams_of_their_own(seed: int, gaps: list[Gap]) -> None:
    stream = crowded_stream(seed)
    found = accumulated(cut_with_gaps(stream, [], gaps))
    lost = np.zeros(stream.end_pulse, dtype=bool)
    for gap in gaps:
        lost[gap.first_pulse : gap.end_pulse] = True
    number = np.cumsum(lost)[stream.pulse]  # grows in each gap
    expected = {name: np.zeros_like(getattr(found, name)) for name in FIELDS}
    photons = list(zip(stream.pulse.tolist(), stream.pixel.tolist(), stream.delay_ps.tolist(), strict=True))
    for stretch in np.unique(number):
        inside = np.flatnonzero((number == stretch) & ~lost[stream.pulse])
        for name, array in reference(rules(found, None), [photons[i] for i in inside], found).items():
            expected[name] += array
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(found, name), expected[name], err_msg=name)
    assert found.photons == len(photons)


@settings(max_examples=40, deadline=None)
@given(seeds, gap_lists, st.lists(st.integers(0, 130), max_size=12), st.booleans())
def test_any_cutting_of_a_stream_with_gaps_gives_the_same_result(
    seed: int, gaps: list[Gap], cuts: list[int], labelled: bool
) -> None:
    stream = crowded_stream(seed)
    labels = random_labels(seed) if labelled else None
    one, other = (accumulated(cut_with_gaps(stream, where, gaps), labels) for where in (cuts, []))
    assert_same(one, other)


def test_photons_before_and_after_a_pause_make_no_pairs() -> None:
    stream = stream_of(np.array([9, 11]), np.array([1, 6]), np.array([3e4, 4e4]), 130, 20.0)
    assert accumulated(stream.cut()).pair_lag[0, 2].sum() == 1
    assert accumulated(stream.cut([10], [Gap(10, 11, "paused")])).pair_lag.sum() == 0


@pytest.mark.parametrize("resolution_ps", [1.0, 4.0, 16.0, 20.0, 97.6])
@pytest.mark.parametrize("aim_ps", [100.0, 500.0])
def test_bins_hold_whole_steps_of_the_detector(resolution_ps: float, aim_ps: float) -> None:
    info = PhotonStreamInfo(1e6, pulsed=True, delay_resolution_ps=resolution_ps, pixel_count=8)
    steps = bin_ps_for(info, aim_ps) / resolution_ps
    assert steps == pytest.approx(round(steps), abs=0.01)
    assert bin_ps_for(info, aim_ps) == pytest.approx(aim_ps, abs=resolution_ps / 2 + 0.5)


def test_short_periods_have_at_least_fifty_bins() -> None:
    info = PhotonStreamInfo(12_500.0, pulsed=True, delay_resolution_ps=20.0, pixel_count=8)
    assert 12_500 / bin_ps_for(info, 500.0) >= 50


@pytest.mark.parametrize("resolution_ps", [1.0, 20.0, 97.6])
@pytest.mark.parametrize("most_bins", [5_000, 12_000])
def test_long_periods_have_some_thousand_bins(resolution_ps: float, most_bins: int) -> None:
    info = PhotonStreamInfo(1e8, pulsed=True, delay_resolution_ps=resolution_ps, pixel_count=8)
    assert 0.9 * most_bins < 1e8 / bin_ps_for(info, 500.0, most_bins) <= most_bins


def test_the_map_of_a_slow_laser_fits_into_memory() -> None:
    info = PhotonStreamInfo(1e8, pulsed=True, delay_resolution_ps=20.0, pixel_count=8)
    assert SurveyAccumulator(info, Calibration()).snapshot().pixel_delay.shape == (8, 5_000)


def test_delay_groups_hold_equal_light() -> None:
    edges = group_edges(survey(), selection())
    light = survey().pixel_delay[0].astype(float) - survey().pixel_delay[0][191:].mean()
    shares = np.array([light[a:b].sum() for a, b in pairwise(edges)])
    assert edges[0] == WINDOW[0]
    assert edges[-1] == WINDOW[1]
    assert len(shares) == 10
    assert np.all(np.abs(shares / shares.mean() - 1) < 0.25)
