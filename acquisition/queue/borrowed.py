"""The session that a queue shares with people: it begins nothing beside their runs, nor after they made all safe."""

from collections.abc import Callable, Mapping
from typing import Any

from acquisition.queue.errors import RigTakenError
from acquisition.session import Session, SessionError


class BorrowedSession:
    """A session of which only runs that were begun here are aborted; all that is not said here is as of the session.

    Parameters
    ----------
    session : Session
        The session; others use it, too, and close it.
    why_not : callable
        Returns why nothing may be begun any more, in words; empty if it may.
    """

    def __init__(self, session: Session, why_not: Callable[[], str]) -> None:
        self._session, self._why_not = session, why_not
        self._run: str | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the session has under a name."""
        return getattr(self._session, name)

    def start(self, sequence: Any, overrides: Mapping[str, Any] | None = None, attended: bool = True) -> str:
        """Start a run. Raises `RigTakenError` if another one goes on, or nothing may be begun."""
        return self._begin(lambda: self._session.start(sequence, overrides, attended))

    def resume_run(self, run: str, allow_changes: bool = False, attended: bool = True) -> str:
        """Let a run go on. Raises `RigTakenError` as `start` does."""
        return self._begin(lambda: self._session.resume_run(run, allow_changes, attended))

    def abort(self) -> None:
        """Abort the run if it was begun here. Raises `NotSafeError` as the session does."""
        if self._run is not None and self._session.status()["run"] == self._run:
            self._session.abort()

    def close(self) -> None:
        """Leave the session to its owner."""

    def _begin(self, begin: Callable[[], str]) -> str:
        self._run = None
        self._check_free()
        try:
            self._run = begin()
        except SessionError:
            self._check_free()  # somebody was faster
            raise
        if self._why_not():  # meanwhile
            self._session.abort()
        return self._run

    def _check_free(self) -> None:
        if why := self._why_not():
            raise RigTakenError(why)
        status = self._session.status()
        if status["run"] is not None and status["outcome"] is None:
            raise RigTakenError(f"the run {status['run']} is going on; let it end, or stop it")
