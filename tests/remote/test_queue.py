"""Programs fill and watch the queue of a session server; who makes safe ends it, and so does the end of the server."""

import threading

import pytest

from acquisition.queue import RunQueue, SessionQueue
from acquisition.remote import Announcement, NotInControlError, RemoteSession, SessionServer
from acquisition.session import LocalSession, SessionError, run_job

SHORT = {"name": "short", "steps": [{"kind": "acquire_photons", "duration": "1 s"}]}
LONG = {"name": "long", "steps": [{"kind": "prompt", "text": "Is it in focus?"}]}
TIMEOUT_S = 60.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.sqlite"


@pytest.fixture
def serving(tmp_path, path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    session = LocalSession("simulated", str(tmp_path / "runs"), seed=7)
    queue = SessionQueue(path, session, "simulated", str(tmp_path / "runs"))
    with SessionServer(session, Announcement("simulated"), queue=queue) as server:
        yield server


@pytest.fixture
def window(serving):
    """A program in control."""
    with RemoteSession(serving.endpoint, "window") as window:
        window.take_control()
        yield window


def states(queue):
    return [entry["state"] for entry in queue["entries"]]


def until(ask, happened):
    pause = threading.Event()
    for _ in range(int(TIMEOUT_S / 0.05)):
        if happened(found := ask()):
            return found
        pause.wait(0.05)
    raise AssertionError(f"has not happened: {found}")


def until_asked(window):
    until(window.status, lambda status: status["question"] is not None)


def test_a_queue_is_filled_and_carried_out_over_the_wire(window, tmp_path, monkeypatch):
    (tmp_path / "short.yaml").write_text("name: short\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n")
    monkeypatch.chdir(tmp_path)
    assert window.queue_add({"sequence": SHORT, "out": "night"}) == 1
    assert window.queue_add({"sequence": "short.yaml"}) == 2
    assert window.queue()["entries"][0]["out"] == str(tmp_path / "night")
    assert window.queue()["entries"][1]["source"] == str(tmp_path / "short.yaml")
    window.queue_start()
    queue = until(window.queue, lambda queue: queue["state"] == "idle")
    assert states(queue) == ["completed", "completed"]
    assert sorted(run["path"] for run in window.runs()) == sorted(entry["run"] for entry in queue["entries"])


def test_who_looks_on_sees_the_queue_and_may_not_change_it(window, serving):
    window.queue_add({"sequence": SHORT})
    with RemoteSession(serving.endpoint, "bob") as bob:
        assert states(bob.queue()) == ["waiting"]
        with pytest.raises(NotInControlError, match="queue_start: window is in control"):
            bob.queue_start()


def test_nothing_else_begins_while_the_queue_is_carried_out_and_its_questions_are_answered_as_ever(window):
    window.queue_add({"sequence": LONG, "attended": True})
    window.queue_start()
    until_asked(window)
    for act in (
        lambda: window.start(SHORT),
        lambda: window.resume_run("a"),
        lambda: window.choose_sample("dark"),
        lambda: window.shutdown(),
    ):
        with pytest.raises(SessionError, match="the queue is being carried out; stop the queue first"):
            act()
    window.answer(window.status()["question"]["choices"][0])
    assert states(until(window.queue, lambda queue: queue["state"] == "idle")) == ["completed"]


def test_a_run_of_a_person_keeps_the_queue_from_starting(window):
    window.queue_add({"sequence": SHORT})
    window.start(LONG)
    with pytest.raises(SessionError, match="is going on; wait for it, or stop it first"):
        window.queue_start()
    window.abort()
    assert window.wait(TIMEOUT_S)["outcome"] == "aborted"
    assert window.queue()["hold_reason"] is None


def test_an_emergency_stop_by_who_looks_on_ends_run_and_queue(window, serving):
    window.queue_add({"sequence": LONG})
    window.queue_add({"sequence": SHORT})
    window.queue_start()
    until_asked(window)
    with RemoteSession(serving.endpoint, "bob") as bob:
        bob.emergency_stop()
    queue = until(window.queue, lambda queue: queue["state"] == "idle")
    assert states(queue) == ["aborted", "waiting"]
    assert queue["hold_reason"] == "entry 1 was aborted"
    assert window.start(SHORT)


def test_the_end_of_the_server_aborts_the_run_of_the_queue_first_and_the_rest_waits(window, serving, path):
    window.queue_add({"sequence": LONG})
    window.queue_add({"sequence": SHORT})
    window.queue_start()
    until_asked(window)
    serving.close()
    assert [str(entry.state) for entry in RunQueue(path).entries()] == ["aborted", "waiting"]


def test_a_server_without_a_queue_says_so(ada):
    with pytest.raises(SessionError, match="queue: this session server has no queue"):
        ada.queue()
