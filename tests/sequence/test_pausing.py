"""A pause takes the light off at once and keeps everything; the run then goes on where it was."""

import itertools
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    Prompt,
    RampTemperature,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    Soak,
    State,
    WaitUntilStable,
)
from acquisition.streaming import Ending, StreamSettings
from tests.sequence.bench import DARK, LIGHT, Bench

BOUND_S = 0.5


@pytest.fixture
def bench():
    return Bench()


@contextmanager
def paused(bench, steps, at_block=None, cleanup=()):
    """Run steps in a thread, pause when a block is asked for or the clock is waited on, and give the outcome later."""
    outcome = []

    def pause():
        bench.rig.clock.on_wait = lambda: None
        bench.engine.pause("coffee")

    def pause_in_block():
        bench.when_block(-1, lambda: None)
        threading.Thread(target=pause).start()
        assert bench.engine._control.interrupt.wait(10)

    def run():
        outcome.append(bench.engine.run(steps, cleanup))

    if at_block is None:
        bench.rig.clock.on_wait = pause
    else:
        bench.when_block(at_block, pause_in_block)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert bench.engine._control.paused.wait(10)
        yield outcome
    finally:
        if thread.is_alive() and bench.engine.state is State.PAUSED:
            bench.engine.resume()
        thread.join(20)
    assert not thread.is_alive()


def test_a_pause_in_an_acquisition_is_dark_and_the_point_goes_on(bench):
    steps = [*LIGHT, AcquirePhotons(duration_s=2, label="dot 7")]
    with paused(bench, steps, at_block=5) as outcome:
        assert not bench.rig.laser.emission
        assert not bench.rig.shutter.is_open_now
        assert bench.rig.spad_array.bias
        assert bench.rig.spad_array.closed_streams == 1
        assert bench.engine.status().paused_because == "coffee"
    assert outcome[0].status is RunStatus.COMPLETED
    [point] = outcome[0].points
    first, second = bench.recorders
    lit_s = (len(first.blocks) - 1 + len(second.blocks)) * 0.1
    assert lit_s == pytest.approx(2.0)  # the block in which the light went off is measured again
    assert point.result.recorded_photons == first.photons + second.photons
    assert point.result.elapsed_s == pytest.approx(2.1, abs=1e-5)
    assert point.result.dark_s == pytest.approx(0.1)
    assert point.result.measured_s == pytest.approx(2.0, abs=1e-5)
    assert point.complete


def test_the_progress_of_a_point_goes_on_after_a_pause(bench):
    seen = []
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5):
        before = bench.engine.status()
        bench.when_block(3, lambda: seen.append(bench.engine.status()))
    [after] = seen
    assert after.progress.photons >= before.progress.photons > 0
    assert after.progress.elapsed_s >= 0.5 - 1e-9  # without the block in which the light went off
    assert 0 < after.remaining_s <= 1.5 + 1e-9


def test_the_gap_of_a_pause_is_marked_and_pulses_go_on(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5):
        pass
    first, second = bench.recorders
    assert "switched off" in first.blocks[-1].gaps[0].reason
    [gap] = second.blocks[0].gaps
    assert gap.first_pulse == first.blocks[-1].end_pulse == second.blocks[0].first_pulse
    assert gap.end_pulse == gap.first_pulse + 1
    assert "paused for" in gap.reason
    assert "coffee" in gap.reason
    assert second.blocks[0].pulse.min() >= gap.end_pulse


def test_resuming_sets_everything_again_and_reads_it_back(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5):
        bench.rig.laser.percent = 5.0  # somebody has turned a knob
        del bench.rig.log[:]
    assert bench.rig.log[:4] == ["rate 1e+06", "intensity 20", "emission on", "open"]


def test_a_laser_that_reads_back_something_else_fails_the_run_safe(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5) as outcome:
        bench.rig.laser.set_intensity_percent = lambda value: None
        bench.rig.laser.percent = 5.0
    assert outcome[0].status is RunStatus.FAILED
    assert "intensity in percent was set to 20, but reads back as 5" in str(outcome[0].error)
    assert bench.rig.is_safe
    assert outcome[0].points[0].result.recorded_photons > 0


def test_the_temperature_is_held_while_paused(bench):
    steps = [SetTemperature(temperature_c=40), WaitUntilStable(), *LIGHT, Soak(duration_s=100)]
    seen = []
    bench.rig.clock.on_wait = lambda: None
    with paused(bench, steps):
        seen.append(bench.rig.heater.setpoint_c)
    assert seen == [40]


def test_a_heater_that_is_to_be_off_in_a_pause_is_heated_and_waited_for_again(bench):
    steps = [
        SetTemperature(temperature_c=40, on_pause="off"),
        WaitUntilStable(tolerance_c=0.5),
        AcquirePhotons(duration_s=2),
    ]
    with paused(bench, steps, at_block=5):
        wait_for(lambda: bench.rig.heater.setpoint_c is None)
        bench.rig.heater.temperature_c = 20.0
        bench.rig.clock.on_wait = lambda: None
        del bench.rig.log[:]
        before_s = bench.rig.clock.now()
    assert "heat 40" in bench.rig.log
    assert bench.rig.clock.now() - before_s >= 30  # the window of the wait


def test_the_heater_is_switched_off_after_the_longest_hold(bench):
    steps = [SetTemperature(temperature_c=40, max_hold_s=600), AcquirePhotons(duration_s=2)]
    with paused(bench, steps, at_block=5):
        assert bench.rig.heater.setpoint_c == 40
        bench.rig.clock.time_s += 601
        wait_for(lambda: bench.rig.heater.setpoint_c is None)
    assert "max_hold of 600 s is over" in bench.said("heater_off")[0]["message"]


def test_a_soak_goes_on_with_the_time_that_is_left(bench):
    with paused(bench, [Soak(duration_s=100)]):
        bench.rig.clock.time_s += 1000  # the pause does not count
    assert bench.rig.clock.now() == pytest.approx(1100, abs=1.0)


def test_a_ramp_goes_on_from_the_temperature_that_it_has_reached(bench):
    step = RampTemperature(temperature_c=50, rate_c_per_min=60)
    with paused(bench, [SetTemperature(temperature_c=20), step]) as outcome:
        pass
    assert outcome[0].status is RunStatus.COMPLETED
    heats = [float(entry.split()[1]) for entry in bench.rig.log if entry.startswith("heat")]
    assert heats[-1] == 50
    assert max(abs(b - a) for a, b in itertools.pairwise(heats)) <= 1.0 + 1e-6


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_a_paused_run_can_be_ended(bench, verb):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5, cleanup=DARK) as outcome:
        getattr(bench.engine, verb)()
    assert outcome[0].status is (RunStatus.STOPPED if verb == "stop" else RunStatus.ABORTED)
    assert bench.engine.state is State.IDLE
    assert bench.rig.is_safe
    assert "emission on" not in bench.rig.log[bench.rig.log.index("dark") :]
    [point] = outcome[0].points
    assert 0 < point.result.recorded_photons < 20_000


def test_nothing_of_a_pause_leaks_into_the_next_run(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5):
        bench.engine.stop()
    del bench.rig.log[:]
    bench.services.parts.clear()
    outcome = bench.engine.run([AcquirePhotons(duration_s=1)])
    assert outcome.status is RunStatus.COMPLETED
    assert "emission on" not in bench.rig.log
    assert bench.engine.status().paused_because == ""


def test_a_light_that_cannot_be_taken_off_aborts_the_run(bench):
    def pause():
        bench.rig.dark_error = OSError("the shutter is stuck")
        with suppress(OSError):
            bench.engine.pause()

    def pause_in_block():
        pausing.start()
        assert bench.engine._control.interrupt.wait(10)

    pausing = threading.Thread(target=pause)
    bench.when_block(3, pause_in_block)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2)])
    pausing.join(10)
    assert outcome.status is RunStatus.FAILED
    assert "the shutter is stuck" in str(outcome.error)
    assert bench.rig.is_safe


def test_pause_and_resume_without_a_run_are_refused(bench):
    for verb in (bench.engine.pause, bench.engine.resume):
        with pytest.raises(SequenceError, match="no run goes on"):
            verb()


def test_the_transitions_are_those_that_are_published(bench):
    with paused(bench, [AcquirePhotons(duration_s=2)], at_block=5):
        pass
    assert bench.transitions == [
        "idle start running",
        "running pause pausing",
        "pausing hold paused",
        "paused resume running",
        "running end idle",
    ]


def test_a_question_is_asked_in_the_dark_and_the_light_comes_back(bench):
    seen = []
    bench.services.ask = lambda *asked: seen.append((asked[0], bench.rig.laser.emission)) or "yes"
    bench.engine.run([*LIGHT, Prompt(text="In focus?", choices=("yes", "no")), AcquirePhotons(duration_s=1)])
    assert seen == [("In focus?", False)]
    assert bench.rig.log[-3:] == ["emission on", "open", "safe"]
    assert bench.said("step_ended")[2]["values"] == {"answer": "yes"}


def test_a_question_that_nobody_answers_fails_the_run_or_goes_on_as_the_step_says(bench):
    failed = bench.engine.run([Prompt(text="In focus?", timeout_s=5)])
    assert "nobody has answered 'In focus?'" in str(failed.error)
    outcome = bench.engine.run([Prompt(text="In focus?", timeout_s=5, on_timeout="continue")])
    assert outcome.status is RunStatus.COMPLETED


@pytest.mark.parametrize("verb", ["pause", "abort"])
@pytest.mark.parametrize(
    "step",
    [
        Soak(duration_s=86_400),
        WaitUntilStable(window_s=3600, timeout_s=86_400),
        RampTemperature(temperature_c=60, rate_c_per_min=0.01),
        AcquirePhotons(duration_s=86_400),
        Prompt(text="ready?", light=True),
        SetShutter(open=True),
    ],
    ids=lambda step: step.kind,
)
def test_each_verb_takes_the_light_off_in_time_whatever_step_goes_on(verb, step):
    """In the middle of each kind of step, also one that hangs in an instrument for longer than the bound."""
    bench = Bench()
    hanging, release = threading.Event(), threading.Event()
    hang(bench, step, hanging, release)
    steps = [
        SetTemperature(temperature_c=30),
        SetLaser(emission=True),
        *([SetShutter(open=True)] if step.kind != "set_shutter" else []),
        step,
    ]
    runner = threading.Thread(target=bench.engine.run, args=(steps,))
    runner.start()
    try:
        assert hanging.wait(10)
        begin = time.monotonic()
        getattr(bench.engine, verb)()
        took_s = time.monotonic() - begin
        assert not bench.rig.laser.emission
        assert took_s < BOUND_S
    finally:
        release.set()
        bench.engine.abort()
        runner.join(20)
    assert not runner.is_alive()
    assert bench.rig.is_safe


def hang(bench, step, hanging, release):
    """Let a step of the run hang in its instrument, or say when it has begun to wait."""
    if step.kind == "acquire_photons":
        bench.when_block(2, lambda: hanging.set() or release.wait(10))
    elif step.kind == "set_shutter":
        bench.rig.shutter.set_open = lambda is_open: hanging.set() or release.wait(10)
    elif step.kind == "prompt":
        bench.services.ask = lambda question, choices, timeout_s, interrupt, tick: (
            hanging.set() or (interrupt.wait(10) and None)
        )
    else:
        bench.rig.clock.wait = lambda event, timeout_s: hanging.set() or event.wait(5)


def wait_for(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def test_a_point_that_reached_its_goal_while_it_was_paused_is_not_acquired_further(bench):
    judged = threading.Event()

    class Reached:
        def reached(self, elapsed_s, snapshot):
            judged.set()
            return "enough"

    bench.services.new_goal = lambda step: Reached()
    asked = bench.when_block

    def when_judged(number, act):
        asked(number, lambda: judged.wait(10) and act())

    bench.when_block = when_judged
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=1) as outcome:
        pass
    [point] = outcome[0].points
    assert (point.result.ending, point.complete, len(bench.recorders)) == (Ending.GOAL, True, 1)


def test_a_part_that_went_dark_because_of_an_error_is_measured_again():
    bench = Bench(stream=StreamSettings(shed=False, block_timeout_s=0.1))
    begun = []

    def act(number):
        begun.append(number)
        if len(begun) == 3:
            bench.rig.made_safe.wait(10)

    bench.rig.spad_array._before_block = act
    make_safe = bench.rig.make_safe

    def slowly():
        make_safe()
        if len(bench.recorders) == 1:
            bench.rig.spad_array.closed.wait_for(1)

    bench.rig.make_safe = slowly
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=0.6, retry={"times": 1, "wait_s": 5})])
    assert outcome.status is RunStatus.COMPLETED
    first, second = bench.recorders
    assert (len(first.blocks), len(second.blocks)) == (3, 4)  # the third was dark
    assert outcome.points[0].result.measured_s == pytest.approx(0.6, abs=1e-5)
