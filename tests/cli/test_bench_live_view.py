"""The bench of the live view measures what a display costs a stream, and fails if that is too much."""

import pytest

from acquisition.bench import live_view
from acquisition.bench.registry import BENCHES


@pytest.fixture
def measured(monkeypatch):
    """Replace the measurements, which take minutes; return what they find."""
    found = {"cost": (1.0, 1.2, 8.0, 300_000), "throughput": (0.95, 5e6), "growth": 10_000}
    monkeypatch.setattr(live_view, "cost_of_looking", lambda: found["cost"])
    monkeypatch.setattr(live_view, "throughput", lambda say: found["throughput"])
    monkeypatch.setattr(live_view, "growth_in_an_hour", lambda: found["growth"])
    return found


def test_a_display_that_costs_little_keeps_the_promise(measured):
    found = BENCHES["live_view"](lambda text: None)
    assert found.ok
    assert found.numbers["share of that with a display"] == 0.95


@pytest.mark.parametrize(
    ("what", "value", "said"),
    [
        ("cost", (1.0, 1.2, 50.0, 300_000), "a pull takes 50 ms"),
        ("throughput", (0.5, 5e6), "with a display the stream has 50 % of its photons per second"),
        ("growth", 10_000_000, "memory grows by 10000000 bytes"),
    ],
)
def test_one_that_costs_much_does_not(measured, what, value, said):
    measured[what] = value
    found = BENCHES["live_view"](lambda text: None)
    assert not found.ok
    assert found.failures == (said,)


def test_the_cost_of_looking_is_measured():
    alone_ms, looked_ms, pull_ms, length = live_view.cost_of_looking(seconds=3.0)
    assert 0 < alone_ms < 1000
    assert 0 < looked_ms < 1000
    assert pull_ms > 0
    assert 50_000 < length < 2_000_000


def test_the_memory_of_a_short_hour_is_flat():
    assert live_view.growth_in_an_hour(hour_s=90, settled_s=60) < 5_000_000


def test_the_throughput_with_and_without_a_display_is_measured(monkeypatch):
    monkeypatch.setattr(live_view, "SECONDS", 1.0)
    monkeypatch.setattr(live_view, "REPLAYS", 1)
    ratio, rate = live_view.throughput(lambda text: None)
    assert ratio > 0
    assert rate > 10_000
