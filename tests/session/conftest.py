"""Sessions that the same tests use: in this process, and asked from a server."""

from contextlib import ExitStack
from itertools import count

import pytest

from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.rig import open_rig
from acquisition.session import LocalSession
from acquisition.session.by_hand import ByHand
from acquisition.user_folders import VARIABLE
from tests.session import broken_off
from tests.session.hands import Wall


@pytest.fixture(params=["in this process", "from a server"])
def session_factory(request, tmp_path, monkeypatch):
    """Open sessions with the arguments of `LocalSession`; all are closed at the end."""
    numbers = count()
    with ExitStack() as opened:

        def open_session(rig="simulated", *arguments, **more):
            local = opened.enter_context(LocalSession(rig, *arguments, **more))
            if request.param == "in this process":
                return local
            monkeypatch.setenv(VARIABLE, str(tmp_path / f"home {next(numbers)}"))
            server = opened.enter_context(SessionServer(local, Announcement(rig)))
            remote = opened.enter_context(RemoteSession(server.endpoint))
            remote.take_control()
            return remote

        yield open_session


@pytest.fixture
def wall():
    """A clock that only the test moves."""
    return Wall()


@pytest.fixture
def hand(wall, monkeypatch):
    """Steps by hand, with a clock that only the test moves, which says itself when it is looked after."""
    monkeypatch.setattr(ByHand, "_watch", lambda self: None)
    rig = open_rig("simulated", seed=1)
    unsafe = []
    with ByHand(rig, lambda: None, unsafe.append, wall.now) as made:
        made.rig, made.unsafe = rig, unsafe
        yield made
    rig.close()


killed = pytest.fixture(broken_off.killed)
killed_in_second_point = pytest.fixture(broken_off.killed_in_second_point)
