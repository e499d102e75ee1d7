"""An entry whose program was killed is found again, and goes on, is repeated or asks as its policy says."""

import pytest

from acquisition.queue import (
    EntryState,
    OnInterrupt,
    QueueError,
    Why,
    find_cut_off,
)
from acquisition.queue.running import running
from tests.queue.fakes import FakeSession, starts
from tests.queue.running import carry_out, interrupted, states


def test_an_interrupted_run_keeps_the_queue_waiting_until_a_person_says_what_to_do(queue, add, tmp_path):
    add()
    add()
    assert interrupted(queue, with_run=True).state is EntryState.INTERRUPTED
    report, _ = carry_out(queue)
    assert report.why is Why.WAITS
    assert "queue edit 1 --on-interrupt resume" in report.reason
    with pytest.raises(QueueError, match="entry 1 is interrupted"):
        queue.edit(1, rig="other")
    queue.edit(1, on_interrupt=OnInterrupt.RESUME)
    carry_out(queue)
    assert states(queue) == {1: "completed", 2: "completed"}
    begun = starts(tmp_path / "runs")
    assert [verb for verb, *_ in begun] == ["start", "resume", "start"]
    assert begun[1][1] == queue.entry(1).run


@pytest.mark.parametrize(
    ("policy", "with_run", "state", "verbs"),
    [
        ("resume", True, "completed", ["start", "resume"]),
        ("resume", False, "completed", ["start"]),  # nothing had begun, so nothing is done twice
        ("repeat", True, "completed", ["start", "start"]),
        ("skip", True, "skipped", ["start"]),
    ],
)
def test_an_interrupted_run_goes_on_as_its_policy_says(queue, add, tmp_path, policy, with_run, state, verbs):
    add(on_interrupt=policy)
    mark = interrupted(queue, with_run=with_run).mark
    carry_out(queue)
    assert states(queue) == {1: state}
    assert [verb for verb, *_ in starts(tmp_path / "runs")] == verbs
    assert (queue.entry(1).mark == mark) is (policy == "skip" or verbs[-1] == "resume")


def test_a_run_that_cannot_be_resumed_is_not_lost_but_asks(queue, add, tmp_path):
    add(on_interrupt="resume")
    add()
    interrupted(queue, with_run=True)
    report, _ = carry_out(queue, "refused")
    assert report.why is Why.WAITS
    assert "another laser stands there now" in report.reason
    assert states(queue) == {1: "interrupted", 2: "waiting"}
    assert queue.entry(1).run
    queue.edit(1, on_interrupt="resume")
    carry_out(queue)
    assert states(queue) == {1: "completed", 2: "completed"}
    assert [verb for verb, *_ in starts(tmp_path / "runs")] == ["start", "resume", "start"]


def test_an_interrupted_run_comes_before_what_was_held_when_it_began(queue, add):
    add()
    add(on_interrupt="repeat")
    queue.hold(1)
    assert interrupted(queue, with_run=True).id == 2
    queue.release(1)
    assert [entry.id for entry in queue.entries()] == [2, 1]
    report, _ = carry_out(queue)
    assert [entry.id for entry in report.ran] == [2, 1]


def test_a_run_that_ended_although_its_program_was_killed_before_it_said_so_is_not_repeated(queue, add, tmp_path):
    add(on_interrupt="repeat")
    with running(queue) as hands:
        entry = hands.take()
        FakeSession(entry.request.out, ["completed"]).start({"metadata": {"queue_entry": entry.mark}})
    find_cut_off(queue)
    found = queue.entry(1)
    assert found.state is EntryState.COMPLETED
    assert found.run.endswith("run_1")
    carry_out(queue)
    assert len(starts(tmp_path / "runs")) == 1


def test_looking_for_what_was_cut_off_leaves_alone_what_really_runs(queue, add):
    add()
    with running(queue) as hands:
        hands.take()
        find_cut_off(queue)
        assert states(queue) == {1: "running"}


def test_what_asks_lets_those_behind_it_run_if_its_failure_would_and_stays_on_top(queue, add):
    add(on_failure="continue")
    add()
    interrupted(queue, with_run=True)
    report, _ = carry_out(queue)
    assert states(queue) == {1: "interrupted", 2: "completed"}
    assert report.why is Why.WAITS
    assert "queue edit 1 --on-interrupt resume" in report.reason
    assert [entry.id for entry in queue.entries() if not entry.finished] == [1]


def test_a_run_that_cannot_be_resumed_lets_those_behind_it_run_if_its_failure_would(queue, add):
    add(on_interrupt="resume", on_failure="continue")
    add()
    interrupted(queue, with_run=True)
    told = []
    report, _ = carry_out(queue, "refused", ended=lambda entry: told.append((entry.id, str(entry.state))))
    assert states(queue) == {1: "interrupted", 2: "completed"}
    assert told == [(1, "interrupted"), (2, "completed")]
    assert "another laser stands there now" in report.reason
