"""A program finds a server that was started anew, and sends nothing late that was asked before all was made safe."""

import threading

import pytest

from acquisition.remote import (
    Announcement,
    ConnectionLostError,
    NotInControlError,
    RemoteSession,
    SessionServer,
    client,
)
from acquisition.session import SessionError
from tests.remote.fakes import IDLE, NotingSession


def serve(session):
    return SessionServer(session, Announcement("simulated"))


@pytest.fixture
def orphan():
    """A program that was in control of a server which has ended."""
    with serve(NotingSession()) as server:
        program = RemoteSession(server.endpoint, "ada")
        program.take_control()
    with program:
        yield program


def test_a_server_that_was_started_anew_is_found_and_control_can_be_taken_again(orphan):
    anew = NotingSession()
    before = orphan.endpoint
    with serve(anew) as server:
        assert orphan.status() == IDLE
        assert orphan.endpoint == server.endpoint != before
        with pytest.raises(NotInControlError):
            orphan.start("cascade")
        assert orphan.take_control()["mine"]
        orphan.start("cascade")
        assert anew.asked == ["status", "start"]


def test_an_emergency_stop_reaches_a_server_that_was_started_anew_on_the_port_of_the_old_one(orphan):
    port = int(orphan.endpoint.url.rpartition(":")[2])
    anew = NotingSession()
    with SessionServer(anew, Announcement("simulated"), port):
        orphan.emergency_stop()
        assert anew.asked == ["emergency_stop"]


def test_without_a_server_the_program_is_told_until_there_is_one(orphan):
    for _ in range(2):
        with pytest.raises(ConnectionLostError, match="cannot be reached"):
            orphan.status()
    with serve(NotingSession()):
        assert orphan.status() == IDLE


@pytest.mark.parametrize(("method", "arguments"), [("do_step", ({"kind": "set_laser"},)), ("start", ("cascade",))])
@pytest.mark.parametrize("safe", ["emergency_stop", "abort"])
def test_a_call_that_waits_for_its_turn_is_not_sent_after_all_was_made_safe(
    session, connect, monkeypatch, method, arguments, safe
):
    monkeypatch.setattr(client, "MAX_CALLS", 1)
    ada = connect("ada")
    ada.take_control()
    reading, end, waits, errors = threading.Event(), threading.Event(), threading.Event(), []
    session.answers["read"] = lambda run: reading.set() or end.wait(20)
    turn = ada._turn

    def late():
        try:
            getattr(ada, method)(*arguments)
        except SessionError as error:
            errors.append(str(error))

    reader, caller = threading.Thread(target=ada.read, args=["/runs/1"]), threading.Thread(target=late)
    reader.start()
    assert reading.wait(20)
    monkeypatch.setattr(ada, "_turn", lambda *asked, **named: (waits.set(), turn(*asked, **named))[1])
    caller.start()
    assert waits.wait(20)
    getattr(ada, safe)()
    end.set()
    for thread in (reader, caller):
        thread.join(20)
    assert errors == [f"{method}: not asked any more: all was made safe while it waited"]
    assert session.asked == ["read", safe]
