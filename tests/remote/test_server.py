"""The server is reached from this computer with its token only, lives through whatever is sent, and ends in order."""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as open_websocket

from acquisition.config import ConfigError, find_config
from acquisition.remote import Announcement, ConnectionLostError, RemoteSession, SessionServer, find_endpoint, server
from acquisition.remote.clients import MAX_CLIENTS, MAX_CONNECTIONS_OF_CLIENT, Client
from acquisition.remote.connection import Connection
from acquisition.remote.endpoint import Endpoint
from acquisition.remote.wire import MAX_REQUEST_BYTES
from acquisition.rig import NotSafeError
from acquisition.session import SessionError
from drivers.interfaces.errors import CommunicationError
from tests.remote.fakes import IDLE, NotingSession

HELLO = {"protocol": 1, "key": "key", "name": "ada"}


def port_of(endpoint):
    return int(endpoint.url.rpartition(":")[2])


def raw(endpoint, **more):
    headers = {"Authorization": f"Bearer {endpoint.token}"}
    return open_websocket(endpoint.url, **{"additional_headers": headers, "proxy": None, **more})


def announcements(home):
    return list((home / "servers").glob("*.json"))


def test_a_server_listens_on_this_computer_only(server):
    assert server.endpoint.url.startswith("ws://127.0.0.1:")
    assert server._server.socket.getsockname()[0] == "127.0.0.1"


def test_a_server_is_found_by_its_file_while_it_lives(session, home):
    with pytest.raises(SessionError, match="no session server runs; `cascadescope serve` starts one"):
        find_endpoint()
    with SessionServer(session, Announcement("simulated")) as server, RemoteSession.find() as found:
        assert find_endpoint("simulated") == find_endpoint() == server.endpoint
        assert server.endpoint.pid == os.getpid()
        assert server.endpoint.rig == str(find_config("rigs", "simulated").resolve())
        assert found.status() == IDLE
        assert server.endpoint.token not in repr(server.endpoint)
    assert announcements(home) == []
    with pytest.raises(SessionError, match="no session server runs for the rig simulated"):
        find_endpoint("simulated")


@pytest.mark.skipif(os.name == "nt", reason="rights of a folder of the user are the system's there")
def test_the_token_is_for_its_user_only(server, home):
    [file] = announcements(home)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_file_of_a_server_that_was_killed_leads_nowhere(home):
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os\n"
            "from acquisition.remote import Announcement\n"
            "Announcement('simulated').publish('ws://127.0.0.1:1', 'token')\n"
            "os._exit(9)",
        ],
        timeout=60,
        check=False,
    )
    assert killed.returncode == 9
    assert len(announcements(home)) == 1
    with pytest.raises(SessionError, match="no session server runs"):
        find_endpoint()
    with Announcement("simulated"):
        assert announcements(home) == []


def test_a_rig_has_one_server(server, session):
    with pytest.raises(SessionError, match=rf"rig simulated runs already \(process {os.getpid()}, ws://"):
        Announcement("simulated")
    server.close()
    Announcement("simulated").close()


def test_servers_of_several_rigs_are_told_apart(server, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(find_config("rigs", "simulated").read_text())
    with SessionServer(NotingSession(), Announcement(str(other))) as second:
        with pytest.raises(SessionError, match=r"several session servers run.*--rig"):
            find_endpoint()
        assert find_endpoint(str(other)) == second.endpoint
    assert find_endpoint() == server.endpoint


def test_a_rig_that_is_not_there_has_no_server():
    with pytest.raises(ConfigError, match="no such file"):
        Announcement("nothing")


def test_a_port_that_is_taken_is_told_and_leaves_nothing(server, home):
    session = NotingSession()
    rig = home.parent / "other.yaml"
    rig.write_text(find_config("rigs", "simulated").read_text())
    announcement = Announcement(str(rig))
    with pytest.raises(SessionError, match=rf"port {port_of(server.endpoint)} of 127\.0\.0\.1 cannot be used"):
        SessionServer(session, announcement, port_of(server.endpoint))
    assert session.closed.is_set()
    Announcement(str(rig)).close()


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_without_the_token_nothing_is_read(server, token):
    endpoint = Endpoint(server.endpoint.url, token, 0, "")
    with pytest.raises(ConnectionLostError, match="refuses"):
        RemoteSession(endpoint)


def test_a_web_page_is_refused_even_with_the_token(server):
    with pytest.raises(InvalidStatus), raw(server.endpoint, origin="http://127.0.0.1"):
        pass


def greeted(endpoint, first):
    with raw(endpoint) as websocket:
        websocket.send(first if isinstance(first, str) else json.dumps(first))
        answer = json.loads(websocket.recv(timeout=10))
        if "error" in answer:
            with pytest.raises(ConnectionClosed):
                websocket.recv(timeout=10)
        return answer


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("{", "not usable JSON"),
        ({"id": 1, "call": "status", "arguments": {}}, "the first message must be a hello"),
        ({"hello": HELLO | {"protocol": 2}}, "protocol 2 is not known here, 1 is; use the same version"),
        ({"hello": HELLO | {"name": ""}}, "a hello has a key and a name"),
        ({"hello": HELLO | {"key": "x" * 101}}, "a hello has a key and a name"),
    ],
)
def test_who_says_no_proper_hello_is_told_and_disconnected(server, session, first, why):
    assert why in greeted(server.endpoint, first)["error"]["message"]
    assert session.calls == []


def test_who_says_hello_is_welcome(server):
    welcome = greeted(server.endpoint, {"hello": HELLO})["hello"]
    assert (welcome["protocol"], welcome["rig"]) == (1, server.endpoint.rig)
    assert {"start", "emergency_stop", "take_control"} <= set(welcome["methods"])


def test_who_says_nothing_is_disconnected(server, monkeypatch):
    monkeypatch.setattr("acquisition.remote.server.OPEN_TIMEOUT_S", 0.05)
    with raw(server.endpoint) as websocket, pytest.raises(ConnectionClosed):
        websocket.recv(timeout=10)


def test_a_message_that_is_too_long_ends_its_connection_only(server, connect):
    with raw(server.endpoint) as websocket:
        websocket.send(json.dumps({"hello": HELLO}))
        websocket.recv(timeout=10)
        websocket.send("x" * (MAX_REQUEST_BYTES + 1))
        with pytest.raises(ConnectionClosed, match="1009"):
            websocket.recv(timeout=10)
    assert connect().status() == IDLE


def test_there_are_only_so_many_programs_and_connections(server):
    with ExitStack() as all_of_them:
        for number in range(MAX_CLIENTS):
            all_of_them.enter_context(RemoteSession(server.endpoint, f"program {number}"))
        with pytest.raises(SessionError, match=f"{MAX_CLIENTS} programs are connected"):
            RemoteSession(server.endpoint)
    with ExitStack() as all_of_them:
        one = Client("key", "ada")
        for _ in range(MAX_CONNECTIONS_OF_CLIENT):
            all_of_them.enter_context(Connection(server.endpoint, one))
        with pytest.raises(SessionError, match=f"ada has {MAX_CONNECTIONS_OF_CLIENT} connections"):
            Connection(server.endpoint, one)


def test_a_flood_of_connections_without_the_token_takes_few_threads_and_keeps_nobody_out(session, monkeypatch):
    monkeypatch.setattr("acquisition.remote.server.TOKEN_TIMEOUT_S", 3600.0)
    monkeypatch.setattr("acquisition.remote.entrance.MAX_WAITING", 4)
    with SessionServer(session, Announcement("simulated")) as server, ExitStack() as flood:
        address = ("127.0.0.1", port_of(server.endpoint))
        first = flood.enter_context(socket.create_connection(address, timeout=10))
        for _ in range(39):
            flood.enter_context(socket.create_connection(address, timeout=10))
        assert first.recv(1) == b""  # it has made room
        ada = flood.enter_context(RemoteSession(server.endpoint))
        assert ada.status() == IDLE
        for _ in range(20):
            flood.enter_context(socket.create_connection(address, timeout=10))
        ada.abort()
        for _ in range(500):  # those that are gone are noticed in their own threads
            if len(server._server.handler_threads) <= 8:
                break
            threading.Event().wait(0.02)
        assert len(server._server.handler_threads) <= 8


def test_who_knows_the_token_is_refused_only_by_those_who_know_it_too(session, monkeypatch):
    monkeypatch.setattr("acquisition.remote.server.MAX_CONNECTIONS", 3)
    with SessionServer(session, Announcement("simulated")) as server, ExitStack() as programs:
        for number in range(3):
            programs.enter_context(Connection(server.endpoint, Client(f"key {number}", "ada")))
        with pytest.raises(ConnectionLostError, match="503"):
            Connection(server.endpoint, Client("one more", "bob"))


def test_a_call_that_is_urgent_needs_no_new_connection(ada, session, monkeypatch):
    monkeypatch.setattr("acquisition.remote.client.Connection", None)
    ada.status()
    with ada._connection(urgent=False):  # a call that goes on
        ada.abort()
    assert ("abort", {}) in session.calls


FUZZ = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(st.lists(st.binary(max_size=200), max_size=4))
def test_random_bytes_neither_kill_the_server_nor_reach_the_session(server, session, pieces):
    with socket.create_connection(("127.0.0.1", port_of(server.endpoint)), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:  # refused in the middle
            pass
    assert session.calls == []
    with RemoteSession(server.endpoint) as program:
        assert program.control()["in_control"] is None


@FUZZ
@given(st.lists(st.text(max_size=100) | st.binary(max_size=100), min_size=1, max_size=4), st.booleans())
def test_random_messages_neither_kill_the_server_nor_reach_the_session(server, session, messages, polite):
    with raw(server.endpoint, close_timeout=2) as websocket:
        try:
            if polite:
                websocket.send(json.dumps({"hello": HELLO}))
                websocket.recv(timeout=10)
            for message in messages:
                websocket.send(message)
                assert "error" in json.loads(websocket.recv(timeout=10))
        except ConnectionClosed:
            assert not polite
    assert session.calls == []
    with RemoteSession(server.endpoint) as program:
        assert program.control()["in_control"] is None


def test_a_client_that_reads_nothing_cannot_hold_the_server(session, monkeypatch):
    monkeypatch.setattr("acquisition.remote.server.SEND_TIMEOUT_S", 1.0)
    session.answers["read"] = {"results": "x" * 30_000_000}
    with (
        SessionServer(session, Announcement("simulated")) as served,
        raw(served.endpoint, max_queue=1) as websocket,
    ):
        websocket.send(json.dumps({"hello": HELLO}))
        websocket.recv(timeout=10)
        websocket.recv_flow_control.acquire()  # reads no more
        websocket.send(json.dumps({"id": 1, "call": "read", "arguments": {"run": "1"}}))
        for _ in range(500):
            if session.asked == ["read"] and not served._clients._connections:
                break
            threading.Event().wait(0.02)
        assert not served._clients._connections
        websocket.recv_flow_control.release()
    assert session.closed.is_set()


def test_a_server_ends_in_order(session, home):
    order = []
    served = SessionServer(session, Announcement("simulated"))
    program = RemoteSession(served.endpoint)
    session.close = lambda: order.append(("made safe", program.status()["state"], len(announcements(home))))
    served.close()
    served.close()
    assert order == [("made safe", "idle", 1)]
    assert announcements(home) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("session server")]
    with pytest.raises(ConnectionLostError):
        program.status()
    program.close()


def test_instruments_that_are_not_safe_are_told_and_the_server_ends_all_the_same(session, home):
    def close():
        raise NotSafeError("make safe:", {"laser": CommunicationError("laser", "no answer")}, [])

    session.close = close
    served = SessionServer(session, Announcement("simulated"))
    with pytest.raises(NotSafeError, match="laser"):
        served.close()
    assert announcements(home) == []
    Announcement("simulated").close()


def ask_in_vain(call):
    with pytest.raises(ConnectionLostError):
        call()


def test_a_call_that_does_not_end_is_given_up(session, monkeypatch):
    monkeypatch.setattr(server, "END_TIMEOUT_S", 0.2)
    entered, go_on = threading.Event(), threading.Event()

    def devices():
        entered.set()
        go_on.wait(30)
        return []

    session.answers["devices"] = devices
    served = SessionServer(session, Announcement("simulated"))
    with RemoteSession(served.endpoint) as program:
        calling = threading.Thread(target=ask_in_vain, args=[program.devices])
        calling.start()
        assert entered.wait(10)
        with pytest.raises(SessionError, match=r"has not ended after 0.2 s; it is given up"):
            served.close()
        assert session.closed.is_set()
        go_on.set()
        calling.join(20)
        assert not calling.is_alive()
