"""The history of a count trace: every bin of the last minutes, least and most before, in memory that does not grow."""

import numpy as np
import pytest

from acquisition.analysis import trace_history
from acquisition.analysis.trace_history import TraceHistory


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(trace_history, "FINE_BINS", 64)
    monkeypatch.setattr(trace_history, "COARSE_ROWS", 32)
    monkeypatch.setattr(trace_history, "FIRST_FOLD", 4)


def history_of(counts, lost=None, pieces=7):
    history = TraceHistory(0.04)
    lost = np.zeros(len(counts), dtype=bool) if lost is None else lost
    for part in np.array_split(np.arange(len(counts)), pieces):
        history.append(counts[part], lost[part])
    return history


def random_counts(bins, seed=1):
    return np.random.default_rng(seed).poisson(100, bins)


@pytest.mark.parametrize("pieces", [1, 3, 500])
def test_the_newest_bins_are_kept_one_by_one_and_the_older_ones_as_sums_least_and_most(pieces):
    counts = random_counts(500)
    trace = history_of(counts, pieces=pieces).snapshot()
    assert trace.first_bin + len(trace.bins) == 500
    assert len(trace.bins) >= 64
    assert np.array_equal(trace.bins["array_counts"], counts[trace.first_bin :])
    old = counts[: trace.first_bin].reshape(len(trace.rows), trace.row_bins)
    assert np.array_equal(trace.rows["array_sum"], old.sum(axis=1))
    assert np.array_equal(trace.rows["array_least"], old.min(axis=1))
    assert np.array_equal(trace.rows["array_most"], old.max(axis=1))


def test_memory_does_not_grow_and_nothing_is_counted_twice():
    counts = random_counts(64 * 32 - 100)
    trace = history_of(counts).snapshot()
    assert len(trace.rows) <= 32
    assert len(trace.bins) <= 128
    assert trace.rows["array_sum"].sum() + trace.bins["array_counts"].sum() == counts.sum()


def test_of_an_endless_stream_the_oldest_part_is_forgotten():
    counts = random_counts(64 * 100)
    trace = history_of(counts).snapshot()
    assert len(trace.rows) <= 32
    assert trace.first_row_bin > 0
    assert trace.first_bin + len(trace.bins) == len(counts)
    assert trace.rows["array_sum"].sum() == counts[trace.first_row_bin : trace.first_bin].sum()


def test_region_and_window_and_charge_states_are_added_to_bins_that_are_still_there():
    history = history_of(random_counts(300))
    first = history.first_bin
    history.select(first - 10, np.arange(20), 100 * np.arange(20))
    history.label(first - 10, np.full(20, 2, dtype=np.int8))
    history.label(295, np.zeros(50, dtype=np.int8))
    bins = history.snapshot().bins
    assert bins["counts"][:11].tolist() == [*range(10, 20), -1]
    assert bins["delay_ps"][:11].tolist() == [*range(1000, 2000, 100), 0]
    assert bins["charge"][:11].tolist() == [2] * 10 + [-1]
    assert bins["charge"][-6:].tolist() == [-1] + [0] * 5


def test_rows_know_what_their_bins_said():
    history = TraceHistory(0.04)
    history.append(np.full(128, 50), np.arange(128) == 5)
    history.select(2, np.arange(2, 128), np.zeros(126, dtype=np.int64))
    history.label(0, np.array([0, 0, 1, -1, 2, 2, 2, 2], dtype=np.int8))
    history.append(np.full(1, 50), np.zeros(1, dtype=bool))
    rows = history.snapshot().rows
    assert rows["charge"][:3].tolist() == [[2, 1, 0], [0, 0, 3], [0, 0, 0]]
    assert rows["counted"][:2].tolist() == [2, 3]
    assert rows["array_counted"][:2].tolist() == [4, 3]
    assert rows["array_least"][:2].tolist() == [50, 50]
    assert rows["array_sum"][:2].tolist() == [200, 150]
    assert rows["least"][:2].tolist() == [2, 4]
    assert rows["most"][:2].tolist() == [3, 7]
    assert rows["lost"][:3].tolist() == [0, 1, 0]
