"""The engine carries out steps, can be ended at any time, and leaves the instruments safe whatever happens."""

import threading

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    Engine,
    Repeat,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    State,
    StepError,
    WaitUntilStable,
)
from acquisition.sequence.states import TRANSITIONS, Verb
from acquisition.streaming import StreamSettings
from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, StateError
from tests.sequence.fake_rig import FakeRig
from tests.streaming.fakes import FakeLive, FakeRecorder

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]
DARK = [SetShutter(open=False), SetLaser(emission=False)]


class Bench:
    """An engine on a fake rig, with everything that it wrote."""

    def __init__(self, **more):
        self.rig = FakeRig()
        self.events = []
        self.recorders = []
        settings = {"stream": StreamSettings(shed=False), "journal": self.events.append, **more}
        self.engine = Engine(self.rig, recorder_factory=self.new_recorder, live_factory=self.new_live, **settings)

    def new_recorder(self, point_number, info):
        self.recorders.append(FakeRecorder())
        return self.recorders[-1]

    def new_live(self, info):
        return FakeLive()

    def said(self, event):
        return [entry for entry in self.events if entry["event"] == event]

    def when_block(self, number, act):
        self.rig.spad_array._before_block = lambda present: act() if present == number else None

    @property
    def transitions(self):
        return [f"{entry['before']} {entry['verb']} {entry['after']}" for entry in self.said("transition")]


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


def test_abort_is_safe_while_the_detector_still_delivers_and_skips_the_cleanup(bench):
    emission_after_abort = []

    def abort_and_look():
        bench.engine.abort()
        emission_after_abort.append(bench.rig.laser.emission)

    bench.when_block(4, abort_and_look)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1000)], DARK)
    assert emission_after_abort == [False]
    assert outcome.status is RunStatus.ABORTED
    assert outcome.error is None
    assert "close" not in bench.rig.log
    assert bench.recorders[0].finished
    assert bench.rig.is_safe


def test_abort_is_safe_while_the_recorder_still_writes(bench):
    emission_after_abort = []

    def abort_and_look():
        bench.engine.abort()
        emission_after_abort.append(bench.rig.laser.emission)

    recorder = FakeRecorder()
    recorder.finish = abort_and_look
    bench.engine._recorder_factory = lambda number, info: recorder
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1)], DARK)
    assert emission_after_abort == [False]
    assert outcome.status is RunStatus.ABORTED


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_a_verb_between_the_start_of_a_run_and_its_first_step_is_not_lost(verb):
    bench = Bench(warm_up=lambda: bench.rig.log.append("warm"))
    bench.engine.begin(LIGHT)
    assert bench.engine.state is State.RUNNING
    getattr(bench.engine, verb)()
    outcome = bench.engine.carry_on()
    assert outcome.status is (RunStatus.STOPPED if verb == "stop" else RunStatus.ABORTED)
    assert set(bench.rig.log) == {"safe"}
    assert bench.engine.state is State.IDLE


def test_a_run_arms_the_rig_and_making_safe_disarms_it(bench):
    armed = []
    bench.rig.armed = False
    bench.when_block(1, lambda: armed.append(bench.rig.armed))
    bench.engine.run([AcquirePhotons(duration_s=1)])
    assert armed == [True]
    assert not bench.rig.armed


def test_a_run_is_refused_while_the_rig_is_made_safe(bench):
    def refuse():
        raise StateError("rig", "is just being made safe")

    bench.rig.arm = refuse
    with pytest.raises(StateError, match="just being made safe"):
        bench.engine.run(LIGHT)
    assert bench.engine.state is State.IDLE
    assert bench.rig.log == []


def test_a_run_that_is_going_on_is_not_armed_by_one_that_is_refused(bench):
    armed = []

    def start_another():
        bench.engine.abort()
        with pytest.raises(SequenceError):
            bench.engine.begin(LIGHT)
        armed.append(bench.rig.armed)

    bench.when_block(1, start_another)
    bench.engine.run([AcquirePhotons(duration_s=1)])
    assert armed == [False]


def test_a_long_wait_is_ended_at_once(bench):
    bench.rig.clock.on_wait = bench.engine.abort
    outcome = bench.engine.run([SetTemperature(temperature_c=60), WaitUntilStable(window_s=3600, timeout_s=86_400)])
    assert outcome.status is RunStatus.ABORTED
    assert bench.rig.clock.now() == 0
    assert bench.rig.is_safe


def test_the_emergency_stop_makes_safe_in_the_calling_thread_while_the_engine_hangs(bench):
    hanging, release = threading.Event(), threading.Event()

    def hang(is_open):
        hanging.set()
        release.wait(30)

    bench.rig.shutter.set_open = hang
    runner = threading.Thread(target=bench.engine.run, args=([*LIGHT, SetTemperature(temperature_c=40)],))
    runner.start()
    try:
        assert hanging.wait(10)
        assert bench.rig.laser.emission
        bench.engine.emergency_stop()
        assert not bench.rig.laser.emission
        assert bench.rig.made_safe_in == [threading.current_thread().name]
    finally:
        release.set()
        runner.join(10)
    assert not runner.is_alive()
    assert "heat 40" not in bench.rig.log
    assert bench.rig.is_safe
    assert bench.engine.state is State.IDLE
    assert bench.said("emergency_stop")


def test_an_emergency_stop_between_the_settings_of_the_laser_keeps_it_dark(bench):
    def set_intensity(value):
        bench.engine.emergency_stop()

    bench.rig.laser.set_intensity_percent = set_intensity
    bench.engine.run(LIGHT)
    assert "emission on" not in bench.rig.log


def test_the_emergency_stop_works_when_nothing_runs(bench):
    bench.rig.laser.set_emission(True)
    bench.engine.emergency_stop()
    assert not bench.rig.laser.emission
    assert bench.engine.run(LIGHT).status is RunStatus.COMPLETED


def test_a_step_that_fails_ends_the_run_safe_and_names_itself(bench):
    bench.rig.laser.interlock_closed = False
    outcome = bench.engine.run([SetTemperature(temperature_c=40), *LIGHT], DARK)
    assert outcome.status is RunStatus.FAILED
    assert isinstance(outcome.error, StepError)
    assert str(outcome.error) == "step 2 (set_laser): laser: the interlock is open; close it"
    assert isinstance(outcome.error.__cause__, DeviceError)
    assert bench.rig.is_safe
    assert bench.said("error")[0]["message"] == str(outcome.error)
    assert bench.transitions == ["idle start running", "running abort aborting", "aborting end idle"]


def test_the_light_is_off_before_a_failure_is_written_down():
    bench = Bench(journal=lambda event: seen.append((event["event"], event.get("after"), bench.rig.is_safe)))
    seen = []
    bench.rig.heater.alarm = "sensor broken"
    bench.engine.run([*LIGHT, SetTemperature(temperature_c=40), WaitUntilStable()])
    unsafe = [(event, after) for event, after, safe in seen if not safe]
    assert unsafe == [("step_ended", None), ("step_started", None)] * 3
    assert [(event, after) for event, after, safe in seen[-4:]] == [
        ("transition", "aborting"),
        ("error", None),
        ("transition", "idle"),
        ("run_ended", None),
    ]


def test_an_abort_makes_safe_although_the_disk_of_the_journal_hangs():
    hanging, release = threading.Event(), threading.Event()

    def journal(event):
        if event["event"] == "step_ended" and bench.rig.shutter.is_open_now:
            hanging.set()
            release.wait(30)

    bench = Bench(journal=journal)
    runner = threading.Thread(target=bench.engine.run, args=(LIGHT,))
    runner.start()
    try:
        assert hanging.wait(10)
        bench.engine.abort()
        assert bench.rig.is_safe
    finally:
        release.set()
        runner.join(10)
    assert not runner.is_alive()
    assert bench.engine.state is State.IDLE


def test_the_light_is_off_before_the_recorder_of_a_failed_detector_is_waited_for(bench):
    def fail():
        raise CommunicationError("spad_array", "the cable is out")

    safe_in_time = []
    recorder = FakeRecorder()
    recorder.finish = lambda: safe_in_time.append(bench.rig.made_safe.wait(10))
    bench.engine._recorder_factory = lambda number, info: recorder
    bench.when_block(3, fail)
    assert bench.engine.run([*LIGHT, AcquirePhotons(duration_s=10)]).status is RunStatus.FAILED
    assert safe_in_time == [True]


def test_a_point_is_kept_although_its_instruments_could_not_be_made_safe(bench):
    def fail():
        bench.rig.safety_error = CommunicationError("laser", "no answer")
        raise CommunicationError("spad_array", "the cable is out")

    bench.when_block(3, fail)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=10)])
    assert outcome.points[0].result.recorded_photons == 3000
    assert "check them by hand: laser: no answer" in str(outcome.error)
    assert bench.engine.state is State.BROKEN


def test_a_live_analysis_that_cannot_be_made_leaves_no_recording_open(bench):
    def fail(info):
        raise ValueError("no live analysis")

    bench.engine._live_factory = fail
    outcome = bench.engine.run([AcquirePhotons(duration_s=10)])
    assert "no live analysis" in str(outcome.error)
    assert bench.recorders == []


def test_a_detector_that_fails_leaves_a_point_that_is_not_complete(bench):
    def fail():
        raise CommunicationError("spad_array", "the cable is out")

    bench.when_block(3, fail)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=10)])
    assert outcome.status is RunStatus.FAILED
    [point] = outcome.points
    assert not point.complete
    assert point.result.recorded_photons == 3000
    assert bench.said("point_failed")[0]["photons"] == 3000
    assert bench.rig.is_safe


def test_a_generator_that_raises_ends_the_run_safe(bench):
    closed = []

    def broken():
        try:
            yield from LIGHT
            raise ZeroDivisionError("in the user's program")
        finally:
            closed.append(True)

    outcome = bench.engine.run(broken())
    assert outcome.status is RunStatus.FAILED
    assert isinstance(outcome.error, ZeroDivisionError)
    assert bench.rig.is_safe
    assert closed == [True]


def test_a_stopped_generator_is_closed(bench):
    closed = []

    def endless():
        try:
            while True:
                yield AcquirePhotons(duration_s=1)
        finally:
            closed.append(True)

    bench.when_block(2, bench.engine.stop)
    assert bench.engine.run(endless()).status is RunStatus.STOPPED
    assert closed == [True]


def test_an_interrupt_from_the_keyboard_is_passed_on_after_making_safe(bench):
    def interrupted():
        yield from LIGHT
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.engine.run(interrupted())
    assert bench.rig.is_safe
    assert bench.engine.state is State.IDLE


def test_an_interrupt_while_making_safe_leaves_an_engine_that_can_run_again(bench):
    make_safe = bench.rig.make_safe

    def interrupted():
        make_safe()
        raise KeyboardInterrupt

    bench.rig.make_safe = interrupted
    with pytest.raises(KeyboardInterrupt):
        bench.engine.run(LIGHT)
    assert bench.engine.state is State.IDLE
    bench.rig.make_safe = make_safe
    assert bench.engine.run(LIGHT).status is RunStatus.COMPLETED


def test_an_interrupt_before_the_first_step_leaves_an_engine_that_can_run_again():
    pressed = []

    def journal(event):
        if not pressed:
            pressed.append(event["after"])
            raise KeyboardInterrupt

    bench = Bench(journal=journal)
    with pytest.raises(KeyboardInterrupt):
        bench.engine.run(LIGHT)
    assert pressed == ["running"]
    assert bench.rig.log == ["safe"]
    assert bench.engine.run(LIGHT).status is RunStatus.COMPLETED


def test_an_instrument_that_cannot_be_made_safe_breaks_the_engine(bench):
    bench.rig.safety_error = CommunicationError("laser", "no answer")
    outcome = bench.engine.run(LIGHT)
    assert outcome.status is RunStatus.FAILED
    assert "check them by hand: laser: no answer" in str(outcome.error)
    assert bench.engine.state is State.BROKEN
    with pytest.raises(SequenceError, match="cannot start while the engine is broken"):
        bench.engine.run(LIGHT)


def test_an_emergency_stop_that_fails_says_so_and_breaks_the_engine(bench):
    bench.rig.safety_error = CommunicationError("laser", "no answer")
    with pytest.raises(CommunicationError, match="no answer"):
        bench.engine.emergency_stop()
    assert bench.engine.state is State.BROKEN


def test_an_emergency_stop_that_fails_during_a_run_is_the_error_of_the_run(bench):
    def stop():
        bench.rig.safety_error = CommunicationError("laser", "no answer")
        with pytest.raises(CommunicationError):
            bench.engine.emergency_stop()
        bench.rig.safety_error = None

    bench.when_block(2, stop)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=10)])
    assert outcome.status is RunStatus.FAILED
    assert "check them by hand: laser: no answer" in str(outcome.error)
    assert bench.engine.state is State.BROKEN


def test_a_journal_that_fails_at_the_very_end_is_told():
    def full(event):
        if event["event"] == "run_ended":
            raise OSError(28, "No space left on device")

    outcome = Bench(journal=full).engine.run(LIGHT)
    assert outcome.status is RunStatus.FAILED
    assert "No space left on device" in str(outcome.error)


def test_a_journal_that_cannot_be_written_ends_the_run_safe():
    def full(event):
        raise OSError(28, "No space left on device")

    bench = Bench(journal=full)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1000)])
    assert outcome.status is RunStatus.FAILED
    assert "No space left on device" in str(outcome.error)
    assert bench.rig.log == ["safe"]


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
