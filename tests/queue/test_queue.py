"""A person fills, orders and holds the queue, and no other program can spoil it meanwhile."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from acquisition.config import ConfigError
from acquisition.queue import EntryState, OnFailure, OnInterrupt, QueueError, Request, RunQueue, request_of_file
from acquisition.queue.running import running
from acquisition.queue.sources import sequence_to_run
from acquisition.sequence import SequenceError
from tests.queue.fakes import SEQUENCE

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
SEQUENCE_TEXT = "name: dark\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "queue.sqlite"


@pytest.fixture
def queue(path):
    return RunQueue(path)


def request(**more):
    return Request(sequence=SEQUENCE, **more)


def ids(queue):
    return [entry.id for entry in queue.entries()]


def test_entries_come_in_the_order_in_which_they_were_added_and_survive_the_program(queue, path):
    first = queue.add(request(rig="bench.yaml", overrides={"acquire_photons.duration_s": 2.0}))
    second = queue.add(request(metadata={"sample": "dot 7"}, on_failure="retry_once", on_interrupt="resume"))
    reopened = RunQueue(path)
    assert reopened.entries() == (first, second)
    assert reopened.entry(second.id).request.on_failure is OnFailure.RETRY_ONCE
    assert reopened.entry(second.id).request.on_interrupt is OnInterrupt.RESUME


@pytest.mark.parametrize(
    ("moved", "position", "order"),
    [(1, 3, [2, 3, 1, 4]), (4, 1, [4, 1, 2, 3]), (2, 2, [1, 2, 3, 4]), (1, 99, [2, 3, 4, 1])],
)
def test_an_entry_moves_to_the_position_that_is_said(queue, moved, position, order):
    for _ in range(4):
        queue.add(request())
    queue.move(moved, position)
    assert ids(queue) == order


def test_what_runs_cannot_be_edited_moved_held_or_removed(queue):
    queue.add(request())
    with running(queue) as hands:
        entry = hands.take()
        for act in (
            lambda: queue.edit(entry.id, rig="other"),
            lambda: queue.move(entry.id, 1),
            lambda: queue.hold(entry.id),
            lambda: queue.remove(entry.id),
        ):
            with pytest.raises(QueueError, match="entry 1 is running"):
                act()
        assert queue.clear_finished() == 0
    assert queue.entry(entry.id).request == entry.request


def test_an_edit_changes_what_is_said_and_the_expected_duration_with_it(path):
    queue = RunQueue(path, estimate=lambda request: request.overrides.get("acquire_photons.duration_s", 1.0))
    entry = queue.add(request())
    assert entry.expected_s == 1.0
    edited = queue.edit(entry.id, overrides={"acquire_photons.duration_s": 60.0}, on_failure="continue")
    assert edited.expected_s == 60.0
    assert edited.request.on_failure is OnFailure.CONTINUE
    assert edited.request.sequence == SEQUENCE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on_failure": "shrug"}, "on_failure: .*continue"),
        ({"colour": "red"}, "colour: cannot be changed; there are"),
        ({"follow_source": True}, "needs the source"),
        ({"rig": ""}, "rig"),
    ],
)
def test_an_edit_that_is_wrong_changes_nothing(queue, changes, words):
    entry = queue.add(request())
    with pytest.raises(QueueError, match=words):
        queue.edit(entry.id, **changes)
    assert queue.entry(entry.id) == entry


def test_what_an_estimate_refuses_is_not_added(path):
    def refuse(request):
        raise SequenceError("too hot")

    queue = RunQueue(path, estimate=refuse)
    with pytest.raises(SequenceError, match="too hot"):
        queue.add(request())
    assert queue.entries() == ()


def test_an_entry_that_does_not_exist_is_named_and_so_are_those_that_do(queue):
    queue.add(request())
    queue.add(request())
    with pytest.raises(QueueError, match="no entry 7; there are 1, 2"):
        queue.move(7, 1)
    with pytest.raises(QueueError, match="position 0"):
        queue.move(1, 0)


def test_ids_are_not_used_again(queue):
    queue.add(request())
    queue.remove(1)
    assert queue.add(request()).id == 2


def test_an_entry_that_is_held_is_passed_over_until_it_is_released(queue):
    queue.add(request())
    queue.add(request())
    queue.hold(1)
    with running(queue) as hands:
        assert hands.take().id == 2
        hands.conclude(2, EntryState.COMPLETED)
        assert hands.take().empty
        queue.release(1)
        assert hands.take().id == 1


def test_a_held_queue_gives_nothing_and_says_why(queue):
    queue.add(request())
    queue.hold(reason="helium is out")
    with running(queue) as hands:
        assert "helium is out" in hands.take().reason
        queue.release()
        assert hands.take().id == 1


def test_expected_times_follow_from_what_runs_and_what_is_expected(path):
    durations = iter([600.0, 60.0, 30.0, None, 10.0])
    queue = RunQueue(path, estimate=lambda request: next(durations), now=lambda: NOW)
    for _ in range(5):
        queue.add(request())
    queue.hold(2)
    with running(queue, now=lambda: NOW - timedelta(seconds=100)) as hands:
        hands.take()
        minutes = {
            one.entry.id: tuple(time and (time - NOW).total_seconds() for time in (one.starts_at, one.ends_at))
            for one in queue.schedule()
        }
    assert minutes == {1: (-100, 500), 2: (None, None), 3: (500, 530), 4: (530, None), 5: (None, None)}
    queue.hold()
    assert all(one.starts_at is None for one in queue.schedule() if one.entry.state is EntryState.WAITING)


def test_a_run_that_takes_longer_than_expected_ends_now(path):
    queue = RunQueue(path, estimate=lambda request: 10.0, now=lambda: NOW)
    queue.add(request())
    with running(queue, now=lambda: NOW - timedelta(seconds=100)) as hands:
        hands.take()
        [scheduled] = queue.schedule()
    assert scheduled.ends_at == NOW


def test_only_finished_entries_are_cleared_and_each_can_be_repeated(queue):
    queue.add(request())
    queue.add(request())
    with running(queue) as hands:
        hands.take()
        hands.conclude(1, EntryState.COMPLETED)
    assert queue.repeat(1).id == 3
    assert queue.clear_finished() == 1
    assert ids(queue) == [2, 3]


def test_programs_that_add_at_the_same_time_lose_nothing(path):
    RunQueue(path)

    def add_many():
        queue = RunQueue(path)
        for _ in range(10):
            queue.add(request())

    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    entries = RunQueue(path).entries()
    assert len(entries) == 40
    assert len({entry.position for entry in entries}) == 40


def test_only_one_program_carries_out_a_queue(queue, path):
    with (
        running(queue),
        pytest.raises(QueueError, match="another program is running this queue"),
        running(RunQueue(path)),
    ):
        raise AssertionError("two at once")


def test_a_file_of_another_program_or_of_a_newer_version_is_refused_and_left_alone(tmp_path, path, queue):
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all, but long enough to be read as one" * 20, encoding="utf-8")
    with pytest.raises(QueueError, match=r"notes\.txt: is not a queue"):
        RunQueue(text)
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    with pytest.raises(QueueError, match="of another program"):
        RunQueue(other)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(QueueError, match="version 7, made by a newer"):
        RunQueue(path)
    with pytest.raises(QueueError, match="folder cannot be made"):
        RunQueue(text / "queue.sqlite")


def test_a_later_edit_of_the_file_changes_nothing_unless_it_is_wanted(tmp_path):
    file = tmp_path / "dark.yaml"
    file.write_text(SEQUENCE_TEXT, encoding="utf-8")
    kept = request_of_file(str(file), metadata={"sample": "dot 7"})
    followed = request_of_file(str(file), follow_source=True)
    assert kept.source == str(file)
    file.write_text(SEQUENCE_TEXT.replace("1 s", "2 s"), encoding="utf-8")
    runs = [sequence_to_run(one, "1-abc") for one in (kept, followed)]
    assert [run["steps"][0]["duration"] for run in runs] == ["1.0 s", "2.0 s"]
    assert runs[0]["metadata"] == {"sample": "dot 7", "queue_entry": "1-abc"}


def test_a_sequence_or_rig_that_is_wrong_is_refused_with_its_place(tmp_path):
    file = tmp_path / "dark.yaml"
    file.write_text(SEQUENCE_TEXT.replace("1 s", "1 kg"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"dark\.yaml, line 3"):
        request_of_file(str(file))
    with pytest.raises(ConfigError, match="no such file"):
        request_of_file("cascade", rig="nowhere.yaml")
    with pytest.raises(SequenceError, match="nothing to replace"):
        request_of_file("cascade", overrides={"acquire_photons.colour": 1})


def test_shipped_names_stay_names_and_paths_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = request_of_file("cascade", rig="simulated", out="runs")
    assert (found.source, found.rig) == ("cascade", "simulated")
    assert found.out == str(tmp_path / "runs")
