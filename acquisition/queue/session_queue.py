"""The queue of the user as a session server offers it: filled by programs, carried out by the session they share."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from acquisition.config import ConfigError, find_config, shipped_names
from acquisition.queue.attending import ABORT_TIMEOUT_S
from acquisition.queue.borrowed import BorrowedSession
from acquisition.queue.entry import EntryState, Request, made_request
from acquisition.queue.errors import QueueError, RigTakenError
from acquisition.queue.listing import listed
from acquisition.queue.queue import RunQueue
from acquisition.queue.runner import QueueRunner
from acquisition.queue.running import LOCK_TIMEOUT_S, Nothing, find_cut_off, next_of, running
from acquisition.queue.sources import absolute_rig, request_of_file, sequence_to_run
from acquisition.queue.verbs import ServedQueue
from acquisition.rig import NotSafeError
from acquisition.session import LocalSession, Session, SessionError

BEGIN_TIMEOUT_S = LOCK_TIMEOUT_S + 30.0
END_TIMEOUT_S = ABORT_TIMEOUT_S + 10.0

STOPPED = "stopped by a person"
"""Why a queue is held that was told to start nothing more."""


class SessionQueue(ServedQueue):
    """The queue in a file, carried out by a session in a thread of its own; any thread may call its methods.

    Parameters
    ----------
    path : Path
        The file, which other programs may use as well; opened when it is first needed.
    session : Session
        Does the runs of entries for its rig; others wait. Closed by its owner, after this.
    rig : str
        Path of the rig file of the session, or name of a shipped one.
    out : str
        Folder of the runs of entries that do not say one.
    """

    def __init__(self, path: Path, session: Session, rig: str, out: str) -> None:
        self._path, self._session, self._rig, self._out = path, session, rig, out
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop, self._began = threading.Event(), threading.Event()
        self._refused = self._message = self._halted = ""

    @cached_property
    def _queue(self) -> RunQueue:
        return RunQueue(self._path, estimate=self._expected_s)

    def queue(self) -> dict[str, Any]:
        """Return the queue as it stands."""
        with _told():
            if not self._carrying_out and self._has_running:
                find_cut_off(self._queue)
            return {
                "state": self._state,
                "hold_reason": self._queue.hold_reason,
                "message": self._message,
                "entries": [listed(each, here=self._fits(each.entry.request)) for each in self._queue.schedule()],
            }

    def queue_add(self, entry: dict[str, Any]) -> int:
        """Add an entry at the end and return its number."""
        with _told():
            return self._queue.add(self._request(entry)).id

    def queue_repeat(self, entry_id: int) -> int:
        """Add the request of an entry once more at the end; return the new number."""
        with _told():
            return self._queue.repeat(entry_id).id

    def queue_edit(self, entry_id: int, changes: dict[str, Any]) -> None:
        """Change fields of an entry that waits, or ``held``."""
        fields, held = {key: value for key, value in changes.items() if key != "held"}, changes.get("held")
        if held not in (None, True, False):
            raise SessionError(f"held: {held!r:.60} is not allowed; true and false are")
        with _told():
            if fields:
                self._queue.edit(entry_id, **self._changes(fields))
            if held is not None:
                (self._queue.hold if held else self._queue.release)(entry_id)

    def queue_move(self, entry_id: int, position: int) -> None:
        """Move an entry that waits to a place among those that wait, from 1."""
        with _told():
            self._queue.move(entry_id, position)

    def queue_remove(self, entry_id: int) -> None:
        """Take an entry out, unless it runs; its run folder stays."""
        with _told():
            self._queue.remove(entry_id)

    def queue_clear_finished(self) -> int:
        """Take all entries out that have ended, and return how many."""
        with _told():
            return self._queue.clear_finished()

    def queue_start(self) -> None:
        """Carry out what waits, one after the other, and release a hold."""
        with self._lock, _told():
            if not self._carrying_out:
                self._check_can_start()
            self._queue.release()
            if self._carrying_out and not self._halted:
                return
            if self._carrying_out:
                raise SessionError(f"the queue is just ending: {self._halted}; start it when it has ended")
            self._refused = self._message = self._halted = ""
            self._began.clear()
            self._thread = threading.Thread(target=self._carry_out, name="queue", daemon=True)
            self._thread.start()
            if not self._began.wait(BEGIN_TIMEOUT_S):
                raise SessionError(f"the queue has not begun within {BEGIN_TIMEOUT_S:g} s; look at its state")
            if self._refused:
                raise SessionError(self._refused)

    def queue_stop(self) -> None:
        """Start nothing more after the present entry, which goes on; no effect if the queue is idle."""
        with _told():
            if self._state == "running":
                self._queue.hold(reason=STOPPED)

    def check_free(self, what: str) -> None:
        """Raise `SessionError` if the queue is carried out, so that nobody else may begin `what` now."""
        if self._carrying_out:
            raise SessionError(f"{what}: the queue is being carried out; stop the queue first, or add to it")

    def halt(self, reason: str) -> None:
        """Begin no further entry until a person starts the queue again; never waits, no effect if it is idle."""
        if self._carrying_out:
            self._halted = reason

    def close(self) -> None:
        """Abort the run of the queue, begin no other, and wait for its end; no effect if closed.

        Raises
        ------
        SessionError
            If it has not ended after `END_TIMEOUT_S`.
        """
        self._stop.set()
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        with suppress(NotSafeError):  # closing the session tries again, and tells
            self._session.abort()
        thread.join(END_TIMEOUT_S)
        if thread.is_alive():
            raise SessionError(f"the run of the queue has not ended {END_TIMEOUT_S:g} s after it was aborted")

    @property
    def _carrying_out(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def _has_running(self) -> bool:
        return any(entry.state is EntryState.RUNNING for entry in self._queue.entries())

    @property
    def _state(self) -> str:
        """Whether entries are carried out, here or by another program."""
        if not (self._carrying_out or self._has_running):
            return "idle"
        return "running" if self._queue.hold_reason is None else "ending"

    def _check_can_start(self) -> None:
        """Raise `SessionError` if there is nothing to start, or no way to."""
        if self._stop.is_set():
            raise SessionError("the session server is ending; the queue stays as it is")
        status = self._session.status()
        if status["run"] is not None and status["outcome"] is None:
            raise SessionError(f"the run {status['run']} is going on; wait for it, or stop it first")
        found = next_of(self._queue.entries(), self._fits)
        if isinstance(found, Nothing):
            raise SessionError(f"nothing can be started: {found.reason}")

    def _carry_out(self) -> None:
        runner = QueueRunner(self._queue, self._session_for, fits=self._fits)
        try:
            with running(self._queue) as hands:
                self._began.set()
                self._message = runner.carry_out(hands, self._stop).reason
        except QueueError as error:
            self._refused = self._message = str(error)
        except Exception as error:  # whatever it is: the server goes on, and tells
            self._message = f"the queue has ended by an error: {error!r}"
        finally:
            self._began.set()

    def _session_for(self, rig: str, out: str) -> Session:
        if not self._is_own(rig):
            raise RigTakenError(f"the rig {rig} has a session server of its own, or none")
        return cast(Session, BorrowedSession(self._session, lambda: self._halted))

    def _fits(self, request: Request) -> bool:
        return self._is_own(request.rig)

    def _is_own(self, rig: str) -> bool:
        if rig == self._rig:
            return True
        try:
            return find_config("rigs", rig).resolve() == find_config("rigs", self._rig).resolve()
        except ConfigError:  # its file is gone
            return False

    def _request(self, entry: Mapping[str, Any]) -> Request:
        fields = {"rig": _shipped_name(self._rig), "out": self._out, **entry}
        if isinstance(sequence := fields.get("sequence"), str):
            more = {key: value for key, value in fields.items() if key != "sequence"}
            return request_of_file(sequence, **more)
        return made_request(_with_whole_paths(fields))

    def _changes(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(changes)
        if isinstance(sequence := fields.get("sequence"), str):
            other = request_of_file(sequence)
            fields |= {"sequence": other.sequence, "source": other.source}
        elif sequence is not None:
            fields = {"source": "", "follow_source": False, **fields}
        return _with_whole_paths(fields)

    def _expected_s(self, request: Request) -> float:
        """Return how long a request is expected to take on its rig. Raises `ConfigError`, `SequenceError`."""
        what = sequence_to_run(request, "")
        if self._fits(request):
            return float(self._session.check(what, request.overrides, request.attended)["duration_s"])
        with LocalSession(request.rig, request.out) as session:  # opens no instrument for this
            return float(session.check(what, request.overrides, request.attended)["duration_s"])


def _shipped_name(rig: str) -> str:
    """Return the name of a rig if it is a shipped one, which is good to read, else what it was."""
    path = find_config("rigs", rig).resolve()
    return next((name for name in shipped_names("rigs") if find_config("rigs", name).resolve() == path), rig)


def _with_whole_paths(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a request whose rig and folder any program understands. Raises `ConfigError`."""
    found = dict(fields)
    if isinstance(rig := found.get("rig"), str) and rig:
        found["rig"] = absolute_rig(rig)
    if isinstance(out := found.get("out"), str) and out:
        found["out"] = str(Path(out).resolve())
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Let what the queue refuses be what a session refuses."""
    try:
        yield
    except QueueError as error:
        raise SessionError(str(error)) from error
