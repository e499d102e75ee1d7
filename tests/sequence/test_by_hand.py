"""What no software can do is asked of the person at the instruments, and refused where there is none."""

import threading

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    RunStatus,
    SequenceError,
    SetAttenuator,
    SetLaser,
    SetShutter,
    State,
)
from acquisition.sequence.by_hand import TIMEOUT_S
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.errors import OperatorNeeded, RangeError
from drivers.interfaces.laser import LaserAuthority
from tests.sequence.bench import DARK, LIGHT, Bench, FakeServices
from tests.sequence.fake_rig import FakeInstrument, FakeLaser, FakeRig


class KnobLaser(FakeLaser):
    """A laser whose intensity a person sets at a knob."""

    authority = LaserAuthority.TRIGGER

    def set_intensity_percent(self, value):
        def confirm():
            self.percent = value

        if value != self.percent:
            raise OperatorNeeded("laser", f"turn the intensity knob to {value:g} %", confirm)


class StubbornLaser(KnobLaser):
    def set_intensity_percent(self, value):
        raise OperatorNeeded("laser", "turn the knob", lambda: None)


class Filters(FakeInstrument, Attenuator):
    def __init__(self):
        super().__init__("attenuator")
        self.share = None

    def set_transmission(self, value):
        if value > 1:
            raise RangeError("attenuator", "too much")
        if value == self.share:
            return

        def confirm():
            self.share = value

        raise OperatorNeeded("attenuator", f"put in a filter of {100 * value:g} %", confirm)

    def transmission(self):
        return self.share

    def make_safe(self):
        pass


class Person(FakeServices):
    """Is asked, and does something before the answer."""

    def __init__(self, *answers, meanwhile=lambda: None):
        super().__init__()
        self.answers, self.meanwhile = list(answers), meanwhile
        self.timeouts = []

    def ask(self, question, choices, timeout_s, interrupt, tick):
        assert choices == ("done", "stop")
        self.timeouts.append(timeout_s)
        tick()
        self.meanwhile()
        return super().ask(question, choices, timeout_s, interrupt, tick)


def bench_with(laser=KnobLaser, person=None, **more):
    rig = FakeRig()
    rig.laser = laser(rig.log)
    rig.attenuator = Filters()
    return Bench(rig, person or Person("done"), **more)


def test_a_person_is_asked_and_the_run_goes_on_as_declared():
    bench = bench_with()
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1)], DARK)
    assert outcome.status is RunStatus.COMPLETED
    (question,) = bench.services.asked
    assert question.startswith("Step 1 (set laser: 1 MHz, 20 %, emission on) needs you. laser: turn the intensity knob")
    assert bench.services.timeouts == [TIMEOUT_S]
    assert bench.rig.laser.percent == 20
    (noted,) = bench.said("done_by_hand")
    assert (noted["device"], noted["request"], noted["answer"]) == ("laser", "turn the intensity knob to 20 %", "done")
    assert noted["step"] == 1


def test_the_light_stays_as_it_is_while_a_person_is_waited_for():
    lit = []
    person = Person("done", "done", meanwhile=lambda: lit.append(bench.rig.laser.emission))
    bench = bench_with(person=person)
    bench.engine.run([*LIGHT, SetLaser(intensity_percent=5)])
    assert lit == [False, True]


def test_a_step_is_carried_out_again_until_all_is_done_by_hand():
    bench = bench_with(person=Person("done", "done"))
    steps = [SetAttenuator(transmission_percent=10), SetLaser(intensity_percent=5)]
    outcome = bench.engine.run(steps)
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.attenuator.share == pytest.approx(0.1)
    assert [entry["device"] for entry in bench.said("done_by_hand")] == ["attenuator", "laser"]


def test_what_is_declared_already_is_not_asked_again():
    bench = bench_with()
    bench.engine.run([SetLaser(intensity_percent=5), SetLaser(intensity_percent=5)])
    assert len(bench.services.asked) == 1


def test_stop_ends_the_run_and_cleans_up():
    bench = bench_with(person=Person("stop"))
    outcome = bench.engine.run([SetLaser(intensity_percent=5), AcquirePhotons(duration_s=1)], [SetShutter(open=False)])
    assert outcome.status is RunStatus.STOPPED
    assert not outcome.points
    assert "close" in bench.rig.log
    assert bench.rig.laser.percent == 0


def test_a_run_fails_if_nobody_answers():
    bench = bench_with(person=Person())
    outcome = bench.engine.run([SetLaser(intensity_percent=5)])
    assert outcome.status is RunStatus.FAILED
    assert "laser: turn the intensity knob to 5 %; no software can do it; nobody has answered for 30 min" in str(
        outcome.error
    )
    assert bench.rig.is_safe


def test_a_cleanup_that_nobody_does_fails_the_run():
    bench = bench_with(person=Person("stop"))
    outcome = bench.engine.run([SetShutter(open=False)], [SetLaser(intensity_percent=5)])
    assert outcome.status is RunStatus.FAILED
    assert "the answer was 'stop', so it was not done" in str(outcome.error)


def test_what_is_said_to_be_done_and_is_not_fails_the_run():
    bench = bench_with(StubbornLaser)
    outcome = bench.engine.run([SetLaser(intensity_percent=5)])
    assert outcome.status is RunStatus.FAILED
    assert "was said to be done, but is still needed: turn the knob" in str(outcome.error)
    assert len(bench.services.asked) == 1


def test_where_nobody_is_the_step_is_refused_at_once():
    bench = bench_with(attended=False)
    outcome = bench.engine.run([SetLaser(intensity_percent=5)])
    assert outcome.status is RunStatus.FAILED
    assert "no software can do it, and nobody attends this run" in str(outcome.error)
    assert not bench.services.asked


def test_a_pause_while_a_person_is_waited_for_asks_again_afterwards():
    class Pausing(Person):
        def ask(self, question, choices, timeout_s, interrupt, tick):
            if not self.asked:
                pausing = threading.Thread(target=bench.engine.pause)
                pausing.start()
                assert interrupt.wait(10)
                resumer.start()
            return super().ask(question, choices, timeout_s, interrupt, tick)

    def resume():
        assert bench.engine._control.paused.wait(10)
        bench.engine.resume()

    resumer = threading.Thread(target=resume)
    bench = bench_with(person=Pausing(None, "done"))
    outcome = bench.engine.run([SetLaser(intensity_percent=5)])
    resumer.join(10)
    assert outcome.status is RunStatus.COMPLETED
    assert len(bench.services.asked) == 2
    assert bench.rig.laser.percent == 5


def test_what_has_to_be_brought_back_by_hand_is_asked_for_too():
    def pause():
        bench.rig.laser.percent = 0.0
        bench.engine.pause()

    def pause_once():
        bench.when_block(-1, lambda: None)
        threading.Thread(target=pause).start()
        assert bench.engine._control.interrupt.wait(10)

    def resume():
        assert bench.engine._control.paused.wait(10)
        bench.engine.resume()

    bench = bench_with(person=Person("done", "done"))
    bench.when_block(1, pause_once)
    resumer = threading.Thread(target=resume)
    steps = [SetLaser(intensity_percent=5), AcquirePhotons(duration_s=3)]
    resumer.start()
    outcome = bench.engine.run(steps)
    resumer.join(10)
    assert outcome.status is RunStatus.COMPLETED
    assert [entry["step"] for entry in bench.said("done_by_hand")] == [1, 2]


def test_a_laser_that_no_software_can_darken_is_not_left_alone():
    class BareLaser(FakeLaser):
        authority = LaserAuthority.NONE

    with pytest.raises(SequenceError, match=r"no software can take the light of the laser off .*authority: none"):
        bench_with(BareLaser, attended=False).engine.run([SetShutter(open=False)])
    attended = bench_with(BareLaser)
    assert attended.engine.run([SetShutter(open=False)]).status is RunStatus.COMPLETED
    assert attended.engine.state is State.IDLE
