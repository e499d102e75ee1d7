"""Sessions that the same tests use: in this process, and asked from a server."""

from contextlib import ExitStack
from itertools import count

import pytest

from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession
from acquisition.user_folders import VARIABLE


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
