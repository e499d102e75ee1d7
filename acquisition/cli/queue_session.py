"""The session by which a queue uses a rig: that of the rig's session server if there is one, else one of its own."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from acquisition.queue import RigTakenError
from acquisition.remote import ConnectionLostError, NotInControlError, RemoteSession, find_endpoint
from acquisition.remote.methods import Method
from acquisition.session import LocalSession, Session, SessionError
from acquisition.session.access import Access
from acquisition.session.run_record import operator


def session_for(rig: str, out: str, say: Callable[[str], None]) -> Session:
    """Return a session of a rig, and say so if it is that of a server, whose runs go to the folder of the server."""
    try:
        endpoint = find_endpoint(rig)
    except SessionError:  # there is no server
        return LocalSession(rig, out)
    session = QueueSession(endpoint, f"{operator({})}, queue (process {os.getpid()})")
    say(f"runs of the rig {rig} are done by its session server {endpoint.url}, in the folder that it was started with")
    return session


class QueueSession(RemoteSession):
    """The session of a server, in control only while it asks for something: others may pause, note and answer."""

    _begun = False

    def start(self, sequence: Any, overrides: Mapping[str, Any] | None = None, attended: bool = True) -> str:
        """Start a run. Raises `RigTakenError` if another run goes on, or another program is in control."""
        return self._begin(lambda: super(QueueSession, self).start(sequence, overrides, attended))

    def resume_run(self, run: str, allow_changes: bool = False, attended: bool = True) -> str:
        """Let a run go on, or follow it if it still goes on there. Raises `RigTakenError` as `start` does."""
        if self._going_on() == run:
            self._begun = True
            return run
        return self._begin(lambda: super(QueueSession, self).resume_run(run, allow_changes, attended))

    def abort(self) -> None:
        """Abort the run that was begun here; no effect on those of others."""
        if self._begun:
            super().abort()

    def _begin(self, begin: Callable[[], str]) -> str:
        self._begun = False
        if (other := self._going_on()) is not None:
            raise RigTakenError(f"the session server is busy with the run {other}; let it end, or stop it")
        self._begun = True  # from here on an interrupt aborts
        try:
            return begin()
        except ConnectionLostError:
            raise
        except NotInControlError as error:
            self._begun = False
            raise RigTakenError(str(error)) from error
        except Exception:
            self._begun = False
            raise

    def _going_on(self) -> str | None:
        status = self.status()
        return str(status["run"]) if status["run"] is not None and status["outcome"] is None else None

    def _call(self, method: Method, arguments: Mapping[str, Any]) -> Any:
        if method.access is not Access.CONTROL:
            return super()._call(method, arguments)
        self.take_control()
        try:
            return super()._call(method, arguments)
        finally:
            with suppress(SessionError):
                self.release_control()
