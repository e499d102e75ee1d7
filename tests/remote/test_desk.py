"""Whatever a client sends is answered, and reaches the session only as a call that the interface allows."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.remote.clients import Client, Clients
from acquisition.remote.desk import METHODS, SESSION_METHODS, Desk
from acquisition.session.access import Access
from tests.remote.fakes import ENDED, IDLE, RUNNING, NotingSession

ALLOWED = {name for name, method in SESSION_METHODS.items() if method.access is not Access.CONTROL}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("run") | st.just("cascade"),
    lambda part: st.lists(part) | st.dictionaries(st.text() | st.sampled_from(["run", "sequence", "path"]), part),
    max_leaves=10,
)
NAMES = st.sampled_from(sorted(METHODS)) | st.text()
PARAMETERS = sorted({name for method in METHODS.values() for name in method.checks})
ARGUMENTS = st.dictionaries(st.sampled_from(PARAMETERS) | st.text(), JSON, max_size=3)
REQUESTS = st.fixed_dictionaries({"id": st.integers() | JSON, "call": NAMES | JSON, "arguments": ARGUMENTS | JSON})


def new_desk(session):
    clients, client = Clients(), Client("key", "ada")
    clients.enter(client)
    return Desk(client, session, clients, threading.Event(), threading.Event().set)


def answer_to(text):
    session = NotingSession()
    answer = json.loads(new_desk(session).answer(text))
    assert ("result" in answer) != ("error" in answer)
    return answer, session


@given(st.text() | st.binary() | JSON.map(json.dumps))
def test_garbage_is_answered_with_an_error_and_reaches_nothing(text):
    answer, session = answer_to(text)
    assert answer["error"]["message"]
    assert "internal" not in answer["error"]["message"]
    assert session.calls == []


@given(REQUESTS)
def test_a_request_with_anything_in_it_reaches_the_session_only_as_what_a_viewer_may_call(request):
    answer, session = answer_to(json.dumps(request))
    assert "internal" not in answer.get("error", {}).get("message", "")
    assert set(session.asked) <= ALLOWED | {"status"}
    for name, arguments in session.calls:
        assert SESSION_METHODS[name].checked(arguments) == arguments


def test_each_way_to_ask_wrongly_is_explained():
    def told(**request):
        answer, session = answer_to(json.dumps({"id": 1, "call": "read", "arguments": {"run": "1"}} | request))
        assert session.calls == []
        return answer["error"]["message"]

    assert "'eval' cannot be asked; what can: abort, acknowledge_interlock, analyze" in told(call="eval")
    assert "'close' cannot be asked" in told(call="close")
    assert "'__init__' cannot be asked" in told(call="__init__")
    assert "argument 'folder' is not known, 'run' is missing; allowed is read(run)" in told(arguments={"folder": "1"})
    assert "read: argument 'run': Input should be a valid string; allowed is read(run)" in told(arguments={"run": 1})
    assert "arguments must be an object with names" in told(arguments=["1"])
    assert "a request is an object with id (a whole number)" in told(id="1")
    assert "a request is an object with id (a whole number)" in told(more=1)


def test_an_answer_has_the_number_of_its_request():
    assert answer_to('{"id": 7, "call": "status", "arguments": {}}')[0]["id"] == 7
    assert answer_to('{"id": 8, "call": "nothing", "arguments": {}}')[0]["id"] == 8


def test_nothing_waits_in_the_server_for_longer_than_a_moment():
    _, session = answer_to('{"id": 1, "call": "wait", "arguments": {"timeout_s": 1e9}}')
    assert session.calls == [("wait", {"timeout_s": 2.0})]


def test_a_server_that_ends_begins_nothing_any_more():
    session, ending = NotingSession(), threading.Event()
    clients, client = Clients(), Client("key", "ada")
    clients.enter(client)
    clients.take_control(client, force=False)
    desk = Desk(client, session, clients, ending, threading.Event().set)
    ending.set()
    answer = json.loads(desk.answer('{"id": 1, "call": "start", "arguments": {"sequence": "cascade"}}'))
    assert "the session server is ending" in answer["error"]["message"]
    desk.answer('{"id": 2, "call": "emergency_stop", "arguments": {}}')
    assert session.asked == ["emergency_stop"]


class NotingQueue:
    """Notes why it was halted."""

    def __init__(self):
        self.halted = []

    def halt(self, reason):
        self.halted.append(reason)


@pytest.mark.parametrize(
    ("arguments", "status", "halted"),
    [
        ({}, IDLE, ["switch_off by ada"]),
        ({}, ENDED, ["switch_off by ada"]),
        ({}, RUNNING, []),  # it is refused
        ({"role": "laser"}, IDLE, []),
    ],
)
def test_a_queue_begins_nothing_after_all_was_switched_off_between_two_entries(arguments, status, halted):
    session, queue = NotingSession(), NotingQueue()
    session.answers["status"] = status
    clients, client = Clients(), Client("key", "ada")
    clients.enter(client)
    clients.take_control(client, force=False)
    desk = Desk(client, session, clients, threading.Event(), threading.Event().set, queue)
    desk.answer(json.dumps({"id": 1, "call": "switch_off", "arguments": arguments}))
    assert queue.halted == halted
    assert session.asked[-1] == "switch_off"
