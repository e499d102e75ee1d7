"""A run that is steered by hand looks at photons between the steps that are handed in, and outlives their failures."""

import threading
from contextlib import contextmanager

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    CountPhotons,
    HandedSteps,
    Preview,
    RunStatus,
    SequenceError,
    SetLaser,
    SetTemperature,
    State,
    WaitUntilStable,
)
from acquisition.sequence.found import found_setup
from drivers.interfaces.errors import InterlockError
from tests.sequence.bench import Bench
from tests.streaming.fakes import FakeLive, FakeRecorder, FakeSpadArray, make_block

TIMEOUT_S = 10.0


class Slow(FakeSpadArray):
    """Waits a moment for each block, as a detector does."""

    def photons(self, duration_s):
        try:
            for number in range(round(duration_s / 0.1)):
                self.asked.up()
                threading.Event().wait(0.002)
                self._before_block(number)
                yield make_block(number, photons=10)
        finally:
            self.closed_streams += 1


class Looks:
    """Shows photons, and keeps what was shown."""

    def __init__(self, rig):
        self.rig = rig
        self.recorders = []
        self.began = threading.Semaphore(0)

    def __call__(self, info):
        self.recorders.append(FakeRecorder(lambda number: self.began.release() if number == 0 else None))
        return Preview(self.rig.spad_array, self.recorders[-1], FakeLive())

    def wait(self):
        """Wait until photons are looked at that were not before."""
        assert self.began.acquire(timeout=TIMEOUT_S)


class Steered:
    """A run that goes on until it is stopped."""

    def __init__(self, **more):
        self.bench = Bench(**more)
        self.rig, self.engine = self.bench.rig, self.bench.engine
        self.rig.spad_array = Slow()
        self.looks = Looks(self.rig)
        self.steps = HandedSteps(self.looks)
        self.outcome = None

    @contextmanager
    def going_on(self):
        self.engine.begin(self.steps, setup=found_setup(self.rig))
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield self
        finally:
            self.engine.stop()
            thread.join(TIMEOUT_S)
        assert not thread.is_alive()
        assert self.rig.is_safe

    def _run(self):
        self.outcome = self.engine.carry_on()

    def do(self, step):
        return self.steps.do(step, TIMEOUT_S)


@pytest.fixture
def steered():
    found = Steered()
    found.rig.focus = found.rig.attenuator = None
    return found


def test_photons_are_looked_at_until_the_run_is_stopped_and_none_is_a_point(steered):
    with steered.going_on():
        steered.looks.wait()
        assert steered.engine.status().step == "look at the photons"
        assert steered.engine.status().remaining_s is None
    assert steered.outcome.status is RunStatus.STOPPED
    assert steered.outcome.points == ()
    assert steered.bench.services.parts == {}


def test_a_step_is_carried_out_between_two_looks_and_gives_its_values(steered):
    with steered.going_on():
        steered.looks.wait()
        assert steered.do(SetLaser(intensity_percent=20, emission=True)) == {
            "intensity_percent": 20,
            "emission": True,
        }
        steered.looks.wait()
        assert steered.rig.laser.emission
        assert steered.do(CountPhotons(duration_s=0.1))["counts"] > 0
    assert len(steered.looks.recorders) >= 2
    assert all(each.finished for each in steered.looks.recorders)


def test_a_step_that_fails_is_told_to_who_asked_and_ends_nothing(steered):
    steered.rig.laser.interlock_closed = False
    with steered.going_on():
        with pytest.raises(InterlockError, match="the interlock is open"):
            steered.do(SetLaser(emission=True))
        with pytest.raises(SequenceError, match="is outside 0"):
            steered.do(SetLaser(intensity_percent=90))
        with pytest.raises(SequenceError, match="not heating"):
            steered.do(WaitUntilStable(tolerance_c=1, window_s=1, timeout_s=5))
        assert steered.do(SetLaser(intensity_percent=20))["intensity_percent"] == 20
        assert steered.engine.state is State.RUNNING
    assert steered.outcome.status is RunStatus.STOPPED


def test_an_alarm_ends_the_run(steered):
    with steered.going_on():
        steered.do(SetTemperature(temperature_c=40))
        steered.rig.heater.alarm = "sensor broken"
        with pytest.raises(Exception, match="sensor broken"):
            steered.do(WaitUntilStable(tolerance_c=1, window_s=1, timeout_s=5))
    assert steered.outcome.status is RunStatus.FAILED


def test_a_detector_that_fails_ends_the_run_and_who_waits_is_told(steered):
    def fail(number):
        raise OSError("cable out")

    with steered.going_on():
        steered.looks.wait()
        steered.rig.spad_array._before_block = fail
        assert steered.rig.made_safe.wait(TIMEOUT_S)
        with pytest.raises(SequenceError, match="has ended"):
            steered.do(SetLaser(intensity_percent=20))
    assert steered.outcome.status is RunStatus.FAILED
    assert "cable out" in str(steered.outcome.error)


def test_what_comes_while_a_step_is_carried_out_is_refused(steered):
    held, go_on = threading.Event(), threading.Event()

    def hold(number):
        held.set()
        assert go_on.wait(TIMEOUT_S)

    with steered.going_on():
        steered.looks.wait()
        steered.rig.clock.on_wait = lambda: hold(0)
        steered.do(SetTemperature(temperature_c=40))
        thread = threading.Thread(target=steered.do, args=(WaitUntilStable(tolerance_c=1, window_s=1, timeout_s=99),))
        thread.start()
        assert held.wait(TIMEOUT_S)
        with pytest.raises(SequenceError, match="wait_until_stable is just being carried out"):
            steered.do(SetLaser(intensity_percent=20))
        with pytest.raises(SequenceError, match="just being carried out"):
            steered.do(SetLaser(intensity_percent=20))
        go_on.set()
        thread.join(TIMEOUT_S)
        assert not thread.is_alive()


def test_a_step_that_takes_too_long_is_waited_for_no_longer(steered):
    go_on = threading.Event()
    with steered.going_on():
        steered.do(SetTemperature(temperature_c=40))
        steered.rig.clock.on_wait = lambda: go_on.wait(TIMEOUT_S)
        with pytest.raises(SequenceError, match=r"not come to its end within 0.01 s"):
            steered.steps.do(WaitUntilStable(tolerance_c=1, window_s=1, timeout_s=99), 0.01)
        go_on.set()


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_whoever_waits_is_told_when_the_run_ends(steered, verb):
    told = []

    def wait():
        with pytest.raises(SequenceError, match="has ended"):
            steered.do(WaitUntilStable(tolerance_c=1, window_s=2e6, timeout_s=2.5e6))
        told.append(True)

    with steered.going_on():
        steered.do(SetTemperature(temperature_c=40))
        waiting = threading.Event()
        steered.rig.clock.on_wait = waiting.set
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(TIMEOUT_S)
        getattr(steered.engine, verb)()
        thread.join(TIMEOUT_S)
    assert told
    with pytest.raises(SequenceError, match="has ended"):
        steered.do(SetLaser(intensity_percent=20))


def test_a_run_that_is_aborted_before_its_first_step_leaves_nobody_waiting(steered):
    steered.engine.begin(steered.steps)
    steered.engine.abort()
    assert steered.engine.carry_on().status is RunStatus.ABORTED
    with pytest.raises(SequenceError, match="has ended"):
        steered.do(SetLaser(intensity_percent=20))


def test_a_pause_is_dark_and_what_was_found_and_set_comes_back(steered):
    steered.rig.laser.emission, steered.rig.laser.percent = True, 5.0
    steered.rig.shutter.is_open_now = True
    with steered.going_on():
        steered.looks.wait()
        steered.do(SetLaser(intensity_percent=7))
        steered.looks.wait()
        steered.engine.pause("coffee")
        assert steered.engine._control.paused.wait(TIMEOUT_S)
        assert not steered.rig.laser.emission
        assert not steered.rig.shutter.is_open_now
        steered.engine.resume()
        steered.looks.wait()
        assert steered.rig.laser.emission
        assert steered.rig.shutter.is_open_now
        assert steered.rig.laser.percent == 7


def test_points_of_procedures_are_recorded_as_ever(steered):
    with steered.going_on():
        steered.do(AcquirePhotons(duration_s=0.5, label="dark", background="dark"))
    [point] = steered.outcome.points
    assert (point.label, point.complete) == ("dark", True)
