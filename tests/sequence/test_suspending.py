"""A watch suspends a run, lets it go on, or gives up."""

import pytest

from acquisition.sequence import AcquirePhotons, NoWatch, RunStatus
from tests.sequence.bench import DARK, LIGHT, Bench


class Suspender(NoWatch):
    """Suspends once, when it is told to, and lets the run go on after three looks."""

    def __init__(self, gives_up=None):
        self.wrong = False
        self.looks = 0
        self._gives_up = gives_up

    def tick(self, moment):
        return "the laser rate is 0.9 MHz" if self.wrong else None

    def may_resume(self):
        self.looks += 1
        if self.looks < 3 or self._gives_up:
            return None
        self.wrong = False
        return "the laser rate is 1 MHz again"

    def gives_up(self):
        return (self._gives_up, "wrong for too long") if self._gives_up and self.looks >= 3 else None


def test_a_watch_suspends_the_run_and_lets_it_go_on():
    watch = Suspender()
    bench = Bench(watch=watch)
    bench.when_block(5, lambda: setattr(watch, "wrong", not watch.looks) or bench.engine._control.interrupt.wait(1))
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2)])
    assert outcome.status is RunStatus.COMPLETED
    assert bench.said("paused")[0]["reason"] == "the laser rate is 0.9 MHz"
    assert bench.said("resumes_by_itself")[0]["reason"] == "the laser rate is 1 MHz again"
    assert outcome.points[0].result.measured_s == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize(("how", "status"), [("stop", RunStatus.STOPPED), ("abort", RunStatus.ABORTED)])
def test_a_watch_that_gives_up_ends_the_run(how, status):
    watch = Suspender(gives_up=how)
    bench = Bench(watch=watch)
    bench.when_block(5, lambda: setattr(watch, "wrong", not watch.looks) or bench.engine._control.interrupt.wait(1))
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2)], DARK)
    assert outcome.status is status
    assert bench.said("gives_up")[0]["reason"] == "wrong for too long"
    assert bench.rig.is_safe
