"""A remote session does what the server's session does, for one program in control and others that look on."""

import inspect
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from acquisition.config import ConfigError, ConfigProblem
from acquisition.remote import ConnectionLostError, NotInControlError, RemoteSession, SharedSession, client, connection
from acquisition.remote.desk import METHODS, QUEUE_METHODS, SESSION_METHODS
from acquisition.remote.exceptions import KNOWN
from acquisition.rig import NotSafeError
from acquisition.session import Session, SessionError
from acquisition.session.access import Access, access_of
from drivers.interfaces.errors import CommunicationError, DeviceError, RangeError
from tests.remote.fakes import ENDED, IDLE, RUNNING

SAMPLES = (str(Path("/runs/1").absolute()), "keep", 1.5, 3, True, {"a": 1.5}, ["a"], [{"kind": "soak"}])


def sample(check):
    for value in SAMPLES:
        try:
            return check.validate_python(value, strict=True)
        except ValidationError:
            continue
    raise AssertionError("no sample of this type")


def of_access(access):
    return [name for name, method in SESSION_METHODS.items() if method.access is access]


@pytest.mark.parametrize("name", SESSION_METHODS)
def test_every_method_of_a_session_passes_the_wire(name, ada, session):
    arguments = {each: sample(check) for each, check in SESSION_METHODS[name].checks.items()}
    if name == "wait":
        session.answers[name] = ENDED
    else:
        session.answers[name] = {"said": [1, 2.5, "é", None, True]}
    assert getattr(ada, name)(**arguments) == session.answers[name]
    assert session.calls == [(name, arguments)]


def test_a_remote_session_is_a_session_with_nothing_left_out():
    assert issubclass(RemoteSession, Session)
    assert issubclass(RemoteSession, SharedSession)
    assert not inspect.isabstract(RemoteSession)
    assert set(SESSION_METHODS) == Session.__abstractmethods__ - {"close"}


def test_a_method_says_what_the_interface_says():
    assert RemoteSession.start.__doc__ == Session.start.__doc__
    assert RemoteSession.start.__name__ == "start"


def test_a_wrong_call_is_a_wrong_call_as_it_would_be_here(ada, session):
    with pytest.raises(TypeError, match=r"start\(\): missing a required argument: 'sequence'"):
        ada.start()
    usage = r"start\(sequence, overrides=None, attended=True\)"
    with pytest.raises(SessionError, match=rf"'overrides'.*dictionary.*{usage}"):
        ada.start("cascade", 5)
    with pytest.raises(SessionError, match="cannot be sent"):
        ada.start("cascade", {"acquire_photons.duration_s": float("nan")})
    assert session.calls == []


def test_a_path_means_the_same_from_another_folder(ada, session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("name: mine")
    ada.start("mine.yaml")
    ada.start("cascade")
    ada.read("runs/1")
    ada.choose_sample("mine.yaml")
    ada.choose_sample("dark")
    assert session.calls == [
        ("start", {"sequence": str(tmp_path / "mine.yaml")}),
        ("start", {"sequence": "cascade"}),
        ("read", {"run": str(tmp_path / "runs" / "1")}),
        ("choose_sample", {"sample": str(tmp_path / "mine.yaml")}),
        ("choose_sample", {"sample": "dark"}),
    ]


def error_of(kind):
    if issubclass(kind, NotSafeError):
        return NotSafeError("make safe:", {"laser": CommunicationError("laser", "no answer")}, ["heater"])
    if issubclass(kind, DeviceError):
        return kind("laser", "5 W is too much")
    if issubclass(kind, ConfigError):
        return ConfigError("a.yaml", ConfigProblem("unknown key", "steps.1", 3, 5), ConfigProblem("no name"))
    return kind("what, where, what to do")


@pytest.mark.parametrize("kind", KNOWN.values())
def test_an_error_arrives_as_it_was_raised(kind, ada, session):
    session.answers["start"] = error = error_of(kind)
    with pytest.raises(kind) as caught:
        ada.start("cascade")
    assert type(caught.value) is kind
    assert str(caught.value) == str(error)
    assert vars(caught.value).keys() == vars(error).keys()
    for name in ("device", "message", "source", "problems"):
        assert getattr(caught.value, name, None) == getattr(error, name, None)
    assert ada.status() == IDLE


def test_an_error_of_a_class_of_its_own_arrives_as_the_nearest_known_one(ada, session):
    class HotError(RangeError):
        pass

    session.answers["start"] = HotError("heater", "too hot")
    with pytest.raises(RangeError, match="heater: too hot"):
        ada.start("cascade")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ZeroDivisionError("by zero"), r"internal error .*by zero"),
        (PermissionError(13, "not allowed", "a"), "not allowed"),
    ],
)
def test_any_other_error_is_one_of_the_session(ada, session, error, text):
    session.answers["start"] = error
    with pytest.raises(SessionError, match=text) as caught:
        ada.start("cascade")
    assert type(caught.value) is SessionError


def test_what_cannot_be_sent_back_is_told(ada, session):
    session.answers["read"] = {"run": object()}
    with pytest.raises(SessionError, match=r"cannot be sent.*is a object"):
        ada.read("1")


def test_who_looks_on_may_read(bob):
    assert bob.status() == IDLE
    assert bob.control()["in_control"] is None


@pytest.mark.parametrize("name", of_access(Access.CONTROL))
def test_who_looks_on_may_change_nothing_and_is_told_who_can(name, ada, bob, session):
    arguments = {each: sample(check) for each, check in SESSION_METHODS[name].checks.items()}
    with pytest.raises(NotInControlError, match=f"{name}: ada is in control"):
        getattr(bob, name)(**arguments)
    assert session.calls == []


@pytest.mark.parametrize("name", ["abort", "emergency_stop"])
def test_everybody_may_make_safe(name, ada, bob, session):
    getattr(bob, name)()
    assert session.asked == [name]


def test_what_is_not_marked_needs_control():
    assert access_of(Session.start) is access_of(Session.stop) is Access.CONTROL
    assert access_of(lambda: None) is Access.CONTROL
    assert of_access(Access.EVERYBODY) == ["abort", "emergency_stop"]


def test_nothing_changes_while_nobody_is_in_control(bob):
    with pytest.raises(NotInControlError, match="nobody is in control; take control first"):
        bob.start("cascade")


def test_control_is_given_to_one_at_a_time(ada, bob):
    with pytest.raises(NotInControlError, match="ada is in control"):
        bob.take_control()
    assert bob.control() == {"in_control": "ada", "mine": False, "clients": ["ada", "bob"]}
    assert ada.release_control()["in_control"] is None
    assert bob.take_control()["mine"] is True


def test_control_can_be_taken_by_force(ada, bob):
    assert bob.take_control(force=True)["in_control"] == "bob"
    with pytest.raises(NotInControlError, match="bob is in control"):
        ada.stop()


def test_control_ends_with_its_program(ada, bob, session):
    ada.close()
    wait_until(lambda: bob.control()["in_control"] is None)
    assert bob.take_control()["mine"] is True
    assert session.calls == []


def test_closing_leaves_the_servers_session_and_its_run_alone(ada, bob, session):
    session.answers["status"] = RUNNING
    ada.close()
    assert bob.status() == RUNNING
    assert not session.closed.is_set()
    assert not ada.connected
    with pytest.raises(SessionError, match="the session is closed"):
        ada.status()


def test_waiting_ends_with_the_run_and_not_before(ada, session, monkeypatch):
    monkeypatch.setattr(client, "WAIT_PIECE_S", 0.0)
    waited = iter([RUNNING] * 3 + [ENDED])
    session.answers["wait"] = lambda timeout_s: next(waited)
    assert ada.wait(60) == ENDED
    assert session.asked == ["wait"] * 4


def test_waiting_ends_in_time(ada, session):
    session.answers["wait"] = lambda timeout_s: RUNNING
    assert ada.wait(0) == RUNNING
    assert session.calls == [("wait", {"timeout_s": 0.0})]


def test_waiting_where_nothing_runs_ends_at_once(ada, session):
    assert ada.wait(60) == IDLE
    assert session.asked == ["wait"]


def test_a_run_can_be_aborted_while_it_is_waited_for_and_more_is_asked(ada, session):
    """All by one program, at one time."""
    aborted, entered = threading.Event(), threading.Semaphore(0)

    def wait(**arguments):
        entered.release()
        assert aborted.wait(30)
        return ENDED

    session.answers |= {"read": wait, "analyze": wait, "abort": lambda: aborted.set()}
    threads = [threading.Thread(target=ada.read, args=["1"]) for _ in range(client.MAX_CALLS)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert entered.acquire(timeout=30)
    ada.abort()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_a_lost_connection_is_made_anew_by_the_next_call_without_control(ada):
    cut(ada)
    wait_until(lambda: not ada.connected)
    assert ada.status() == IDLE
    assert ada.connected
    with pytest.raises(NotInControlError, match="nobody is in control"):
        ada.stop()


def test_a_call_that_changes_something_is_never_made_twice(ada, session):
    session.answers["start"] = lambda **arguments: cut(ada)
    with pytest.raises(ConnectionLostError, match=r"lost while `start` was asked.*whether it was done is not known"):
        ada.start("cascade")
    assert session.asked == ["start"]


def test_a_call_that_reads_or_makes_safe_is_made_once_more(ada, session):
    answers = iter([lambda: cut(ada), lambda: None])
    session.answers["abort"] = lambda: next(answers)()
    ada.abort()
    assert session.asked == ["abort", "abort"]


def test_a_server_that_is_gone_is_told(ada, server):
    server.close()
    with pytest.raises(ConnectionLostError, match="cannot be reached"):
        ada.status()
    assert not ada.connected


def test_an_answer_that_does_not_come_is_told(ada, session, monkeypatch):
    go_on = threading.Event()
    session.answers["start"] = lambda **arguments: go_on.wait(30)
    monkeypatch.setattr(client, "WORK_TIMEOUT_S", 0.05)
    try:
        with pytest.raises(ConnectionLostError, match=r"has not answered `start` after 0.05 s"):
            ada.start("cascade")
    finally:
        go_on.set()


def test_an_interrupt_while_waiting_leaves_a_session_that_can_abort(ada, session, monkeypatch):
    receive = connection.ClientConnection.recv
    interrupts = iter([KeyboardInterrupt()])

    def interrupted(websocket, **more):
        for error in interrupts:
            raise error
        return receive(websocket, **more)

    monkeypatch.setattr(connection.ClientConnection, "recv", interrupted)
    session.answers["wait"] = RUNNING
    with pytest.raises(KeyboardInterrupt):
        ada.wait(60)
    ada.abort()
    assert session.asked[-1] == "abort"


def test_the_one_in_control_can_end_the_server(ada, bob, server):
    with pytest.raises(NotInControlError, match="ada is in control"):
        bob.shutdown()
    assert not server.wait(0)
    ada.shutdown()
    assert server.wait(0)


def test_a_server_is_not_ended_under_a_run_unless_forced(ada, server, session):
    session.answers["status"] = RUNNING
    with pytest.raises(SessionError, match="the run /runs/1 is going on"):
        ada.shutdown()
    assert not server.wait(0)
    ada.shutdown(force=True)
    assert server.wait(0)


def test_names_on_the_wire_mean_one_thing():
    sharing = {"take_control", "release_control", "control", "shutdown"}
    assert set(METHODS) == set(SESSION_METHODS) | set(QUEUE_METHODS) | sharing
    assert len(METHODS) == len(SESSION_METHODS) + len(QUEUE_METHODS) + len(sharing)


def cut(program):
    """Break the connections of a program as a network that fails does."""
    for each in [*program._idle, *program._busy]:
        each._websocket.socket.shutdown(2)


def wait_until(happened):
    deadline = threading.Event()
    for _ in range(500):
        if happened():
            return
        deadline.wait(0.01)
    raise AssertionError("has not happened")
