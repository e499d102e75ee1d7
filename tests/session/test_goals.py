"""Goals are judged while photons come, by what the analysis finds in what is recorded so far."""

import json
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from acquisition.analysis.passes import AnalysisError
from acquisition.sequence import AcquirePhotons, Sequence, SequenceError
from acquisition.sequence.steps.goals import Goal
from acquisition.session import LocalSession, SessionError, goals_look, run_job
from acquisition.session.goals import FIRST_LOOK_S, Reached, StopOnGoal
from acquisition.session.goals_judge import Known, judge
from acquisition.session.goals_look import FollowedRecorder, SoFar, analyse_so_far
from acquisition.session.goals_of_run import RunGoals, check_goals
from acquisition.session.point_notes import PointNotes
from acquisition.storage import RunFolder, open_point
from acquisition.streaming import Ending, StreamSettings, acquire
from tests.analysis.recordings import MemoryRecording
from tests.streaming.fakes import INFO, FakeLive, FakeRecorder, FakeSnapshot, FakeSpadArray, make_block

BX = {"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}}


def goal_of(data):
    return Goal.model_validate(data)


def with_bx(value=7.5, error=0.2):
    return {"states": {"BX-": {"lifetime_ns": {"value": value, "error": error}}}}


def known(results=None, elapsed_s=100.0, cascades=50):
    return Known(elapsed_s, cascades, results, intensity_percent=20.0, power_uw=2.5)


class Recorded:
    """A point of which everything is stored already."""

    def __init__(self, blocks=()):
        self.recording = MemoryRecording(INFO, list(blocks))

    def wait_until(self, end_pulse, timeout_s):
        return True

    def open(self):
        return self.recording


class Looks:
    """An analysis whose error falls with the square root of the time, and that remembers when it looked."""

    def __init__(self, percent_after_1_s=29.0):
        self.percent = percent_after_1_s
        self.ends = []
        self.fails = set()

    def __call__(self, recording, report):
        end_s = sum(block.end_pulse - block.first_pulse for block in recording.blocks()) * 1e-6
        self.ends.append(round(end_s, 6))
        if len(self.ends) in self.fails:
            raise AnalysisError("too few photons")
        return with_bx(7.5, 7.5 * self.percent / 100 / np.sqrt(end_s))


SECONDS = [make_block(number, photons=2) for number in range(1500)]
"""Blocks of 0.1 s."""


def drive(goal, seconds):
    """Return when the goal is reached, asked after each block, and in which words."""
    for block in SECONDS:
        elapsed_s = block.end_pulse * 1e-6
        if elapsed_s > seconds:
            break
        reason = goal.reached(elapsed_s, FakeSnapshot())
        if reason is not None:
            return round(elapsed_s, 6), reason
    return None, None


def test_looks_come_at_few_moments_that_the_last_error_chooses():
    looks = Looks()
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=looks)
    reached_s, reason = drive(goal, 150)
    assert looks.ends == [FIRST_LOOK_S, 40.0, 80.0, reached_s]
    assert 29.0 / np.sqrt(reached_s) < 3.0 < 29.0 / np.sqrt(reached_s / 1.2)
    assert reason == f"lifetime of BX- is known to {29.0 / np.sqrt(reached_s):.3g} % (7.50 ± 0.22 ns)"
    assert len(goal.notes) == 4
    assert goal.notes[0] == "after 20 s: lifetime of BX- is known to 6.48 % (7.50 ± 0.49 ns), 3 % wanted"


def test_parts_of_a_point_share_one_schedule_of_looks():
    looks = Looks()
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=looks)
    for block in SECONDS[:600]:
        if block.first_pulse % 5_000_000 == 0:  # paused every 5 s
            goal.begin_part(Recorded(SECONDS))
        goal.reached(block.end_pulse * 1e-6, FakeSnapshot())
    assert looks.ends == [FIRST_LOOK_S, 40.0]


def test_a_run_keeps_one_goal_for_all_parts_of_a_point_and_journals_what_it_finds():
    laser = SimpleNamespace(status=lambda: SimpleNamespace(emission=True, intensity_percent=20.0))
    rig, events = SimpleNamespace(on_simulated_time=True, laser=laser, shutter=None, attenuator=None), []
    goals = RunGoals(rig, {}, lambda: False, events.append, PointNotes(reached={2: Reached(5.0, "enough")}))
    step = AcquirePhotons(duration_s=100, until=goal_of({"time_s": 50.0}))
    parts = [goals.begin_part(1, step, INFO, FakeRecorder(), lambda: None) for _ in range(2)]
    assert parts[0][1] is parts[1][1]
    assert parts[0][0] is not parts[1][0]
    drive(parts[1][1], 60)
    assert events == [{"event": "goal_reached", "reason": "50 s are recorded", "point": 1, "elapsed_s": 50.0}]
    assert goals.begin_part(2, step, INFO, FakeRecorder(), lambda: None)[1] is not parts[0][1]
    assert goals.reached_before(1, 60.0) is None
    assert goals.reached_before(2, 4.0) is None  # the end of it was lost in the crash
    assert goals.reached_before(2, 5.0) == "enough"


def test_a_look_that_a_pause_has_cut_short_is_made_again_and_told_once():
    gate, said = Gate(with_bx()), []
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=True, analyse=gate, tell=said.append)
    goal.reached(20.0, FakeSnapshot())
    assert gate.begun.wait(10)
    goal.begin_part(Recorded(SECONDS))
    assert (said, goal.notes) == ([], ())
    gate.begun.clear()
    goal.reached(20.1, FakeSnapshot())
    assert gate.begun.wait(10)
    goal.close()


def test_the_schedule_goes_on_in_another_process_from_the_last_look():
    first, said = Looks(), []
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=first, tell=said.append)
    assert drive(goal, 50) == (None, None)
    second = Looks()
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=second, before=said)
    reached_s, reason = drive(goal, 150)
    assert (first.ends, second.ends) == ([20.0, 40.0], [80.0, reached_s])
    assert len(goal.notes) == 4
    assert goal.notes[1].startswith("after 40 s: lifetime of BX- is known to")
    assert reason is not None


def test_a_goal_that_is_reached_is_told():
    said = []
    goal = StopOnGoal(goal_of({"time_s": 50.0}), Recorded(SECONDS), INFO, real_time=False, tell=said.append)
    drive(goal, 100)
    assert [reached.reason for reached in said] == ["50 s are recorded"]


def test_a_look_sees_what_is_recorded_up_to_its_block_and_nothing_later():
    looks = Looks(0.1)
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=looks)
    assert goal.reached(33.3, FakeSnapshot()) is not None
    assert looks.ends == [33.3]


def test_a_look_that_fails_counts_as_not_reached_and_is_told():
    looks = Looks(1.0)
    looks.fails = {1}
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=looks)
    assert drive(goal, 100)[0] == 2 * FIRST_LOOK_S
    assert goal.notes[0] == "after 20 s: the analysis of what is recorded so far failed: too few photons"


def test_no_look_is_made_for_a_goal_that_needs_none():
    looks = Looks()
    goal = StopOnGoal(goal_of({"time_s": 50.0}), Recorded(SECONDS), INFO, real_time=True, analyse=looks)
    assert drive(goal, 100) == (50.0, "50 s are recorded")
    assert looks.ends == []


def test_a_stream_that_ends_two_blocks_later_is_told_so_in_time():
    goal = StopOnGoal(goal_of({"time_s": 50.0}), Recorded(), INFO, real_time=False)
    assert drive(goal, 100) == (49.8, "50 s are recorded")


def test_a_dose_needs_the_power_at_the_sample():
    with pytest.raises(SequenceError, match="power at the sample is not known"):
        StopOnGoal(goal_of({"dose_uj": 5.0}), Recorded(), INFO, real_time=False)


class Gate:
    """An analysis that waits until it is let through, or given up."""

    def __init__(self, results):
        self.results = results
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, recording, report):
        self.begun.set()
        deadline = time.monotonic() + 10
        while not self.open.wait(0.002):
            report("fitting")
            assert time.monotonic() < deadline
        return self.results


def finish(goal, gate):
    """Let a look beside the stream come to its end."""
    look = goal._look
    gate.open.set()
    assert look.done.wait(10)


def test_a_real_stream_goes_on_while_a_look_is_made():
    gate = Gate(with_bx(7.5, 0.1))
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=True, analyse=gate)
    assert drive(goal, 30) == (None, None)
    assert gate.begun.wait(10)
    finish(goal, gate)
    assert goal.reached(30.1, FakeSnapshot()) == "lifetime of BX- is known to 1.33 % (7.50 ± 0.10 ns)"
    assert goal.notes == ("after 20 s: lifetime of BX- is known to 1.33 % (7.50 ± 0.10 ns)",)


def test_looks_take_at_most_a_quarter_of_real_time(monkeypatch):
    now = iter([0.0, 0.0, 12.0])  # begin, its limit, end: a look of 12 s
    monkeypatch.setattr(goals_look, "time", SimpleNamespace(monotonic=lambda: next(now)))
    gate = Gate(with_bx(7.5, 0.3))
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=True, analyse=gate)
    goal.reached(FIRST_LOOK_S, FakeSnapshot())
    finish(goal, gate)
    assert goal.reached(FIRST_LOOK_S + 1, FakeSnapshot()) is None
    goal.reached(FIRST_LOOK_S + 47.9, FakeSnapshot())
    assert goal._look is None
    now = iter([0.0, 0.0, 1.0])
    goal.reached(FIRST_LOOK_S + 48.0, FakeSnapshot())
    assert goal._look is not None
    finish(goal, gate)


def test_a_pause_or_abort_is_not_kept_waiting_by_a_look():
    gate = Gate(None)
    goal = StopOnGoal(
        goal_of(BX), Recorded(SECONDS), INFO, real_time=False, analyse=gate, interrupted=gate.begun.is_set
    )
    begun_s = time.monotonic()
    assert goal.reached(25.0, FakeSnapshot()) is None
    assert time.monotonic() - begun_s < 5.0
    assert not gate.open.is_set()
    assert all(thread.name != "analysis so far" for thread in threading.enumerate())


def test_a_look_ends_with_its_point():
    gate = Gate(None)
    goal = StopOnGoal(goal_of(BX), Recorded(SECONDS), INFO, real_time=True, analyse=gate)
    goal.reached(25.0, FakeSnapshot())
    assert gate.begun.wait(10)
    goal.close()
    assert all(thread.name != "analysis so far" for thread in threading.enumerate())


def test_the_end_depends_on_the_photons_only_not_on_how_long_looks_take():
    ends = []
    for delay_s in (0.0, 0.05):
        recorder = FakeRecorder()
        followed = FollowedRecorder(recorder, lambda recorder=recorder: MemoryRecording(INFO, recorder.blocks))
        looks = Looks(14.0)

        def slow(recording, report, looks=looks, delay_s=delay_s):
            time.sleep(delay_s)
            return looks(recording, report)

        goal = StopOnGoal(goal_of(BX), followed, INFO, real_time=False, analyse=slow)
        array = FakeSpadArray(make_block(number, photons=2) for number in range(1000))
        result = acquire(
            array, 100.0, INFO, followed, FakeLive(), stop=threading.Event(), goal=goal,
            settings=StreamSettings(shed=False),
        )  # fmt: skip
        assert result.ending is Ending.GOAL
        assert result.reason.startswith("lifetime of BX- is known to")
        ends.append((result.elapsed_s, result.reason, tuple(looks.ends)))
    assert ends[0] == ends[1]


def test_a_followed_recorder_says_how_far_it_has_come():
    kept = FakeRecorder()
    recorder = FollowedRecorder(kept, lambda: MemoryRecording(INFO, kept.blocks))
    assert not recorder.wait_until(1, 0.0)
    recorder.append(SECONDS[0])
    assert recorder.wait_until(SECONDS[0].end_pulse, 0.0)
    assert list(recorder.open().blocks()) == [SECONDS[0]]
    recorder.finish()
    assert kept.finished
    with pytest.raises(SessionError, match="ended before pulse"):
        recorder.wait_until(SECONDS[1].end_pulse, 10.0)


def test_a_followed_recorder_that_is_abandoned_keeps_nobody_waiting():
    kept = FakeRecorder()
    recorder = FollowedRecorder(kept, lambda: MemoryRecording(INFO, kept.blocks))
    recorder.abandon()
    assert kept.abandoned
    with pytest.raises(SessionError, match="ended before pulse"):
        recorder.wait_until(1, 10.0)


def acquiring(until, *intensities, **metadata):
    lasers = [{"kind": "set_laser", "intensity_percent": percent} for percent in intensities]
    steps = [*lasers, {"kind": "acquire_photons", "duration_s": 300.0, "until": until}]
    return Sequence.model_validate({"name": "dot", "metadata": metadata, "steps": steps})


def test_a_sequence_with_a_dose_says_which_power_it_has():
    dose = {"any": [{"dose_uj": 5.0}, {"cascades": 10}]}
    with pytest.raises(SequenceError, match=r"state it in the metadata \(power_at_sample: 1.2 uW\)"):
        check_goals(acquiring(dose, 20.0))
    with pytest.raises(SequenceError, match=r"2 intensities; .*power_at_intensity: 20 %"):
        check_goals(acquiring(dose, 20.0, 40.0, power_at_sample_uw=2.5))
    check_goals(acquiring(dose, 20.0, power_at_sample_uw=2.5))
    check_goals(acquiring(dose, 20.0, 40.0, power_at_sample_uw=2.5, power_at_intensity_percent=20.0))
    check_goals(acquiring({"dose_percent_s": 5.0}, 20.0, 40.0))


LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an acquisition with a goal on the simulated rig, without the analysis at its end."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)

    def carry_out(until, **metadata):
        step = {"kind": "acquire_photons", "duration_s": 100.0, "until": until}
        with LocalSession("simulated", str(tmp_path), seed=7) as session:
            path = session.start({"name": "dot", "metadata": metadata, "steps": [*LIGHT, step]})
            status = session.wait(120)
            assert status["ok"], status
        return RunFolder.open(Path(path))

    return carry_out


def test_a_run_ends_at_its_dose(run):
    [point] = run({"dose": "10 uJ"}, power_at_sample_uw=5.0, power_at_intensity_percent=40.0).read_run_json()["points"]
    assert (point["ending"], point["reason"]) == ("goal", "the sample has received 10 uJ")
    assert point["elapsed_s"] == pytest.approx(4.0)


def test_a_run_ends_when_a_result_is_known_as_the_analysis_afterwards_finds_it(run):
    folder = run({"relative_error": {"of": "lifetime of X-", "below": "2 %"}})
    [point] = folder.read_run_json()["points"]
    [look] = point["looks"]
    assert look == f"after 20 s: {point['reason']}"
    recording = open_point(folder.point(1))
    at_20_s = round(20.0e12 / recording.info.period_ps)
    afterwards = analyse_so_far(SoFar(recording, at_20_s, lambda: None), lambda text: None)
    verdict = judge(goal_of({"relative_error": {"of": "lifetime of X-", "below_percent": 2.0}}), known(afterwards))
    assert verdict.text == point["reason"]
    assert not any(first.end_pulse != second.first_pulse for first, second in pairwise(recording.blocks()))
    assert json.loads(folder.journal.read_text().splitlines()[-1])["event"] != "error"
