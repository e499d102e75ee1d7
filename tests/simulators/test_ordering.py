"""Photons are sorted by time exactly as a stable sort does, however they lie."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.ordering import time_order


@given(st.lists(st.floats(0, 2e6), max_size=200), st.floats(1.0, 1e6))
@settings(max_examples=100, deadline=None)
def test_any_times_are_sorted_and_equal_ones_stay_as_they_are(times: list[float], length_ps: float) -> None:
    time_ps = np.array(times, np.float64)
    assert np.array_equal(time_order(time_ps, length_ps), np.argsort(time_ps, kind="stable"))


@pytest.mark.parametrize("count", [8191, 8192, 100_000])
def test_many_times_are_sorted_over_the_bounds_of_the_parts(count: int) -> None:
    rng = np.random.default_rng(3)
    time_ps = np.concatenate([rng.random(count) * 1e12, np.sort(rng.random(1000) * 1e12), 1e12 + rng.random(50) * 1e7])
    time_ps[::7] = np.round(time_ps[::7], -9)
    assert np.array_equal(time_order(time_ps, 1e12), np.argsort(time_ps, kind="stable"))
