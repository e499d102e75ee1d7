"""What the program that carries out a queue does with it: takes entries, writes down ends, finds what was cut off."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import IO, Any, TypeAlias

from acquisition.file_lock import hold as hold_file
from acquisition.queue.entry import OUTCOMES, EntryState, OnFailure, OnInterrupt, QueueEntry, Request
from acquisition.queue.errors import QueueError
from acquisition.queue.queue import RunQueue, hold_queue, hold_reason, utc_now
from acquisition.queue.rows import all_entries, change, entry_of, in_order, one_entry
from acquisition.queue.sources import MARK_KEY
from acquisition.storage import RecordingError, RunFolder

LOCK_TIMEOUT_S = 2.0
LOCK_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to run now, and why."""

    reason: str
    empty: bool


Fits: TypeAlias = Callable[[Request], bool]
"""Says whether a request can be carried out here."""


def next_of(entries: Iterable[QueueEntry], fits: Fits = lambda request: True) -> QueueEntry | Nothing:
    """Return which entry is run next if the queue is not held, or why there is none; see `RunningQueue.take`."""
    asks: list[QueueEntry] = []
    elsewhere: list[QueueEntry] = []
    skipped = {entry.id for entry in _to_skip(entries, fits)}
    for entry in in_order(entries):
        if entry.id in skipped or entry.state is EntryState.RUNNING:
            continue
        if not fits(entry.request):
            elsewhere.append(entry)
        elif entry.asks:
            asks.append(entry)
            if entry.keeps_others_waiting:
                break
        elif not entry.held or entry.state is EntryState.INTERRUPTED:
            return entry
    if asks:
        return Nothing("; ".join(map(question_of, asks)), empty=False)
    if elsewhere:
        rigs = ", ".join(dict.fromkeys(entry.request.rig for entry in elsewhere))
        numbers = ", ".join(str(entry.id) for entry in elsewhere)
        return Nothing(f"what waits is for other rigs ({rigs}): entries {numbers}", empty=False)
    return Nothing("nothing waits", empty=True)


def _to_skip(entries: Iterable[QueueEntry], fits: Fits) -> list[QueueEntry]:
    """Return the interrupted entries that are to be skipped, unless one before them keeps all waiting."""
    found: list[QueueEntry] = []
    for entry in in_order(entries):
        if entry.state is EntryState.INTERRUPTED and fits(entry.request):
            if entry.asks and entry.keeps_others_waiting:
                break
            if entry.request.on_interrupt is OnInterrupt.SKIP:
                found.append(entry)
    return found


class RunningQueue:
    """The queue in the hands of the one program that carries it out; made by `running`."""

    def __init__(self, queue: RunQueue, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._now = queue.database, now

    def take(self, fits: Fits = lambda request: True) -> QueueEntry | Nothing:
        """Return the next entry, running from now on, or why there is none.

        An interrupted entry comes first, if its policy says what to do with it. One that asks keeps all others
        waiting, unless a failure of it would not.

        Parameters
        ----------
        fits : callable
            Whether a request can be carried out here; the others wait for another program, and keep nobody waiting.
        """
        with self._database.transaction() as connection:
            if (reason := hold_reason(connection)) is not None:
                return Nothing(f"the queue is held: {reason}", empty=False)
            entries = all_entries(connection)
            found = next_of(entries, fits)
            for entry in _to_skip(entries, fits):
                change(connection, entry.id, state=EntryState.SKIPPED, ended_at=self._now())
            return self._begin(connection, found) if isinstance(found, QueueEntry) else found

    def note_run(self, entry_id: int, run: str) -> None:
        """Write down the folder of the run of an entry that runs."""
        with self._database.transaction() as connection:
            change(connection, entry_id, run=run)

    def conclude(self, entry_id: int, outcome: EntryState, error: str = "", *, broken: bool = False) -> QueueEntry:
        """Write down how the run of an entry ended, and do to the queue what follows from it.

        Parameters
        ----------
        entry_id : int
            Of the entry that runs.
        outcome : EntryState
            One of `OUTCOMES`.
        error : str
            What went wrong, in words.
        broken : bool
            Whether instruments could not be made safe; the queue is then held, whatever the policies say.
        """
        with self._database.transaction() as connection:
            return self._conclude(connection, one_entry(connection, entry_id), outcome, error, broken=broken)

    def put_back(self, entry_id: int, error: str) -> QueueEntry:
        """Ask a person about an interrupted entry whose run could not be resumed; its policy becomes `ask`."""
        with self._database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            asks = entry.request.model_copy(update={"on_interrupt": OnInterrupt.ASK})
            request = asks.model_dump_json()
            change(connection, entry_id, state=EntryState.INTERRUPTED, request=request, error=error)
            return one_entry(connection, entry_id)

    def put_off(self, entry_id: int, reason: str) -> QueueEntry:
        """Let an entry that has not begun wait as before, and hold the queue, because of somebody else."""
        with self._database.transaction() as connection:
            entry = one_entry(connection, entry_id)
            state = EntryState.INTERRUPTED if entry.resumes else EntryState.WAITING
            change(connection, entry_id, state=state, started_at=None, error=reason)
            hold_queue(connection, f"entry {entry_id} could not begin: {reason}")
            return one_entry(connection, entry_id)

    def find_cut_off(self) -> None:
        """Say of an entry that still runs, though its program is gone, how it ended, or that it was interrupted."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM entries WHERE state = ?", (EntryState.RUNNING,)).fetchone()
            if row is None:
                return
            entry = entry_of(row)
            run = entry.run or _find_run(Path(entry.request.out), entry.mark)
            change(connection, entry.id, run=run)
            outcome = _status_of(run)
            if outcome is None:
                error = "the program that ran it ended before the run did"
                change(connection, entry.id, state=EntryState.INTERRUPTED, error=error)
            else:
                error = (
                    f"the program ended before it wrote down the end; `cascadescope report {run}` shows what there is"
                )
                self._conclude(connection, entry, outcome, error)

    def _begin(self, connection: Connection, entry: QueueEntry) -> QueueEntry:
        """Make an entry run; one that does not go on in its old run folder gets a new mark."""
        if not (entry.state is EntryState.INTERRUPTED and entry.resumes):
            change(connection, entry.id, mark=f"{entry.id}-{uuid.uuid4().hex[:12]}", run="")
        change(connection, entry.id, state=EntryState.RUNNING, started_at=self._now(), ended_at=None, error="")
        return one_entry(connection, entry.id)

    def _conclude(
        self, connection: Connection, entry: QueueEntry, outcome: EntryState, error: str, *, broken: bool = False
    ) -> QueueEntry:
        if entry.state is not EntryState.RUNNING or outcome not in OUTCOMES:
            raise QueueError(f"entry {entry.id} is {entry.state}; only what runs can be {outcome}")
        failed, policy = outcome is EntryState.FAILED, entry.request.on_failure
        again = failed and not broken and policy is OnFailure.RETRY_ONCE and entry.failures == 0
        state = EntryState.WAITING if again else outcome
        failures = entry.failures + failed
        change(connection, entry.id, state=state, error=error, failures=failures, ended_at=self._now())
        if broken:
            hold_queue(connection, f"after entry {entry.id} the instruments could not be made safe; check them by hand")
        elif outcome is EntryState.ABORTED:
            hold_queue(connection, f"entry {entry.id} was aborted")
        elif failed and policy is OnFailure.STOP_QUEUE:
            hold_queue(connection, f"entry {entry.id} failed")
        return one_entry(connection, entry.id)


@contextmanager
def running(queue: RunQueue, now: Callable[[], datetime] = utc_now) -> Iterator[RunningQueue]:
    """Be the one program that carries out a queue; the system ends that when the program ends, however it does.

    What an earlier program left running is found here.

    Raises
    ------
    QueueError
        If another program carries out this queue.
    """
    with _lock_file(queue.path) as file:
        _lock(file, queue.path)
        found = RunningQueue(queue, now)
        found.find_cut_off()
        yield found


def find_cut_off(queue: RunQueue) -> None:
    """Say of what seems to run, though no program carries out the queue, what became of it; no effect otherwise."""
    with _lock_file(queue.path) as file, suppress(BlockingIOError):
        hold_file(file)
        RunningQueue(queue).find_cut_off()


@contextmanager
def _lock_file(queue: Path) -> Iterator[IO[bytes]]:
    path = queue.with_name(queue.name + ".running")
    try:
        file = path.open("ab")
    except OSError as error:
        raise QueueError(f"{path}: cannot be opened: {error.strerror or error}; check folder and rights") from error
    with file:
        yield file


def _lock(file: IO[bytes], queue: Path) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_S  # another program may just be looking
    while True:
        try:
            hold_file(file)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                message = f"{queue}: another program is running this queue; end it, or leave it to it"
                raise QueueError(message) from None
        except OSError as error:
            message = f"{file.name}: cannot be locked: {error.strerror or error}; put the queue on a local disk"
            raise QueueError(message) from error
        time.sleep(LOCK_POLL_S)


def question_of(entry: QueueEntry) -> str:
    """Return what a person is asked about an interrupted entry."""
    return (
        f"entry {entry.id} was interrupted, and what is to be done is for a person to say: "
        f"`cascadescope queue edit {entry.id} --on-interrupt resume` (or repeat, or skip). What is known: {entry.error}"
    )


def _find_run(out: Path, mark: str) -> str:
    """Return the folder of the run that carries a mark; empty if none does."""
    for path in sorted(out.glob("*/run.json"), reverse=True):
        if (_record(path.parent).get("metadata") or {}).get(MARK_KEY) == mark:
            return str(path.parent)
    return ""


def _status_of(run: str) -> EntryState | None:
    """Return how a run says that it ended; None if it does not."""
    status = _record(Path(run)).get("status") if run else None
    return EntryState(status) if status in OUTCOMES else None


def _record(run: Path) -> dict[str, Any]:
    try:
        return RunFolder.open(run).read_run_json()
    except RecordingError:  # another kind of folder, or one without its first file
        return {}
