"""No way out of a session leaves light on, a run half-ended or a session stuck."""

import threading
import time
from pathlib import Path

import pytest

from acquisition.rig import NotSafeError
from acquisition.session import LocalSession, SessionError, local, rig_in_use, run_files, run_job
from acquisition.storage import Journal, RunFolder, StorageError, read_journal, read_json, write_json
from drivers.interfaces.errors import CommunicationError, StateError

DARK = [{"kind": "set_laser", "emission": False}]
LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        yield session


def finish(session):
    status = session.wait(60)
    assert status["outcome"] is not None, status
    return status


def steps_of(run):
    return [
        event["kind"]
        for event in read_journal(RunFolder.open(Path(run)).journal).events
        if event["event"] == "step_started"
    ]


def fail_once(monkeypatch, where, name, error):
    """Let a function raise `error` the next time."""
    real, failed = getattr(where, name), []

    def once(*arguments):
        if not failed:
            failed.append(True)
            raise error
        return real(*arguments)

    monkeypatch.setattr(where, name, once)


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_a_verb_that_comes_while_a_run_is_prepared_ends_it_before_its_first_step(session, verb, monkeypatch):
    real = local.read_sequence

    def read_sequence(*arguments):
        getattr(session, verb)()
        return real(*arguments)

    monkeypatch.setattr(local, "read_sequence", read_sequence)
    run = session.start(LIGHT)
    assert finish(session)["outcome"] == "aborted"
    assert steps_of(run) == []
    monkeypatch.setattr(local, "read_sequence", real)
    session.start(DARK)
    assert finish(session)["outcome"] == "completed"


class BusyLock:
    """A lock that somebody else has until it is free, and which says who waits."""

    def __init__(self):
        self.waited_for, self.free, self._lock = threading.Semaphore(0), threading.Event(), threading.Lock()

    def acquire(self, timeout=-1):
        self.waited_for.release()
        return self.free.wait(10) and self._lock.acquire(timeout=timeout)

    def release(self):
        self._lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *error):
        self.release()


def until_told_to_end(session):
    end = time.monotonic() + 10
    while not session._ends:
        assert time.monotonic() < end
        threading.Event().wait(0.005)


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_a_start_that_waits_does_not_begin_after_a_verb_that_ends_everything(session, verb):
    session.devices()
    refused = []

    def start(begin):
        with pytest.raises(SessionError, match="everything was ended meanwhile"):
            begin()
        refused.append(begin)

    begins = (lambda: session.start(LIGHT), session.start_alignment, lambda: session.resume_run("a run"))
    threads = [threading.Thread(target=start, args=(begin,)) for begin in begins]
    session._lock = lock = BusyLock()  # as while an instrument is slowly connected anew
    for thread in threads:
        thread.start()
    for _ in threads:
        assert lock.waited_for.acquire(timeout=10)
    getattr(session, verb)()
    lock.free.set()
    for thread in threads:
        thread.join(10)
    assert len(refused) == len(threads)
    assert session.status()["run"] is None
    session.start(DARK)
    assert finish(session)["ok"]


@pytest.mark.parametrize("verb", ["abort", "emergency_stop"])
def test_a_verb_right_after_start_ends_the_run_before_its_first_step(session, verb, monkeypatch):
    warming, go_on = threading.Event(), threading.Event()

    def warm_up(pixel_count, calibration):
        warming.set()
        assert go_on.wait(30)

    monkeypatch.setattr(run_job, "warm_up", warm_up)
    run = session.start(LIGHT)
    assert warming.wait(30)
    getattr(session, verb)()
    go_on.set()
    assert finish(session)["outcome"] == "aborted"
    assert steps_of(run) == []


def test_closing_while_the_rig_is_opened_leaves_it_closed_and_starts_nothing(session, monkeypatch, tmp_path):
    real, opened = rig_in_use.open_rig, []
    closer = threading.Thread(target=session.close)

    def open_rig(*arguments, **more):
        opened.append(real(*arguments, **more))
        closer.start()
        until_told_to_end(session)
        return opened[0]

    monkeypatch.setattr(rig_in_use, "open_rig", open_rig)
    with pytest.raises(SessionError, match="the session is closed"):
        session.start(LIGHT)
    closer.join(10)
    assert not closer.is_alive()
    assert not any(device.connected for device in opened[0].devices.values())
    assert list(tmp_path.iterdir()) == []


def test_closing_while_a_run_is_prepared_ends_it_and_closes_the_rig(session, monkeypatch):
    closer, job = threading.Thread(target=session.close), run_job.RunJob

    def make_job(*arguments):
        closer.start()
        until_told_to_end(session)
        return job(*arguments)

    monkeypatch.setattr(local, "RunJob", make_job)
    run = session.start(LIGHT)
    closer.join(30)
    assert not closer.is_alive()
    assert session.status()["outcome"] == "aborted"
    assert steps_of(run) == []
    assert not session._rig.laser.connected


def test_a_disk_that_refuses_at_the_start_leaves_a_session_that_can_start(session, monkeypatch):
    fail_once(monkeypatch, run_files, "write_json", StorageError("the disk is full"))
    with pytest.raises(StorageError, match="the disk is full"):
        session.start(LIGHT)
    status = session.status()
    assert status["outcome"] == "aborted"
    assert RunFolder.open(Path(status["run"])).read_run_json()["status"] == "aborted"
    assert steps_of(status["run"]) == []
    session.start(DARK)
    assert finish(session)["ok"]


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), KeyboardInterrupt()])
def test_a_thread_that_does_not_start_as_it_should_ends_the_run_once(session, monkeypatch, error, begun):
    real, ended = threading.Thread.start, []

    def start(thread):
        if thread.name != "sequence engine":
            real(thread)
            return
        if begun:
            real(thread)
        raise error

    conclude = run_job.RunJob._conclude
    monkeypatch.setattr(
        run_job.RunJob, "_conclude", lambda job, outcome: (ended.append(outcome.status), conclude(job, outcome))
    )
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(type(error)):
        session.start([*LIGHT, {"kind": "acquire_photons", "duration_s": 36_000}])
    monkeypatch.setattr(threading.Thread, "start", real)
    assert finish(session)["outcome"] == "aborted"
    assert ended == ["aborted"]
    session.start(DARK)
    assert finish(session)["ok"]


def test_a_run_that_the_rig_refuses_is_noted_as_failed_and_the_next_may_start(session, monkeypatch, tmp_path):
    session.devices()
    fail_once(monkeypatch, session._rig, "arm", StateError("rig", "is just being made safe"))
    with pytest.raises(StateError, match="just being made safe"):
        session.start(LIGHT)
    [run] = tmp_path.glob("*_steps")
    record = RunFolder.open(run).read_run_json()
    assert (record["status"], record["problems"]) == ("failed", ["rig: is just being made safe"])
    session.start(DARK)
    assert finish(session)["ok"]


def test_a_disk_that_refuses_the_journal_may_still_take_the_photons(session, monkeypatch):
    full, append = threading.Event(), Journal.append

    def write_truth(path, value):
        if path.exists() and read_json(path)["points"]:  # written at the start, after the point, and at the end
            full.set()
            raise StorageError("the disk is full")
        write_json(path, value)

    def append_unless_full(journal, event):
        if full.is_set():
            raise StorageError("the disk is full")
        append(journal, event)

    monkeypatch.setattr(run_files, "write_json", write_truth)
    monkeypatch.setattr(Journal, "append", append_unless_full)
    session.start([*LIGHT, {"kind": "acquire_photons", "duration_s": 1}])
    status = finish(session)
    folder = RunFolder.open(Path(status["run"]))
    assert "writing truth.json failed: the disk is full" in status["message"]
    assert folder.read_run_json()["status"] == "completed"
    assert folder.point(1).photons_h5.exists()


def test_instruments_that_an_emergency_stop_left_unsafe_start_no_run(session, monkeypatch):
    session.devices()
    error = NotSafeError("make safe:", {"laser": CommunicationError("laser", "no answer")}, [])
    fail_once(monkeypatch, session._rig, "make_safe", error)
    with pytest.raises(NotSafeError):
        session.emergency_stop()
    status = session.status()
    assert (status["state"], status["ok"]) == ("broken", False)
    with pytest.raises(SessionError, match="could not be made safe"):
        session.start(LIGHT)


@pytest.mark.parametrize("verb", ["stop", "abort", "emergency_stop"])
def test_the_status_counts_how_often_all_was_told_to_end_so_that_questions_from_before_are_given_up(session, verb):
    assert session.status()["ends"] == 0
    getattr(session, verb)()
    assert session.status()["ends"] == 1
    assert session.status()["ends"] == 1
