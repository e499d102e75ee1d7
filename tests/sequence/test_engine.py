"""The engine carries out steps and tells what it does."""

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    Repeat,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    State,
    WaitUntilStable,
)
from acquisition.sequence.states import TRANSITIONS, Verb
from drivers.interfaces.errors import FaultError
from tests.sequence.bench import DARK, LIGHT, Bench


@pytest.fixture
def bench():
    return Bench()


def test_a_run_does_its_steps_in_order_and_ends_safe(bench):
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1, label="dot 7")], DARK)
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.log == ["rate 1e+06", "intensity 20", "emission on", "open", "close", "emission off", "safe"]
    assert bench.rig.is_safe
    assert bench.engine.state is State.IDLE
    [point] = outcome.points
    assert (point.number, point.label, point.complete, point.result.photons) == (1, "dot 7", True, 10_000)
    assert bench.recorders[0].finished


def test_the_journal_tells_the_run(bench):
    bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1)])
    assert bench.transitions == ["idle start running", "running end idle"]
    assert [entry["kind"] for entry in bench.said("step_started")] == ["set_laser", "set_shutter", "acquire_photons"]
    assert [entry["step"] for entry in bench.said("step_ended")] == [1, 2, 3]
    assert bench.said("point_completed")[0]["photons"] == 10_000
    assert bench.events[-1] == {"event": "run_ended", "time_s": 0.0, "status": "completed"}


def test_everything_is_compiled_before_a_source_is_on():
    bench = Bench(warm_up=lambda: bench.rig.log.append("warm"))
    bench.engine.run([SetTemperature(temperature_c=40), *LIGHT])
    assert bench.rig.log[:2] == ["warm", "heat 40"]


def test_the_bias_is_on_while_photons_are_read(bench):
    seen = []
    bench.when_block(0, lambda: seen.append(bench.rig.spad_array.bias))
    bench.engine.run([AcquirePhotons(duration_s=1)])
    assert seen == [True]


def test_a_generator_is_pulled_one_step_at_a_time_and_may_decide_by_results(bench):
    def adaptive():
        yield from LIGHT
        while sum(point.result.photons for point in bench.engine.points) < 25_000:
            yield AcquirePhotons(duration_s=1)

    outcome = bench.engine.run(adaptive())
    assert outcome.status is RunStatus.COMPLETED
    assert len(outcome.points) == 3


def test_a_repeat_is_carried_out_for_each_value(bench):
    steps = [
        {"kind": "set_temperature", "temperature": "$t"},
        {"kind": "wait_until_stable"},
        {"kind": "acquire_photons", "duration_s": 0.5, "label": "$t"},
    ]
    outcome = bench.engine.run([Repeat(variable="t", values=("40 degC", "60 degC"), steps=steps)])
    assert [point.label for point in outcome.points] == ["40 degC", "60 degC"]
    assert [entry for entry in bench.rig.log if entry.startswith("heat")] == ["heat 40", "heat 60"]


def test_stop_ends_the_step_keeps_the_photons_and_does_the_cleanup(bench):
    bench.when_block(4, bench.engine.stop)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1000), SetTemperature(temperature_c=40)], DARK)
    assert outcome.status is RunStatus.STOPPED
    assert bench.rig.log[4:] == ["close", "emission off", "safe"]
    assert outcome.points[0].complete
    assert bench.recorders[0].photons == outcome.points[0].result.photons == 5000
    assert bench.transitions == ["idle start running", "running stop stopping", "stopping end idle"]


def test_stop_during_the_cleanup_does_not_cut_it_short(bench):
    bench.rig.laser.set_emission = lambda on: (bench.rig.log.append("off"), bench.engine.stop())
    outcome = bench.engine.run([SetShutter(open=True)], [SetLaser(emission=False), SetShutter(open=False)])
    assert outcome.status is RunStatus.STOPPED
    assert bench.rig.log == ["open", "off", "close", "safe"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (SetTemperature(temperature_c=80), "80 is above 60, the limit of the objective"),
        (SetLaser(intensity_percent=60), "intensity_percent = 60 is outside 0 ... 50"),
        (SetLaser(repetition_rate_hz=100e6), "repetition_rate_hz = 1e"),
    ],
)
def test_what_the_rig_does_not_allow_is_refused_before_anything_is_switched_on(bench, step, message):
    with pytest.raises(SequenceError, match=f"step 3.*{message}"):
        bench.engine.run([*LIGHT, step])
    assert bench.rig.log == []
    assert bench.engine.state is State.IDLE


def test_a_generator_is_refused_at_the_step_that_is_not_allowed(bench):
    outcome = bench.engine.run(step for step in [*LIGHT, SetTemperature(temperature_c=80)])
    assert outcome.status is RunStatus.FAILED
    assert "step 3 (set_temperature)" in str(outcome.error)
    assert bench.rig.heater.setpoint_c is None
    assert bench.rig.is_safe


def test_a_rig_without_a_heater_refuses_to_heat(bench):
    bench.rig.heater = None
    with pytest.raises(SequenceError, match="this rig has no heater"):
        bench.engine.run([SetTemperature(temperature_c=40)])


def test_waiting_for_a_temperature_takes_the_window_after_it_is_reached(bench):
    outcome = bench.engine.run([SetTemperature(temperature_c=40), WaitUntilStable(tolerance_c=0.5, window_s=30)])
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.clock.now() == pytest.approx(31.0)  # two readings on the way, then the window


def test_a_temperature_that_is_not_stable_in_time_fails_the_run(bench):
    bench.rig.heater.status = lambda status=bench.rig.heater.status: (
        setattr(bench.rig.heater, "temperature_c", 20.0) or status()
    )
    steps = [SetTemperature(temperature_c=60), WaitUntilStable(tolerance_c=0.5, window_s=30, timeout_s=60)]
    outcome = bench.engine.run(steps)
    assert "after 60 s the temperature is 20.00 degC" in str(outcome.error)
    assert bench.rig.clock.now() == pytest.approx(60.0)


def test_waiting_without_a_setpoint_says_what_to_do(bench):
    assert "put a set_temperature step before" in str(bench.engine.run([WaitUntilStable()]).error)


def test_an_alarm_of_the_heater_fails_the_run(bench):
    bench.rig.heater.alarm = "sensor broken"
    outcome = bench.engine.run([SetTemperature(temperature_c=40), WaitUntilStable()])
    assert isinstance(outcome.error.__cause__, FaultError)
    assert "sensor broken" in str(outcome.error)


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        ((1e6, 50), (10e6, 10), ["intensity 10", "rate 1e+07"]),
        ((10e6, 10), (1e6, 50), ["rate 1e+06", "intensity 50"]),
    ],
)
def test_what_lowers_the_power_of_a_laser_that_shines_goes_first(bench, before, after, order):
    settings = [SetLaser(repetition_rate_hz=rate, intensity_percent=percent) for rate, percent in (before, after)]
    bench.engine.run([settings[0], SetLaser(emission=True), settings[1]])
    assert bench.rig.log[-3:] == [*order, "safe"]


def test_a_second_run_is_refused_while_one_runs(bench):
    refused = []

    def start_another():
        with pytest.raises(SequenceError) as caught:
            bench.engine.run(LIGHT)
        refused.append(str(caught.value))

    bench.when_block(1, start_another)
    assert bench.engine.run([AcquirePhotons(duration_s=1)]).status is RunStatus.COMPLETED
    assert "cannot start while the engine is running" in refused[0]


def test_the_status_tells_step_point_and_remaining_time(bench):
    seen = []
    bench.when_block(5, lambda: seen.append(bench.engine.status()))
    bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1, label="a"), AcquirePhotons(duration_s=3, label="b")])
    first, second = seen
    assert (first.state, first.step_number, first.step, first.point) == (
        State.RUNNING,
        3,
        "acquire photons for 1 s (a)",
        1,
    )
    assert 3.0 <= first.remaining_s <= 4.0
    assert 2.0 <= second.remaining_s <= 3.0
    assert bench.engine.status().remaining_s == 0


def test_each_state_knows_stop_abort_and_how_to_break():
    for state in State:
        assert TRANSITIONS[state, Verb.BREAK] is State.BROKEN
        assert {(state, Verb.STOP), (state, Verb.ABORT)} <= TRANSITIONS.keys()
    starts = [state for state in State if (state, Verb.START) in TRANSITIONS]
    assert starts == [State.IDLE]
