"""A run can be ended at any time, and leaves the instruments safe whatever happens."""

import threading

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    RunStatus,
    SequenceError,
    SetTemperature,
    State,
    StepError,
    WaitUntilStable,
)
from drivers.interfaces.errors import CommunicationError, DeviceError, StateError
from tests.sequence.bench import DARK, LIGHT, Bench
from tests.streaming.fakes import FakeRecorder


@pytest.fixture
def bench():
    return Bench()


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
    bench.services.new_recorder = lambda: recorder
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
    bench.services.new_recorder = lambda: recorder
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
    def fail():
        raise ValueError("no live analysis")

    bench.services.new_live = fail
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
