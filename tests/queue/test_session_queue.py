"""The queue of a session server: people fill it, the session that they share carries it out, and safety comes first."""

import json
import threading

import pytest

from acquisition.config import find_config, shipped_names
from acquisition.queue import EntryState, Request, RunQueue, SessionQueue
from acquisition.queue.running import running
from acquisition.queue.session_queue import STOPPED
from acquisition.queue.verbs import QueueVerbs
from acquisition.remote.methods import methods_of
from acquisition.sequence import SequenceError
from acquisition.session import SessionError
from tests.queue.fakes import SEQUENCE, FakeSession

TIMEOUT_S = 20.0


class SharedSession(FakeSession):
    """A run that `goes on` does so until it is ended; says when one has begun."""

    def __init__(self, out, outcomes):
        super().__init__(out, outcomes)
        self.begun, self.moved = threading.Semaphore(0), threading.Event()

    def wait(self, timeout_s):
        if self.outcome == "goes on":
            self.moved.wait(timeout_s)
        return self.status()

    def end(self, outcome):
        self.outcome = outcome
        self.moved.set()

    def abort(self):
        super().abort()
        self.moved.set()

    def _begin(self, run, outcome, record):
        self.moved.clear()
        found = super()._begin(run, outcome, record)
        self.begun.release()
        return found


@pytest.fixture
def outcomes():
    return []


@pytest.fixture
def session(tmp_path, outcomes):
    return SharedSession(tmp_path / "runs", outcomes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "queue.sqlite"


@pytest.fixture
def queue(path, session, tmp_path):
    with SessionQueue(path, session, "simulated", str(tmp_path / "runs")) as queue:
        yield queue


@pytest.fixture
def other_rig(tmp_path):
    """A rig file that is not that of the session."""
    file = tmp_path / "other.yaml"
    file.write_text("name: other\nroles: {}\n")
    return str(file)


def entries(queue):
    return {entry["id"]: entry for entry in queue.queue()["entries"]}


def states(queue):
    return {number: entry["state"] for number, entry in entries(queue).items()}


def until_idle(queue):
    queue._thread.join(TIMEOUT_S)
    assert queue.queue()["state"] == "idle"


def test_an_entry_is_added_for_the_rig_and_folder_of_the_session_and_told_as_plain_data(queue, tmp_path):
    assert queue.queue() == {"state": "idle", "hold_reason": None, "message": "", "entries": []}
    assert queue.queue_add({"sequence": SEQUENCE, "overrides": {"acquire_photons.duration_s": 2.0}}) == 1
    found = queue.queue()
    [entry] = found["entries"]
    assert (entry["sequence"], entry["rig"], entry["out"]) == ("dot", "simulated", str(tmp_path / "runs"))
    assert (entry["state"], entry["held"], entry["attended"], entry["here"]) == ("waiting", False, False, True)
    assert (entry["overrides"], entry["expected_s"]) == ({"acquire_photons.duration_s": 2.0}, 3600.0)
    assert entry["starts_at"] < entry["ends_at"]
    assert (entry["run"], entry["outcome"], entry["message"]) == (None, None, None)
    assert json.loads(json.dumps(found)) == found


def test_the_file_of_a_shipped_rig_is_known_by_its_name(path, session, tmp_path):
    file = str(find_config("rigs", "simulated").resolve())
    with SessionQueue(path, session, file, str(tmp_path)) as queue:
        queue.queue_add({"sequence": SEQUENCE})
        queue.queue_add({"sequence": SEQUENCE, "rig": file})
        assert entries(queue)[1]["rig"] == "simulated"
        assert [entry["here"] for entry in entries(queue).values()] == [True, True]


def test_a_shipped_sequence_is_added_by_its_name(queue):
    name = shipped_names("sequences")[0]
    queue.queue_add({"sequence": name, "attended": True})
    assert entries(queue)[1]["source"] == name
    assert entries(queue)[1]["attended"] is True


@pytest.mark.parametrize(
    ("entry", "error", "words"),
    [
        ({}, SessionError, "sequence"),
        ({"sequence": SEQUENCE, "colour": "red"}, SessionError, "colour"),
        ({"sequence": SEQUENCE, "on_failure": "shrug"}, SessionError, "on_failure"),
        ({"sequence": {"name": "x", "steps": 3}}, ValueError, "steps"),
        ({"sequence": SEQUENCE, "overrides": {"acquire_photons.colour": 1}}, SequenceError, "colour"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_and_not_added(queue, entry, error, words):
    with pytest.raises(error, match=words):
        queue.queue_add(entry)
    assert queue.queue()["entries"] == []


def test_entries_are_edited_held_moved_repeated_and_removed(queue):
    for _ in range(2):
        queue.queue_add({"sequence": SEQUENCE})
    queue.queue_edit(2, {"metadata": {"sample": "dot 7"}, "attended": True, "held": True})
    assert (entries(queue)[2]["metadata"], entries(queue)[2]["held"]) == ({"sample": "dot 7"}, True)
    queue.queue_edit(2, {"held": False})
    queue.queue_move(2, 1)
    assert list(states(queue)) == [2, 1]
    assert queue.queue_repeat(2) == 3
    assert entries(queue)[3]["metadata"] == {"sample": "dot 7"}
    queue.queue_remove(1)
    assert list(states(queue)) == [2, 3]
    for act, words in (
        (lambda: queue.queue_edit(2, {"held": "yes"}), "held: 'yes' is not allowed"),
        (lambda: queue.queue_edit(2, {"colour": 1}), "colour: cannot be changed"),
        (lambda: queue.queue_edit(9, {"held": True}), "there is no entry 9"),
        (lambda: queue.queue_move(2, 0), "position 0"),
        (lambda: queue.queue_remove(9), "there is no entry 9"),
        (lambda: queue.queue_repeat(9), "there is no entry 9"),
    ):
        with pytest.raises(SessionError, match=words):
            act()


def test_all_that_waits_is_carried_out_and_a_person_may_be_there(queue, session):
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_add({"sequence": SEQUENCE, "attended": True})
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "completed", 2: "completed"}
    assert session.attended == [False, True]
    assert entries(queue)[1]["outcome"] == "completed"
    assert queue.queue()["message"] == "nothing waits"
    assert session.closed is False
    assert queue.queue_clear_finished() == 2


def test_a_queue_that_is_stopped_lets_the_present_run_end_and_goes_on_when_it_is_started_again(
    queue, session, outcomes
):
    outcomes += ["goes on", "completed"]
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    assert session.begun.acquire(timeout=TIMEOUT_S)
    assert queue.queue()["state"] == "running"
    queue.queue_stop()
    assert (queue.queue()["state"], queue.queue()["hold_reason"]) == ("ending", STOPPED)
    assert states(queue)[1] == "running"
    session.end("completed")
    until_idle(queue)
    assert states(queue) == {1: "completed", 2: "waiting"}
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "completed", 2: "completed"}


def test_stopping_an_idle_queue_changes_nothing(queue):
    queue.queue_stop()
    assert queue.queue()["hold_reason"] is None


def test_nothing_is_begun_beside_the_run_of_a_person(queue, session):
    queue.queue_add({"sequence": SEQUENCE})
    session.outcomes.append("goes on")
    run = session.start(SEQUENCE | {"metadata": {}})
    with pytest.raises(SessionError, match="run_1 is going on; wait for it, or stop it first"):
        queue.queue_start()
    queue.close()
    assert (session.status()["run"], session.aborts) == (run, 0)


def test_a_person_who_was_faster_keeps_the_rig_and_the_entry_waits(queue, session):
    queue.queue_add({"sequence": SEQUENCE})
    starts = session.start

    def refuse(*arguments):
        session.start = starts
        session.outcomes.append("goes on")
        starts(SEQUENCE | {"metadata": {}})
        raise SessionError("a run is going on")

    session.start = refuse
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "waiting"}
    assert "run_1 is going on" in queue.queue()["hold_reason"]
    assert session.aborts == 0


def test_while_the_queue_is_carried_out_nobody_else_may_begin(queue, session, outcomes):
    outcomes.append("goes on")
    queue.queue_add({"sequence": SEQUENCE})
    queue.check_free("start")
    queue.queue_start()
    assert session.begun.acquire(timeout=TIMEOUT_S)
    with pytest.raises(SessionError, match="start: the queue is being carried out; stop the queue first"):
        queue.check_free("start")
    session.end("completed")
    until_idle(queue)
    queue.check_free("start")


def test_entries_for_other_rigs_wait_and_keep_nobody_waiting(queue, other_rig, path):
    RunQueue(path).add(Request(sequence=SEQUENCE, rig=other_rig))
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "waiting", 2: "completed"}
    assert queue.queue()["message"] == f"what waits is for other rigs ({other_rig}): entries 1"
    assert (entries(queue)[1]["here"], entries(queue)[2]["here"]) == (False, True)
    assert other_rig in entries(queue)[1]["message"]
    assert queue.queue()["hold_reason"] is None
    with pytest.raises(SessionError, match="for other rigs"):
        queue.queue_start()


def test_a_queue_with_nothing_to_do_is_not_started(queue):
    with pytest.raises(SessionError, match="nothing can be started: nothing waits"):
        queue.queue_start()
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_edit(1, {"held": True})
    with pytest.raises(SessionError, match="nothing waits"):
        queue.queue_start()


def test_a_queue_that_another_program_carries_out_is_shown_and_left_to_it(queue, path, monkeypatch):
    monkeypatch.setattr("acquisition.queue.running.LOCK_TIMEOUT_S", 0.0)
    for _ in range(2):
        queue.queue_add({"sequence": SEQUENCE})
    with running(RunQueue(path)) as hands:
        hands.take()
        assert queue.queue()["state"] == "running"
        with pytest.raises(SessionError, match="another program is running this queue"):
            queue.queue_start()
        queue.queue_stop()
        assert queue.queue()["state"] == "ending"
    assert queue.queue()["state"] == "idle"
    assert states(queue)[1] == "interrupted"
    assert "cascadescope queue edit 1" in entries(queue)[1]["message"]


def test_who_makes_safe_ends_the_queue_with_the_run(queue, session, outcomes):
    outcomes += ["goes on", "completed"]
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    assert session.begun.acquire(timeout=TIMEOUT_S)
    queue.halt("emergency_stop by ada")
    session.abort()
    until_idle(queue)
    assert states(queue) == {1: "aborted", 2: "waiting"}
    assert queue.queue()["hold_reason"] == "entry 1 was aborted"


def test_who_makes_safe_while_a_run_is_analysed_ends_the_queue_although_the_run_completes(queue, session, outcomes):
    outcomes += ["goes on", "completed"]
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    assert session.begun.acquire(timeout=TIMEOUT_S)
    queue.halt("emergency_stop by ada")
    session.end("completed")
    until_idle(queue)
    assert states(queue) == {1: "completed", 2: "waiting"}
    assert "emergency_stop by ada" in queue.queue()["hold_reason"]
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "completed", 2: "completed"}


def test_who_makes_safe_while_an_entry_is_begun_finds_it_aborted(queue, session, outcomes):
    outcomes.append("goes on")
    queue.queue_add({"sequence": SEQUENCE})
    session.at = lambda moment: queue.halt("abort by ada") if moment == "start" else None
    queue.queue_start()
    until_idle(queue)
    assert session.aborts >= 1
    assert states(queue) == {1: "aborted"}


def test_an_idle_queue_is_not_halted(queue):
    queue.halt("abort by ada")
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    until_idle(queue)
    assert states(queue) == {1: "completed"}


def test_closing_aborts_the_run_of_the_queue_and_begins_no_other(queue, session, outcomes, path):
    outcomes += ["goes on", "completed"]
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_add({"sequence": SEQUENCE})
    queue.queue_start()
    assert session.begun.acquire(timeout=TIMEOUT_S)
    queue.close()
    assert (session.aborts, session.closed) == (1, False)
    assert [entry.state for entry in RunQueue(path).entries()] == [EntryState.ABORTED, EntryState.WAITING]
    with pytest.raises(SessionError, match="ending"):
        queue.queue_start()
    queue.close()


def test_a_queue_file_that_cannot_be_used_is_told_and_keeps_no_server_from_starting(session, tmp_path):
    file = tmp_path / "queue.sqlite"
    file.write_text("no database at all, but long enough to be seen as none by its first bytes")
    with SessionQueue(file, session, "simulated", str(tmp_path)) as queue:
        queue.check_free("start")
        with pytest.raises(SessionError, match="is not a queue"):
            queue.queue()


def test_every_verb_of_the_queue_has_words_for_the_wire():
    methods = methods_of(QueueVerbs)
    assert [name for name, method in methods.items() if not method.doc] == []
    assert [name for name, method in methods.items() if method.access == "reading"] == ["queue"]
