"""What is in the queue is run in order, and what happens to one run does to the queue what its policy says."""

import threading

import pytest

from acquisition.queue import (
    EntryState,
    QueueRunner,
    RigTakenError,
    Why,
    attending,
)
from acquisition.rig import NotSafeError
from acquisition.session import SessionError
from tests.queue.fakes import FakeSession, starts
from tests.queue.running import Sessions, carry_out, interrupted, states


def test_entries_run_in_order_in_one_session_and_say_where_their_runs_are(queue, add, tmp_path):
    add(overrides={"acquire_photons.duration_s": 2.0})
    add(metadata={"sample": "dot 7"})
    queue.move(2, 1)
    report, [session] = carry_out(queue)
    assert (report.why, [entry.id for entry in report.ran]) == (Why.EMPTY, [2, 1])
    assert session.closed
    begun = starts(tmp_path / "runs")
    assert [overrides for _, _, overrides in begun] == [{}, {"acquire_photons.duration_s": 2.0}]
    assert begun[0][1]["metadata"]["sample"] == "dot 7"
    first, second = queue.entries()
    assert first.run.endswith("run_1")
    assert first.mark == begun[0][1]["metadata"]["queue_entry"]
    assert first.started_at <= first.ended_at <= second.started_at


def test_another_rig_or_folder_gets_a_session_of_its_own(queue, add, tmp_path):
    for rig, out in (("a", "x"), ("a", "x"), ("b", "x"), ("b", "y")):
        add(rig=rig, out=str(tmp_path / out))
    _, sessions = carry_out(queue)
    assert len(sessions) == 3
    assert all(session.closed for session in sessions)


@pytest.mark.parametrize(
    ("policy", "outcomes", "after", "held"),
    [
        ("continue", ["failed"], {1: "failed", 2: "completed"}, False),
        ("stop_queue", ["failed"], {1: "failed", 2: "waiting"}, True),
        ("stop_queue", ["refused"], {1: "failed", 2: "waiting"}, True),
        ("retry_once", ["failed"], {1: "completed", 2: "completed"}, False),
        ("retry_once", ["refused", "failed"], {1: "failed", 2: "completed"}, False),
        ("continue", ["stopped"], {1: "stopped", 2: "completed"}, False),
        ("continue", ["aborted"], {1: "aborted", 2: "waiting"}, True),
        ("retry_once", ["broken failed"], {1: "failed", 2: "waiting"}, True),
    ],
)
def test_the_end_of_a_run_does_to_the_queue_what_its_policy_says(queue, add, policy, outcomes, after, held):
    add(on_failure=policy)
    add()
    report, _ = carry_out(queue, *outcomes)
    assert states(queue) == after
    assert (queue.hold_reason is not None) is held
    assert report.why is (Why.WAITS if held else Why.EMPTY)
    if held:
        assert queue.hold_reason in report.reason


def test_what_went_wrong_is_kept_in_words(queue, add):
    add(on_failure="continue")
    add(on_failure="continue")
    carry_out(queue, "refused", "failed")
    first, second = queue.entries()
    assert "the rig does not allow it" in first.error
    assert (first.run, second.error) == ("", "it was failed")


def test_a_queue_that_is_held_during_a_run_lets_it_end_and_starts_no_other(queue, add):
    add()
    add()
    report, _ = carry_out(queue, watch=lambda entry, status: queue.hold(reason="enough"))
    assert states(queue) == {1: "completed", 2: "waiting"}
    assert "enough" in report.reason


def test_being_told_to_stop_aborts_the_run_and_holds_the_queue(queue, add):
    add()
    add()
    stop = threading.Event()
    report, [session] = carry_out(queue, "goes on", stop=stop, watch=lambda entry, status: stop.set())
    assert report.why is Why.STOPPED
    assert states(queue) == {1: "aborted", 2: "waiting"}
    assert session.aborts == 1
    assert session.closed
    assert "entry 1 was aborted" in queue.hold_reason


def test_an_interrupt_from_the_keyboard_aborts_the_run_and_is_written_down(queue, add):
    add()

    def interrupt(entry, status):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(queue, "goes on", watch=interrupt)
    [entry] = queue.entries()
    assert entry.state is EntryState.ABORTED
    assert "keyboard" in entry.error


def test_who_watches_and_fails_does_not_end_a_run(queue, add):
    add()
    told = []

    def fail(entry, status):
        told.append(entry.id)
        raise BrokenPipeError

    carry_out(queue, watch=fail)
    assert told == [1]
    assert states(queue) == {1: "completed"}


def test_instruments_that_are_not_safe_when_the_rig_changes_hold_the_queue(queue, add):
    add(rig="a")
    add(rig="b", on_failure="continue")
    add(rig="b")

    class Unsafe(FakeSession):
        def close(self):
            raise NotSafeError("close:", {"laser": TimeoutError("does not answer")}, [])

    made = []

    def session(rig, out):
        made.append(Unsafe(out))
        return made[-1]

    QueueRunner(queue, session).run(threading.Event())
    assert len(made) == 1
    assert states(queue) == {1: "completed", 2: "failed", 3: "waiting"}
    assert "could not be made safe" in queue.hold_reason


def test_a_runner_that_keeps_waiting_runs_what_is_added_later(queue, add):
    stop = threading.Event()

    def end(entry, status):
        stop.set()

    runner = QueueRunner(queue, Sessions([]), watch=end, keep_waiting=True)
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    add()
    thread.join(60)
    assert not thread.is_alive()
    assert states(queue)[1] in ("completed", "aborted")


class Asking(FakeSession):
    """A run that asks until it is stopped, or, if its cleanup asks, aborted."""

    cleanup_asks = False

    def __init__(self, out):
        super().__init__(out, ["goes on"])
        self.stops, self.refusals, self.paused = 0, 0, ""

    def status(self):
        asked = {"text": "In focus?", "choices": ["yes"]} if self.outcome == "goes on" else None
        return {**super().status(), "question": asked, "paused_because": self.paused}

    def stop(self):
        if self.refusals:
            self.refusals -= 1
            raise SessionError("bob is in control")
        self.stops += 1
        if not self.cleanup_asks:
            self.outcome = "stopped"


def asked(queue, session, **more):
    report = QueueRunner(queue, lambda rig, out: session, question_timeout_s=0.0, **more).run(threading.Event())
    return report, queue.entry(1)


def test_a_question_that_nobody_answers_stops_the_run_and_its_policy_decides(queue, add, tmp_path):
    add(on_failure="continue")
    session = Asking(tmp_path / "runs")
    session.refusals = 1
    seen = []
    report, entry = asked(queue, session, watch=lambda entry, status: seen.append(status["question"]))
    assert session.stops == 1
    assert session.aborts == 0
    assert entry.state is EntryState.FAILED
    assert entry.error.startswith("nobody answered for")
    assert "In focus?" in entry.error
    assert "what was measured is kept" in entry.error
    assert seen[0] is not None
    assert report.why is Why.EMPTY


def test_a_question_of_the_cleanup_that_nobody_answers_aborts_the_run(queue, add, tmp_path, monkeypatch):
    monkeypatch.setattr(attending, "CLEANUP_QUESTION_S", 0.0)
    add(on_failure="stop_queue")
    session = Asking(tmp_path / "runs")
    session.cleanup_asks = True
    report, entry = asked(queue, session)
    assert (session.stops, session.aborts) == (1, 1)
    assert entry.state is EntryState.FAILED
    assert report.why is Why.WAITS


def test_the_time_for_an_answer_does_not_go_by_while_a_person_has_paused_the_run():
    session = Asking("unused")
    session.outcome, session.paused = "goes on", "asked for by ada"
    guard = attending.Guard(session, 0.0)
    for _ in range(3):
        guard.see(session.status())
    assert session.stops == 0
    session.paused = ""
    guard.see(session.status())
    assert session.stops == 1


def test_who_attends_may_end_run_and_queue(queue, add):
    add()
    add()

    def give_up(session, see, stop):
        session.abort()
        return session.status(), True

    report, _ = carry_out(queue, "goes on", attend=give_up, keep_waiting=True)
    assert report.why is Why.STOPPED
    assert states(queue) == {1: "aborted", 2: "waiting"}
    assert queue.hold_reason == "entry 1 was aborted"


def test_a_run_that_ended_before_it_could_be_aborted_holds_the_queue_all_the_same(queue, add):
    add()
    add()
    carry_out(queue, "completed", attend=lambda session, see, stop: (session.status(), True))
    assert states(queue) == {1: "completed", 2: "waiting"}
    assert queue.hold_reason == "entry 1 was ended from the keyboard"


@pytest.mark.parametrize(("policy", "state"), [("ask", "waiting"), ("resume", "interrupted")])
def test_an_entry_whose_rig_is_taken_is_put_off_and_loses_nothing(queue, add, policy, state):
    add(on_interrupt=policy, on_failure="continue")
    if state == "interrupted":
        interrupted(queue, with_run=True)
    run = queue.entry(1).run

    def taken(rig, out):
        raise RigTakenError("bob is in control")

    told = []
    report = QueueRunner(queue, taken, idle=told.append).run(threading.Event())
    assert states(queue) == {1: state}
    assert queue.entry(1).run == run
    assert "bob is in control" in queue.hold_reason
    assert [nothing.reason for nothing in told] == [report.reason]


@pytest.mark.parametrize("attended", [False, True])
def test_nobody_attends_the_runs_of_a_queue_unless_it_is_said(queue, add, attended):
    add()
    interrupted(queue, with_run=True)
    queue.edit(1, on_interrupt="resume")
    add()
    _, sessions = carry_out(queue, **({"attended": True} if attended else {}))
    assert [each for session in sessions for each in session.attended] == [attended, attended]
