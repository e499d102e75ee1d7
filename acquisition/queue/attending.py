"""What the queue does while a run goes on: waits for its end, and ends one that asks what nobody answers."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

from acquisition.sequence import SequenceError
from acquisition.session import Session, SessionError

POLL_S = 0.5
"""Longest wait for a session before it is looked whether the queue is to end."""

ABORT_TIMEOUT_S = 120.0
"""Longest wait for the end of a run that was aborted, or of one whose session is broken."""

QUESTION_TIMEOUT_S = 1800.0
"""Longest wait for an answer, where nothing else is said."""

CLEANUP_QUESTION_S = 10.0
"""Longest that a run which was stopped may still ask: a prompt of its cleanup is not ended by stopping."""

_ASKED_FOR = "asked for"

See: TypeAlias = Callable[[Mapping[str, Any]], None]
"""Is shown each status of a run; what it raises ends the run."""


class Attend(Protocol):
    """Waits for the end of a run."""

    def __call__(self, session: Session, see: See, stop: threading.Event) -> tuple[dict[str, Any], bool]:
        """Return the last status, and whether a person has ended run and queue; abort the run if `stop` is set."""


def attend(session: Session, see: See, stop: threading.Event) -> tuple[dict[str, Any], bool]:
    """Wait for the end of a run in bounded pieces, with nobody to ask."""
    aborted_at: float | None = None
    while True:
        status = session.wait(POLL_S)
        see(status)
        late = aborted_at is not None and time.monotonic() - aborted_at > ABORT_TIMEOUT_S
        if status["outcome"] is not None or late:
            return status, False
        if aborted_at is None and stop.is_set():
            aborted_at = time.monotonic()
            session.abort()


class Guard:
    """Sees to it that a run ends: one whose instruments are not safe, and one whose question nobody answers.

    While a person has paused the run, the time for an answer does not go by.

    Parameters
    ----------
    session : Session
        Whose run it is.
    question_timeout_s : float or None
        Longest wait for an answer; None for ever.
    """

    def __init__(self, session: Session, question_timeout_s: float | None) -> None:
        self._session, self._timeout_s = session, question_timeout_s
        self._question: Mapping[str, Any] | None = None
        self._since = self._stopped_at = 0.0
        self._broken_since: float | None = None
        self.unanswered = ""

    def see(self, status: Mapping[str, Any]) -> None:
        """Look at a status. Raises `SessionError` if a broken run does not end, and what aborting it raises."""
        if status["outcome"] is not None:
            return
        if status["state"] == "broken":
            self._end_broken()
        else:
            self._look(status.get("question"), str(status.get("paused_because") or ""))

    def _end_broken(self) -> None:
        if self._broken_since is None:
            self._broken_since = time.monotonic()
            self._session.abort()
        elif time.monotonic() - self._broken_since > ABORT_TIMEOUT_S:
            raise SessionError(f"the run has not ended {ABORT_TIMEOUT_S:g} s after its instruments were not safe")

    def _look(self, question: Mapping[str, Any] | None, paused_because: str) -> None:
        now = time.monotonic()
        if self.unanswered:
            if question is not None and now - self._stopped_at > CLEANUP_QUESTION_S:
                self._stopped_at = now
                self._session.abort()
            return
        if question is None or question != self._question or paused_because.startswith(_ASKED_FOR):
            self._question, self._since = question, now
        elif self._timeout_s is not None and now - self._since >= self._timeout_s:
            with suppress(SessionError, SequenceError):  # another program is in control, or it ends; tried again
                self._session.stop()
                self._stopped_at = now
                self.unanswered = (
                    f"nobody answered for {_in_words(self._timeout_s)}: {question['text']} The run was stopped; what "
                    "was measured is kept"
                )


def _in_words(time_s: float) -> str:
    return f"{time_s / 60:g} min" if time_s >= 60 else f"{time_s:g} s"
