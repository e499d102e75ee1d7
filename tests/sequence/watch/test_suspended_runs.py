"""A run that the watch suspends is paused like any other, and its point goes on where it was."""

import pytest

from acquisition.sequence import AcquirePhotons, Prompt, Retry, RunStatus, Soak, pausing
from acquisition.sequence.watch.conditions import Disk, Interlock, LaserRate
from acquisition.sequence.watch.watcher import Watcher
from drivers.interfaces.errors import CommunicationError
from tests.sequence.bench import DARK, LIGHT, Bench
from tests.sequence.fake_rig import FakeLaser, FakeRig


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch):
    monkeypatch.setattr(pausing, "POLL_S", 0.001)


class Watching(Bench):
    """A bench with a watcher; each block of the detector takes 2 s, and the watch sees each."""

    def __init__(self, *conditions, free_bytes=lambda: 1e12):
        rig = FakeRig()
        self.looked = 0
        self.watcher = Watcher(rig, conditions, free_bytes)
        super().__init__(rig=rig, watch=self.watcher)
        self.acts = {}
        self.rig.spad_array._before_block = self._before_block
        self.blocks = 0
        tick = self.watcher.tick
        self.watcher.tick = lambda moment: (tick(moment), self._count())[0]

    def _count(self):
        self.looked += 1

    def _before_block(self, number):
        self.blocks += 1
        self.rig.clock.time_s += 2.0
        self.acts.get(self.blocks, lambda: None)()
        seen = self.looked
        interrupt = self.engine._control.interrupt
        while self.looked < seen + 2 and not interrupt.wait(0.005):
            pass


def interlock(bench, *, closed):
    bench.rig.laser.interlock_closed = closed
    bench.rig.laser.emission = bench.rig.laser.emission and closed


def test_an_interlock_that_opens_suspends_the_run_and_the_point_is_completed_with_a_gap():
    bench = Watching(Interlock(resume_after_s=5))
    bench.acts[5] = lambda: interlock(bench, closed=False)
    waits = []

    def close_it_later():
        waits.append(bench.rig.clock.time_s)
        if len(waits) == 20:
            interlock(bench, closed=True)

    bench.rig.clock.on_wait = close_it_later
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2, label="dot 7")], DARK)
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    [paused] = bench.said("paused")
    assert (paused["reason"], paused["by_itself"]) == ("the interlock of the laser is open", True)
    assert bench.said("resumes_by_itself")[0]["reason"] == "the interlock of the laser is closed, for 5 s"
    [point] = outcome.points
    assert point.complete
    assert point.result.measured_s == pytest.approx(2.0, abs=1e-5)
    assert point.result.gaps >= 1
    assert len(waits) >= 25
    parts = bench.services.parts[1]
    assert "the interlock of the laser is open" in parts[1].recorder.blocks[0].gaps[0].reason


def test_a_run_whose_light_a_person_may_have_taken_off_goes_on_when_a_person_resumes_it(monkeypatch):
    monkeypatch.setattr(FakeLaser, "declared", frozenset({"interlock_closed"}))
    bench = Watching(Interlock(resume_after_s=5))
    bench.acts[5] = lambda: setattr(bench.rig.laser, "emission", False)
    waits = []

    def resume_later():
        waits.append(bench.rig.clock.time_s)
        if len(waits) == 30:
            bench.engine.resume()

    bench.rig.clock.on_wait = resume_later
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2)], DARK)
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    assert "a person may have taken the light off" in bench.said("paused")[0]["reason"]
    assert not bench.said("resumes_by_itself")
    assert len(waits) >= 30


def test_a_run_that_stays_suspended_is_stopped_with_what_it_has():
    bench = Watching(LaserRate(during_s=0, give_up_after_s=20))
    bench.acts[5] = lambda: setattr(bench.rig.laser, "rate_hz", 0.9e6)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=2), Soak(duration_s=5)], DARK)
    assert outcome.status is RunStatus.STOPPED
    [given_up] = bench.said("gives_up")
    assert given_up["how"] == "stop"
    assert "the laser reads back 0.9 MHz where 1 MHz are set" in given_up["reason"]
    assert outcome.points[0].result.photons > 0
    assert bench.rig.is_safe


def test_a_disk_that_fills_up_suspends_a_soak_as_well():
    free = [1e12]
    bench = Watching(Disk(during_s=5, resume_after_s=10), free_bytes=lambda: free[0])

    def fill_and_make_room():
        if bench.rig.clock.time_s > 100:
            free[0] = 1e9
        if bench.rig.clock.time_s > 200:
            free[0] = 1e12

    bench.rig.clock.on_wait = fill_and_make_room
    outcome = bench.engine.run([*LIGHT, Soak(duration_s=300)])
    assert outcome.status is RunStatus.COMPLETED
    assert "1 GB are free on the disk" in bench.said("paused")[0]["reason"]
    assert bench.rig.clock.now() > 390
    assert bench.rig.log.count("dark") == 1


def test_the_dark_between_two_attempts_of_a_step_is_not_taken_for_a_fault():
    bench = Watching(Interlock(), LaserRate())
    failures = []

    def fail_once():
        if not failures:
            failures.append(1)
            raise CommunicationError("spad_array", "USB is gone")

    bench.acts[3] = fail_once
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1, retry=Retry(times=1, wait_s=60))])
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    assert bench.said("step_retried")
    assert not bench.said("paused")


def test_a_person_who_pauses_a_suspended_run_is_the_one_to_resume_it():
    bench = Watching(Interlock(resume_after_s=1))
    bench.acts[3] = lambda: interlock(bench, closed=False)
    seen = []

    def act():
        if bench.engine._control.paused.is_set() and not seen:
            bench.engine.pause("lunch")
            interlock(bench, closed=True)
            seen.append(1)

    bench.rig.clock.on_wait = act
    rest = bench.watcher.rest

    def resume_after_a_while():
        rest()
        if seen:
            seen.append(1)
        if len(seen) == 5:
            bench.engine.resume()

    bench.watcher.rest = resume_after_a_while
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1)])
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    assert not bench.said("resumes_by_itself")
    assert len(seen) == 5


@pytest.mark.parametrize("light", [True, False])
def test_a_question_is_watched_while_light_falls_on_the_sample(light):
    bench = Watching(Interlock(resume_after_s=5))
    asked = []

    def ask(question, choices, timeout_s, interrupt, tick):
        asked.append(question)
        if len(asked) == 1:
            bench.rig.clock.time_s += 2.0
            interlock(bench, closed=False)
            tick()
            interlock(bench, closed=True)
        return choices[0]

    bench.services.ask = ask
    outcome = bench.engine.run([*LIGHT, Prompt(text="In focus?", light=light)], DARK)
    assert outcome.status is RunStatus.COMPLETED, outcome.error
    assert [entry["reason"] for entry in bench.said("paused")] == ["the interlock of the laser is open"] * light
    assert len(asked) == 1 + light
