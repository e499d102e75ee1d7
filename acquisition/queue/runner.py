"""Carries out a queue: one entry after the other, each by a session, until nothing is left or something forbids it."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from acquisition.queue.attending import ABORT_TIMEOUT_S, QUESTION_TIMEOUT_S, Attend, Guard, attend
from acquisition.queue.entry import EntryState, QueueEntry, Request
from acquisition.queue.errors import RigTakenError
from acquisition.queue.queue import RunQueue
from acquisition.queue.running import Fits, Nothing, RunningQueue, running
from acquisition.queue.sources import sequence_to_run
from acquisition.rig import NotSafeError
from acquisition.session import Session

IDLE_POLL_S = 2.0
"""How often an empty queue is looked at."""

SessionFactory: TypeAlias = Callable[[str, str], Session]
"""Makes a session from the rig and the folder of the runs."""

Watcher: TypeAlias = Callable[[QueueEntry, Mapping[str, Any]], None]
"""Is told, several times a second, of the entry that runs and the status of its session."""


class Why(StrEnum):
    """Why a queue is no longer carried out."""

    EMPTY = "empty"
    WAITS = "waits"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class QueueReport:
    """What was carried out, each entry as it was when its run ended, and why no more was."""

    why: Why
    reason: str
    ran: tuple[QueueEntry, ...]


class QueueRunner:
    """Carries out a queue in the thread that calls `run`.

    A session is kept from one entry to the next as long as rig and folder are the same.

    Parameters
    ----------
    queue : RunQueue
        What is to be done.
    session_factory : callable
        Makes a session.
    watch : callable, optional
        Is told what goes on. What this and the next two raise is passed over: it ends no run.
    ended : callable, optional
        Is told of each entry when its run has ended.
    idle : callable, optional
        Is told, once, why nothing more is run for now.
    attend : callable
        Waits for the end of a run, by default with nobody to ask.
    question_timeout_s : float or None
        Longest wait for an answer to what a run asks; then it is stopped and has failed. None waits for ever.
    keep_waiting : bool
        Whether to wait for more when there is nothing to do, instead of returning.
    attended : bool
        Whether a person is at the instruments the whole time, also for requests that do not say so; see
        `Session.start`.
    fits : callable
        Whether a request can be carried out here; the others are left waiting.
    """

    def __init__(
        self,
        queue: RunQueue,
        session_factory: SessionFactory,
        *,
        watch: Watcher = lambda entry, status: None,
        ended: Callable[[QueueEntry], None] = lambda entry: None,
        idle: Callable[[Nothing], None] = lambda nothing: None,
        attend: Attend = attend,
        question_timeout_s: float | None = QUESTION_TIMEOUT_S,
        keep_waiting: bool = False,
        attended: bool = False,
        fits: Fits = lambda request: True,
    ) -> None:
        self._queue, self._keep_waiting, self._attended, self._fits = queue, keep_waiting, attended, fits
        self._watch, self._ended, self._idle = watch, ended, idle
        self._attend, self._question_timeout_s = attend, question_timeout_s
        self._told: Nothing | None = None
        self._ended_by_person = False
        self._sessions = _Sessions(session_factory)

    def run(self, stop: threading.Event) -> QueueReport:
        """Carry out the queue until nothing is left, something waits for a person, or `stop` is set.

        `stop` aborts the run that goes on: the instruments are safe at once, what was recorded is
        kept, and the queue is held; a person whom `attend` heard does the same. To let a run come to its end, hold
        the queue instead.

        Raises
        ------
        QueueError
            If another program carries out this queue, or its file cannot be used.
        NotSafeError
            If an instrument could not be made safe at the end.
        """
        with running(self._queue) as hands:
            return self.carry_out(hands, stop)

    def carry_out(self, queue: RunningQueue, stop: threading.Event) -> QueueReport:
        """Do what `run` does for a caller who is already the one that carries the queue out."""
        ran: list[QueueEntry] = []
        self._told, self._ended_by_person = None, False
        with self._sessions:
            while not stop.is_set() and not self._ended_by_person:
                taken = queue.take(self._fits)
                if isinstance(taken, QueueEntry):
                    ran.append(self._carry_out(queue, taken, stop))
                    self._told = None
                    continue
                self._tell_idle(taken)
                if not self._keep_waiting:
                    return QueueReport(Why.EMPTY if taken.empty else Why.WAITS, taken.reason, tuple(ran))
                else:
                    self._sessions.close()
                    stop.wait(IDLE_POLL_S)
        why = "ended from the keyboard" if self._ended_by_person else "told to stop"
        return QueueReport(Why.STOPPED, why, tuple(ran))

    def _carry_out(self, queue: RunningQueue, entry: QueueEntry, stop: threading.Event) -> QueueEntry:
        """Run an entry, write down how it ended, whatever happens, and tell it."""
        try:
            return self._run_entry(queue, entry, stop)
        finally:
            with suppress(Exception):  # whoever listens (a closed pipe, a window) must not end a run
                self._ended(self._queue.entry(entry.id))

    def _run_entry(self, queue: RunningQueue, entry: QueueEntry, stop: threading.Event) -> QueueEntry:
        begun = False
        try:
            session = self._sessions.get(entry.request)
            run = _begin(session, entry, attended=self._attended or entry.request.attended)
            begun = True
            queue.note_run(entry.id, run)
            outcome, error, broken = self._to_its_end(session, entry, stop)
        except RigTakenError as taken:
            return queue.put_off(entry.id, str(taken))
        except Exception as failure:
            outcome, error = EntryState.FAILED, _in_words(failure)
            broken = self._sessions.give_up() or isinstance(failure, NotSafeError)
            if entry.resumes and not begun and not broken:
                return queue.put_back(entry.id, f"the run could not be resumed: {error}")
        except BaseException:
            broken = self._sessions.give_up()
            queue.conclude(entry.id, EntryState.ABORTED, "the program was ended from the keyboard", broken=broken)
            raise
        return queue.conclude(entry.id, outcome, error, broken=broken)

    def _to_its_end(self, session: Session, entry: QueueEntry, stop: threading.Event) -> tuple[EntryState, str, bool]:
        """Wait for the end of a run; return how it ended, what went wrong and whether it left all safe."""
        guard = Guard(session, self._question_timeout_s)

        def see(status: Mapping[str, Any]) -> None:
            with suppress(Exception):
                self._watch(entry, status)
            guard.see(status)

        status, by_person = self._attend(session, see, stop)
        outcome, error, broken = _outcome(status)
        if by_person:
            self._ended_by_person = True
            self._queue.hold(reason=f"entry {entry.id} was ended from the keyboard")
        elif guard.unanswered:
            outcome, error = EntryState.FAILED, "; ".join(text for text in (guard.unanswered, error) if text)
        return outcome, error, broken

    def _tell_idle(self, nothing: Nothing) -> None:
        if nothing != self._told:
            self._told = nothing
            with suppress(Exception):
                self._idle(nothing)


class _Sessions:
    """The session of the present rig."""

    def __init__(self, factory: SessionFactory) -> None:
        self._factory = factory
        self._session: Session | None = None
        self._key: tuple[str, str] | None = None

    def get(self, request: Request) -> Session:
        """Return the session for a request; that of another rig is closed first."""
        key = request.rig, request.out
        if self._session is None or key != self._key:
            self.close()
            self._session, self._key = self._factory(*key), key
        return self._session

    def give_up(self) -> bool:
        """Abort what may still go on; return whether the instruments could not be made safe."""
        if self._session is None:
            return False
        try:
            self._session.abort()
            return bool(self._session.wait(ABORT_TIMEOUT_S)["state"] == "broken")
        except Exception:
            return True

    def close(self) -> None:
        """Close the session, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> "_Sessions":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _begin(session: Session, entry: QueueEntry, *, attended: bool) -> str:
    """Start or resume the run of an entry and return its folder."""
    if entry.resumes:
        return session.resume_run(entry.run, attended=attended)
    return session.start(sequence_to_run(entry.request, entry.mark), entry.request.overrides, attended)


def _outcome(status: Mapping[str, Any]) -> tuple[EntryState, str, bool]:
    """Return how a run ended, what went wrong, and whether instruments could not be made safe."""
    broken = status["state"] == "broken"
    ended = status["outcome"]
    outcome = EntryState(ended) if ended is not None else EntryState.ABORTED
    message = "" if status["ok"] else str(status["message"])
    if ended is None:
        message = f"the run has not ended {ABORT_TIMEOUT_S:g} s after it was aborted: {message}"
    return outcome, message, broken


def _in_words(error: Exception) -> str:
    package = type(error).__module__.split(".")[0]
    known = package in ("acquisition", "drivers", "simulators") or isinstance(error, OSError)
    return str(error) if known else f"internal error: {error!r}"
