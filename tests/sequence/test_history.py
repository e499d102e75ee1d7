"""A run that was broken off goes on in a new engine: what was done is not done again."""

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    History,
    MoveStage,
    RunStatus,
    SetShutter,
    SetTemperature,
    Soak,
    WaitUntilStable,
    read_history,
)
from acquisition.streaming import AcquisitionResult
from tests.sequence.bench import DARK, LIGHT, Bench

SWEEP = [
    step
    for celsius in (30, 40, 50)
    for step in (
        SetTemperature(temperature_c=celsius),
        WaitUntilStable(tolerance_c=0.5),
        *LIGHT,
        AcquirePhotons(duration_s=1, label=f"{celsius} degC"),
        *DARK,
    )
]


def broken_off(steps, after):
    """Return the history of a run that was killed after so many events of its journal."""
    bench = Bench()
    bench.engine.run(steps)
    return read_history(bench.events[:after]), bench.events


def resumed(steps, history, **more):
    bench = Bench(**more)
    bench.outcome = bench.engine.run(steps, DARK, history)
    return bench


@pytest.mark.parametrize("after", range(1, 45, 4))
def test_wherever_it_is_broken_off_the_rest_is_done_once(after):
    history, events = broken_off(SWEEP, after)
    bench = resumed(SWEEP, history)
    assert bench.outcome.status is RunStatus.COMPLETED
    done = [event["label"] for event in events[:after] if event["event"] == "point_completed"]
    ended = {event["step"] for event in events[:after] if event["event"] == "step_ended"}
    labels = [f"{celsius} degC" for celsius in (30, 40, 50)]
    left = [label for number, label in zip((5, 12, 19), labels, strict=True) if number not in ended]
    assert [point.label for point in bench.outcome.points] == left
    assert [point.number for point in bench.outcome.points] == list(range(4 - len(left), 4))
    assert set(done) | set(left) == set(labels)


def test_the_instruments_are_brought_back_before_the_first_step_that_is_left():
    numbers = [event["step"] for event in broken_off(SWEEP, 10_000)[1] if event["event"] == "step_ended"]
    assert len(numbers) == len(SWEEP)
    until_light = SWEEP[:4]
    _, events = broken_off(SWEEP, 10_000)
    cut = next(n for n, event in enumerate(events) if event["event"] == "step_started" and event["step"] == 5)
    bench = resumed(SWEEP, read_history(events[: cut + 1]))
    assert len(until_light) == 4
    assert bench.rig.log[:5] == ["heat 30", "rate 1e+06", "intensity 20", "emission on", "open"]
    assert bench.rig.clock.now() >= 30  # the temperature was waited for as the sequence says


def test_an_acquisition_goes_on_where_it_was_broken_off():
    _, events = broken_off(SWEEP, 10_000)
    cut = next(n for n, event in enumerate(events) if event["event"] == "step_started" and event["step"] == 5)
    bench = Bench()
    bench.services.before[1] = AcquisitionResult.earlier(photons=4000, end_pulse=400_000, elapsed_s=0.4)
    outcome = bench.engine.run(SWEEP, DARK, read_history(events[: cut + 1]))
    assert outcome.points[0].result.elapsed_s == pytest.approx(1.0, abs=1e-5)
    assert outcome.points[0].result.photons == 10_000
    assert bench.recorders[0].blocks[0].first_pulse == 400_000
    assert "broken off" in bench.recorders[0].blocks[0].gaps[0].reason


def test_a_point_that_was_whole_is_not_acquired_again():
    _, events = broken_off(SWEEP, 10_000)
    cut = next(n for n, event in enumerate(events) if event["event"] == "step_started" and event["step"] == 5)
    bench = Bench()
    bench.services.before[1] = AcquisitionResult.earlier(photons=9, end_pulse=1_000_000, elapsed_s=1.0)
    outcome = bench.engine.run(SWEEP, DARK, read_history(events[: cut + 1]))
    assert outcome.points[0].result.photons == 9
    assert len(bench.recorders) == 2  # of the two other points


def test_another_sequence_is_refused_with_both_steps_in_words():
    history, _ = broken_off(SWEEP, 20)
    other = [SetTemperature(temperature_c=35), *SWEEP[1:]]
    bench = resumed(other, history)
    assert "step 1 of the run was 'set temperature: 30 degC'" in str(bench.outcome.error)
    assert "now says 'set temperature: 35 degC'" in str(bench.outcome.error)
    assert bench.rig.log == ["safe"]


@pytest.mark.parametrize(
    ("answer", "soaked_s", "status"),
    [("do it again", 100, RunStatus.COMPLETED), ("skip", 0, RunStatus.COMPLETED), ("stop", 0, RunStatus.FAILED)],
)
def test_a_step_that_cannot_be_repeated_is_asked_about(answer, soaked_s, status):
    steps = [SetShutter(open=True), Soak(duration_s=100, repeatable=False), SetShutter(open=False)]
    _, events = broken_off(steps, 10_000)
    cut = next(n for n, event in enumerate(events) if event["event"] == "step_started" and event["step"] == 2)
    bench = Bench()
    bench.services.answers = [answer]
    outcome = bench.engine.run(steps, (), read_history(events[: cut + 1]))
    assert outcome.status is status
    assert bench.rig.clock.now() == pytest.approx(soaked_s)
    assert "changes the sample" in bench.services.asked[0]


def test_a_step_that_had_not_begun_is_not_asked_about():
    steps = [SetShutter(open=True), Soak(duration_s=100, repeatable=False)]
    _, events = broken_off(steps, 10_000)
    cut = next(n for n, event in enumerate(events) if event["event"] == "step_started" and event["step"] == 2)
    bench = resumed(steps, read_history(events[:cut]))
    assert bench.outcome.status is RunStatus.COMPLETED
    assert bench.services.asked == []


def test_the_cleanup_is_done_by_each_process():
    bench = Bench()
    bench.engine.run([SetShutter(open=True)], DARK)
    again = resumed([SetShutter(open=True)], read_history(bench.events))
    assert again.outcome.status is RunStatus.COMPLETED
    assert again.rig.log == ["close", "emission off", "safe"]


def test_an_adaptive_sequence_gets_the_values_of_before():
    def adaptive():
        while True:
            point = yield AcquirePhotons(duration_s=0.5)
            seen.append(point["photons"])
            if len(seen) == 3:
                return

    seen = []
    first = Bench()
    first.engine.run(adaptive())
    cut = next(n for n, event in enumerate(first.events) if event["event"] == "step_ended" and event["step"] == 2)
    history = read_history(first.events[: cut + 1])
    seen.clear()
    bench = Bench()
    outcome = bench.engine.run(adaptive(), (), history)
    assert seen == [5000, 5000, 5000]
    assert [point.number for point in outcome.points] == [3]


def test_a_run_without_history_does_everything():
    assert History().values(1, MoveStage(x_um=1)) is None
