"""A night of the queue: who is at the terminal is asked, who is elsewhere hears of it, and nothing waits for ever."""

import sys

import pytest

from acquisition.cli import queue_run, queue_session
from acquisition.cli.main import main
from acquisition.queue import EntryState, Request, RigTakenError, RunQueue
from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession, SessionError
from tests.queue.fakes import SEQUENCE, FakeSession
from tests.remote.fakes import ENDED, IDLE, RUNNING, NotingSession

ALARM = """
import pathlib, sys
with open(pathlib.Path(__file__).with_suffix(".txt"), "a") as told:
    print(*sys.argv[1:], file=told)
"""
PROMPT = {"name": "look", "steps": [{"kind": "prompt", "text": "In focus?", "choices": ["yes", "no"]}]}


@pytest.fixture
def queue(home, tmp_path):
    return RunQueue(home / "queue.sqlite")


@pytest.fixture
def add(queue, tmp_path):
    return lambda sequence=SEQUENCE, **more: queue.add(Request(sequence=sequence, out=str(tmp_path / "runs"), **more))


@pytest.fixture
def night(tmp_path):
    """Carry the queue out; return the exit status and the alarms: event and message."""
    program = tmp_path / "alarm.py"
    program.write_text(ALARM, encoding="utf-8")

    def carry_out(*words):
        command = f'"{sys.executable}" "{program}" {{event}} {{message}}'
        status = main(["queue", "run", "--alarm-command", command, *words])
        told = program.with_suffix(".txt")
        return status, sorted(told.read_text().splitlines()) if told.exists() else []

    return carry_out


@pytest.fixture
def outcomes(monkeypatch):
    coming = []
    monkeypatch.setattr(queue_session, "LocalSession", lambda rig, out: FakeSession(out, coming))
    return coming


class Person:
    """Types what the script says."""

    def __init__(self, *script):
        self.script = list(script)

    def __call__(self, prompt, needed):
        while needed():
            if self.script:
                said = self.script.pop(0)
                if isinstance(said, BaseException):
                    raise said
                return said
        return None


@pytest.fixture
def at_the_terminal(monkeypatch):
    def sit_down(*script):
        person = Person(*script)
        monkeypatch.setattr(queue_run, "keyboard_of", lambda screen: person)
        return person

    return sit_down


def states(queue):
    return [str(entry.state) for entry in queue.entries()]


def test_without_a_terminal_a_question_is_told_at_once_and_ends_its_run_but_not_the_night(queue, add, night, capsys):
    add(PROMPT, on_failure="continue")
    add({"name": "dark", "steps": [{"kind": "set_laser", "emission": False}]})
    status, told = night("--question-timeout", "1 s")
    assert status == 1
    assert sorted(states(queue)) == ["completed", "failed"]
    failed = next(entry for entry in queue.entries() if entry.state is EntryState.FAILED)
    assert "nobody answered for 1 s: In focus?" in failed.error
    assert [line.split()[0] for line in told] == ["failed", "finished", "queue_finished", "waiting"]
    assert "waiting In focus?" in told
    shown = capsys.readouterr().out
    assert shown.count("the run asks: In focus? (yes | no)") == 1
    assert "entry 1 (look) failed" in shown


def test_at_the_terminal_the_question_is_asked(queue, add, night, at_the_terminal, capsys):
    add(PROMPT)
    person = at_the_terminal("2")
    status, _ = night()
    assert (status, states(queue), person.script) == (0, ["completed"], [])
    assert "In focus?" in capsys.readouterr().out


def test_at_the_terminal_a_question_may_have_its_time_too(queue, add, night, at_the_terminal):
    add(PROMPT)
    at_the_terminal()
    status, _ = night("--question-timeout", "0.5 s")
    assert status == 1
    assert states(queue) == ["failed"]
    assert queue.hold_reason == "entry 1 failed"


def test_ctrl_c_opens_the_menu_of_the_present_run_and_twice_aborts_and_holds(queue, add, night, at_the_terminal):
    add(PROMPT)
    add(PROMPT)
    add(PROMPT)
    at_the_terminal(KeyboardInterrupt(), "n", "looks dim", "s", KeyboardInterrupt(), KeyboardInterrupt())
    status, told = night()
    assert status == 130
    assert sorted(states(queue)) == ["aborted", "stopped", "waiting"]
    assert "entry 2 was aborted" in queue.hold_reason
    assert any(line.startswith("queue_held") for line in told)
    [first] = [entry for entry in queue.entries() if entry.id == 1]
    with open(f"{first.run}/journal.jsonl", encoding="utf-8") as journal:
        assert "looks dim" in journal.read()


def test_a_run_that_is_refused_and_a_queue_that_is_held_are_told(add, outcomes, night):
    add()
    add()
    outcomes.append("refused")
    status, told = night()
    assert status == 1
    assert [line.split()[0] for line in told] == ["failed", "queue_held"]
    assert "the rig does not allow it" in told[0]
    assert "entry 1 failed" in told[1]


def test_a_failed_run_is_told_once(add, outcomes, night):
    add(on_failure="continue")
    outcomes.append("failed")
    _, told = night()
    assert told == ["failed it was failed", "queue_finished nothing is left in the queue"]


@pytest.mark.parametrize(("said", "message"), [("soon", "--question-timeout"), ("0 s", "greater than 0")])
def test_a_wrong_time_is_refused_before_anything_runs(queue, add, outcomes, said, message, capsys):
    add()
    assert main(["queue", "run", "--question-timeout", said]) == 1
    assert message in capsys.readouterr().err
    assert states(queue) == ["waiting"]


def test_what_waits_for_a_person_stands_on_top_of_the_list(queue, add, capsys):
    add(on_failure="continue")
    add()
    with queue.database.transaction() as connection:
        connection.execute("UPDATE entries SET state = 'interrupted' WHERE id = 1")
    assert main(["queue", "list"]) == 0
    assert capsys.readouterr().out.startswith("entry 1 was interrupted")


@pytest.fixture
def served(home):
    """A session server with nothing behind it, whose runs are completed at once."""
    session = NotingSession()
    session.answers |= {"start": "/runs/1", "resume_run": "/runs/1"}
    with SessionServer(session, Announcement("simulated")) as server:
        session.endpoint = server.endpoint
        yield session


def queue_session_of(said):
    return queue_session.session_for("simulated", "runs", said.append)


def test_the_session_server_of_the_rig_is_used_if_there_is_one_and_that_is_said(served):
    said = []
    with queue_session_of(said) as session:
        assert session.start({"steps": []}, attended=False) == "/runs/1"
    calls = [(name, _given(given)) for name, given in served.calls]
    assert ("start", {"sequence": {"steps": []}, "attended": False}) in calls
    assert served.endpoint.url in said[0]
    assert not served.closed.is_set()


def test_without_a_server_the_rig_is_opened_here(home):
    said = []
    with queue_session_of(said) as session:
        assert isinstance(session, LocalSession)
    assert said == []


def test_other_terminals_may_pause_and_note_a_night_without_force(served, monkeypatch):
    with queue_session_of([]) as session, RemoteSession.find("simulated", "bob") as bob:
        session.start({"steps": []})
        served.answers["status"] = {**RUNNING}
        bob.take_control()
        bob.note("looks dim")
        with pytest.raises(SessionError, match="bob is in control"):
            session.stop()
        bob.release_control()
        session.stop()
    assert [name for name in served.asked if name in ("note", "stop")] == ["note", "stop"]


def test_a_server_that_somebody_else_uses_takes_no_run_and_keeps_its_own(served):
    with queue_session_of([]) as session, RemoteSession.find("simulated", "bob") as bob:
        bob.take_control()
        with pytest.raises(RigTakenError, match="bob is in control"):
            session.start({"steps": []})
        bob.release_control()
        served.answers["status"] = {**RUNNING}
        with pytest.raises(RigTakenError, match="busy with the run /runs/1"):
            session.start({"steps": []})
        session.abort()
    assert not {"start", "abort"} & set(served.asked)


def test_a_run_that_goes_on_in_the_server_is_followed_and_not_begun_twice(served):
    served.answers["status"] = {**RUNNING}
    with queue_session_of([]) as session:
        assert session.resume_run("/runs/1") == "/runs/1"
        session.abort()
    assert "resume_run" not in served.asked
    assert "abort" in served.asked


def test_a_night_goes_through_the_session_server(served, queue, add, night, capsys):
    add()
    shown = {"simulated": True, "warnings": [], "question": None, "paused_because": ""}
    served.answers |= {"status": IDLE, "wait": {**ENDED, **shown}}
    status, told = night()
    assert status == 0
    assert queue.entries()[0].run == "/runs/1"
    assert served.asked.count("start") == 1
    assert "session server" in capsys.readouterr().err
    assert "queue_finished nothing is left in the queue" in told


def _given(arguments):
    return {name: value for name, value in arguments.items() if value is not None}
