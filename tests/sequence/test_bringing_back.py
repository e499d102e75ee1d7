"""Whatever comes between two steps, the next one finds the instruments as the steps before have set them."""

import itertools
import threading

import pytest

from acquisition.rig.safety import NotSafeError
from acquisition.sequence import (
    AcquirePhotons,
    MoveStage,
    NoWatch,
    Prompt,
    RampTemperature,
    Retry,
    RunStatus,
    SetLaser,
    SetShutter,
    SetTemperature,
    Soak,
    WaitUntilStable,
    read_history,
)
from drivers.interfaces.errors import CommunicationError, InterlockError
from drivers.interfaces.heater import HeaterStatus
from tests.sequence.bench import LIGHT, Bench
from tests.sequence.test_blocks import fails
from tests.sequence.test_pausing import paused


@pytest.fixture
def bench():
    return Bench()


def state_at_blocks(bench):
    """Return a list that gets laser, shutter and setpoint before each block."""
    seen = []
    rig = bench.rig
    rig.spad_array._before_block = lambda number: seen.append(
        (rig.laser.emission, rig.shutter.is_open_now, rig.laser.percent, rig.heater.setpoint_c)
    )
    return seen


def broken_off_in(step, steps):
    """Return the history of a run whose program ended in the middle of a step."""
    bench = Bench()
    bench.services.answers = ["continue"] * 5
    bench.engine.run(steps)
    cut = next(n for n, event in enumerate(bench.events) if event["event"] == "step_ended" and event["step"] == step)
    return read_history(bench.events[:cut])


class Reading(NoWatch):
    """Suspends once, and while it reads the instruments to let the run go on, something happens."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile
        self.suspends = True

    def tick(self, moment):
        wrong = self.suspends and isinstance(moment.step, Soak)
        self.suspends = self.suspends and not wrong
        return "the laser rate is wrong" if wrong else None

    def may_resume(self):
        self._meanwhile()
        return "the laser rate is well again"


def test_a_person_who_pauses_a_suspended_run_is_not_overruled_by_the_watch():
    pressed = threading.Event()

    def press_pause():
        bench.engine.pause("hands in the beam path")
        pressed.set()

    bench = Bench(watch=Reading(press_pause))
    runner = threading.Thread(target=bench.engine.run, args=([*LIGHT, Soak(duration_s=3)],))
    runner.start()
    try:
        assert pressed.wait(10)
        assert not bench.engine._control.moved.wait(0.3)
        assert not bench.rig.laser.emission
        assert bench.said("resumes_by_itself") == []
    finally:
        bench.engine.abort()
        runner.join(20)
    assert not runner.is_alive()


def test_instruments_that_could_not_be_made_safe_end_the_run_whatever_retry_the_step_has(bench):
    make_safe, fails_once = bench.rig.make_safe, [True]

    def make_safe_once():
        make_safe()
        if fails_once.pop() if fails_once else False:
            raise NotSafeError("make safe:", {"heater": TimeoutError("the relay is stuck")}, [])

    def fail():
        bench.rig.make_safe = make_safe_once
        raise CommunicationError("spad_array", "the cable is out")

    bench.when_block(3, fail)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1, retry=Retry(times=2))])
    assert outcome.status is RunStatus.FAILED
    assert "the relay is stuck" in str(outcome.error)
    assert bench.said("step_retried") == []
    assert bench.rig.is_safe


def test_a_skip_after_a_crash_leaves_the_next_step_its_instruments(bench):
    heated = [SetTemperature(temperature_c=50), WaitUntilStable(tolerance_c=0.5)]
    steps = [*heated, *LIGHT, Soak(duration_s=5, repeatable=False), AcquirePhotons(duration_s=0.5)]
    bench.services.answers = ["skip"]
    seen = state_at_blocks(bench)
    outcome = bench.engine.run(steps, (), broken_off_in(5, steps))
    assert outcome.status is RunStatus.COMPLETED
    assert set(seen) == {(True, True, 20, 50)}


def test_a_step_that_was_skipped_is_not_set_by_a_later_resume(bench):
    set_intensity = bench.rig.laser.set_intensity_percent
    bench.rig.laser.set_intensity_percent = lambda value: (
        set_intensity(value) if value <= 20 else fails(9, CommunicationError("laser", "no answer"), None)()
    )
    skipped = SetLaser(intensity_percent=40, retry=Retry(times=1, wait_s=1, then="skip"))
    with paused(bench, [*LIGHT, skipped, AcquirePhotons(duration_s=1)], at_block=3) as outcome:
        pass
    assert outcome[0].status is RunStatus.COMPLETED
    assert bench.rig.laser.percent == 20
    assert [entry["kind"] for entry in bench.said("step_skipped")] == ["set_laser"]


def test_a_retry_can_be_paused_in_its_wait(bench):
    def fail_once():
        bench.when_block(-1, lambda: None)
        bench.rig.clock.on_wait = pause_once
        raise CommunicationError("spad_array", "the cable is out")

    def pause_once():
        bench.rig.clock.on_wait = lambda: None
        bench.engine.pause()
        threading.Timer(0.1, bench.engine.resume).start()

    seen = []
    bench.when_block(3, fail_once)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1, retry=Retry()), Soak(duration_s=1)])
    seen.append(outcome.status)
    assert seen == [RunStatus.COMPLETED], outcome.error
    assert bench.said("paused")


@pytest.mark.parametrize(
    ("verb", "status"),
    [("stop", RunStatus.STOPPED), ("abort", RunStatus.ABORTED)],
)
def test_a_verb_while_the_instruments_are_brought_back_is_obeyed(bench, verb, status):
    heat = bench.rig.heater.heat_to_c
    given = []

    def heat_and_end(celsius):
        heat(celsius)
        given.append(celsius)
        if len(given) == 2:
            getattr(bench.engine, verb)()

    bench.rig.heater.heat_to_c = heat_and_end
    bench.when_block(3, lambda: fails(1, CommunicationError("spad_array", "the cable is out"), None)())
    steps = [SetTemperature(temperature_c=40), AcquirePhotons(duration_s=1, retry=Retry(times=3))]
    outcome = bench.engine.run([*steps, *LIGHT])
    assert outcome.status is status, outcome.error
    assert "emission on" not in bench.rig.log
    assert bench.rig.is_safe


def test_a_ramp_goes_on_at_its_rate_from_where_it_is_after_a_pause_with_the_heater_off(bench):
    ramp = RampTemperature(temperature_c=50, rate_c_per_min=60, on_pause="off")
    steps = [SetTemperature(temperature_c=25), WaitUntilStable(tolerance_c=0.5), ramp]
    waits = iter(range(10_000))
    outcome = []

    def pause_in_ramp():
        if bench.rig.heater.setpoint_c and bench.rig.heater.setpoint_c > 34:
            bench.rig.clock.on_wait = lambda: None
            bench.engine.pause("coffee")

    bench.rig.clock.on_wait = lambda: next(waits) and pause_in_ramp()
    runner = threading.Thread(target=lambda: outcome.append(bench.engine.run(steps)))
    runner.start()
    assert bench.engine._control.paused.wait(10)
    until(lambda: bench.rig.heater.setpoint_c is None)
    bench.rig.heater.temperature_c = 22.0
    del bench.rig.log[:]
    bench.engine.resume()
    runner.join(20)
    heats = [float(entry.split()[1]) for entry in bench.rig.log if entry.startswith("heat")]
    assert outcome[0].status is RunStatus.COMPLETED
    assert heats[0] == pytest.approx(22, abs=1.1)
    assert heats[-1] == 50
    assert max(after - before for before, after in itertools.pairwise(heats)) <= 1 + 1e-9


class Stage:
    name = "stage"
    limits = {}  # noqa: RUF012

    def __init__(self, x_um):
        self.x_um = x_um

    def position_um(self):
        return self.x_um, 0.0

    def move_to_um(self, x_um, y_um, interrupt=None):
        self.x_um = x_um
        return True


def test_a_relative_move_that_a_crash_has_cut_short_ends_where_it_was_to_end():
    steps = [MoveStage(x_um=5.0, relative=True), AcquirePhotons(duration_s=0.2)]
    first = Bench()
    first.rig.stage = Stage(10.0)
    first.engine.run(steps)
    cut = next(n for n, event in enumerate(first.events) if event["event"] == "step_ended")
    bench = Bench()
    bench.rig.stage = Stage(13.0)
    assert bench.engine.run(steps, (), read_history(first.events[:cut])).status is RunStatus.COMPLETED
    assert bench.rig.stage.x_um == 15.0


def test_no_light_flashes_before_a_question_that_is_asked_in_the_dark(bench):
    steps = [*LIGHT, Prompt(text="The light is off: change the filter.")]
    bench.services.answers = ["continue"]
    assert bench.engine.run(steps, (), broken_off_in(3, steps)).status is RunStatus.COMPLETED
    assert "emission on" not in bench.rig.log
    assert "open" not in bench.rig.log


def test_one_lost_answer_while_bringing_back_does_not_end_the_night(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=1)], at_block=3) as outcome:
        status = bench.rig.laser.status
        bench.rig.laser.status = fails(1, CommunicationError("laser", "no answer"), status)
    assert outcome[0].status is RunStatus.COMPLETED
    assert bench.said("step_retried")[0]["reason"] == "laser: no answer"


def test_an_interlock_that_opens_while_bringing_back_suspends_the_run_again():
    class Watch(NoWatch):
        def may_resume(self):
            bench.rig.laser.interlock_closed = True
            return "the interlock is closed"

    bench = Bench(watch=Watch())
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=1)], at_block=3) as outcome:
        bench.rig.laser.interlock_closed = False
    assert outcome[0].status is RunStatus.COMPLETED
    assert [entry["by_itself"] for entry in bench.said("paused")] == [False, True]


def test_an_interlock_that_is_open_when_a_step_switches_on_still_fails_the_run(bench):
    bench.rig.laser.interlock_closed = False
    outcome = bench.engine.run(LIGHT)
    assert isinstance(outcome.error.__cause__, InterlockError)


def test_a_temperature_that_is_not_stable_is_asked_about_in_the_dark_and_accepted(bench):
    heater, seen = bench.rig.heater, []
    heater.status = lambda: HeaterStatus(40.0, heater.setpoint_c, heater.setpoint_c is not None, None)
    bench.services.ask = lambda *asked: seen.append((bench.rig.laser.emission, asked[1])) or "continue"
    wait = WaitUntilStable(window_s=1, timeout_s=5, on_timeout="ask")
    blocks = state_at_blocks(bench)
    outcome = bench.engine.run([*LIGHT, SetTemperature(temperature_c=50), wait, AcquirePhotons(duration_s=0.3)])
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    assert seen == [(False, ("fail", "continue"))]
    assert set(blocks) == {(True, True, 20, 50)}


def test_a_heater_does_not_wait_for_a_person_longer_than_it_may_hold(bench):
    def ask(question, choices, timeout_s, interrupt, tick):
        bench.rig.clock.time_s += 3601
        tick()
        seen.append(bench.rig.heater.setpoint_c)
        return "continue"

    seen = []
    bench.services.ask = ask
    steps = [SetTemperature(temperature_c=50, max_hold_s=3600), Prompt(text="go on?"), SetShutter(open=True)]
    assert bench.engine.run(steps).status is RunStatus.COMPLETED
    assert seen == [None]
    assert bench.rig.log[-3:] == ["heat 50", "open", "safe"]


def test_a_stop_while_paused_keeps_what_a_stop_keeps(bench):
    with paused(bench, [*LIGHT, AcquirePhotons(duration_s=2)], at_block=5) as outcome:
        bench.engine.stop()
    assert outcome[0].status is RunStatus.STOPPED
    assert outcome[0].points[0].complete
    assert bench.said("step_ended")[-1]["kind"] == "acquire_photons"


def until(condition):
    end = threading.Event()
    for _ in range(1000):
        if condition():
            return
        end.wait(0.01)
    raise AssertionError("it has not come")
