"""A served session without instruments, and programs that are connected to it."""

from contextlib import ExitStack

import pytest

from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.user_folders import VARIABLE
from tests.remote.fakes import NotingSession


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A folder of the user that holds nothing yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture
def session():
    return NotingSession()


@pytest.fixture
def server(session):
    with SessionServer(session, Announcement("simulated")) as server:
        yield server


@pytest.fixture
def connect(server):
    """Connect a program by its name; all are closed at the end."""
    with ExitStack() as programs:
        yield lambda name="ada", **more: programs.enter_context(RemoteSession(server.endpoint, name, **more))


@pytest.fixture
def ada(connect):
    """A program in control."""
    program = connect("ada")
    program.take_control()
    return program


@pytest.fixture
def bob(connect):
    """A program that looks on."""
    return connect("bob")
