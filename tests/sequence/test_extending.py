"""A point is made longer or shorter while it is acquired, also while it is paused and after a crash."""

import threading

import pytest

from acquisition.sequence import AcquirePhotons, RunStatus, SequenceError, Soak, State, read_history
from acquisition.streaming import Ending
from tests.sequence.bench import LIGHT, Bench

POINT = AcquirePhotons(duration_s=1.0, label="dot 7")


@pytest.fixture
def bench():
    return Bench()


def test_a_point_that_is_extended_goes_on_with_no_darkness_between(bench):
    left_s = []

    def extend():
        bench.engine.extend(0.5)
        left_s.append(bench.engine.status().remaining_s)

    bench.when_block(3, lambda: (bench.when_block(-1, lambda: None), extend()))
    outcome = bench.engine.run([*LIGHT, POINT])
    assert outcome.status is RunStatus.COMPLETED
    [point] = outcome.points
    assert point.result.ending is Ending.DURATION
    assert point.result.measured_s == pytest.approx(1.5)
    first, second = bench.recorders
    assert (len(first.blocks), len(second.blocks)) == (10, 5)
    assert [gap.reason for gap in second.blocks[0].gaps] == ["the point was extended"]
    assert "dark" not in bench.rig.log
    assert 0.5 < left_s[0] <= 1.5
    [said] = bench.said("extended")
    assert (said["point"], said["seconds"], said["duration_s"]) == (1, 0.5, 1.5)


def test_the_time_that_is_left_holds_for_the_steps_after_an_extended_point(bench):
    bench.when_block(3, lambda: (bench.when_block(-1, lambda: None), bench.engine.extend(2.0)))
    seen = []
    bench.rig.clock.on_wait = lambda: seen.append(bench.engine.status().remaining_s)
    bench.engine.run([*LIGHT, POINT, Soak(duration_s=5)])
    assert seen[0] == pytest.approx(5.0)
    assert bench.engine.status().planned_s == pytest.approx(8.0)


def test_a_point_is_shortened_but_keeps_what_is_measured(bench):
    bench.when_block(4, lambda: bench.engine.extend(-100.0))
    [point] = bench.engine.run([*LIGHT, POINT]).points
    assert point.complete
    assert point.result.ending is Ending.DURATION
    assert point.result.measured_s == pytest.approx(0.5)  # to the end of the block that was being measured
    assert -1.0 <= bench.said("extended")[0]["seconds"] < 0


def test_a_paused_point_can_be_extended(bench):
    def pause_and_extend():
        bench.engine.pause("coffee")
        assert bench.engine._control.paused.wait(10)
        bench.engine.extend(0.5)
        bench.engine.resume()

    thread = threading.Thread(target=pause_and_extend)

    def begin():
        bench.when_block(-1, lambda: None)
        thread.start()
        assert bench.engine._control.interrupt.wait(10)

    bench.when_block(5, begin)
    [point] = bench.engine.run([*LIGHT, POINT]).points
    thread.join(10)
    assert point.result.measured_s == pytest.approx(1.5)


def test_nothing_is_extended_where_no_photons_are_acquired(bench):
    with pytest.raises(SequenceError, match="no photons are being acquired"):
        bench.engine.extend(10.0)
    refused = []

    def try_it():
        with pytest.raises(SequenceError, match="no photons are being acquired"):
            bench.engine.extend(10.0)
        refused.append(bench.engine.state)

    bench.rig.clock.on_wait = try_it
    bench.engine.run([Soak(duration_s=1)])
    assert State.RUNNING in refused


@pytest.mark.parametrize("seconds", [3600.0, float("inf"), float("nan")])
def test_a_point_lasts_no_longer_than_a_detector_records_at_once(bench, seconds):
    refused = []

    def try_it():
        with pytest.raises(SequenceError, match="3600 s is the most"):
            bench.engine.extend(seconds)
        refused.append(True)

    bench.when_block(3, try_it)
    [point] = bench.engine.run([*LIGHT, POINT]).points
    assert refused
    assert point.result.measured_s == pytest.approx(1.0)


def test_a_run_that_goes_on_in_another_process_knows_what_was_extended(bench):
    bench.when_block(3, lambda: (bench.when_block(-1, lambda: None), bench.engine.extend(0.5)))
    bench.engine.run([*LIGHT, POINT])
    extended = next(number for number, event in enumerate(bench.events) if event["event"] == "extended")
    history = read_history(bench.events[: extended + 1])
    assert history.extended == {1: 0.5}
    again = Bench()
    [point] = again.engine.run([*LIGHT, POINT], history=history).points
    assert point.result.measured_s == pytest.approx(1.5)
    assert again.engine.status().planned_s == pytest.approx(1.5)
