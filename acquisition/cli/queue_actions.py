"""What the commands of `cascadescope queue` do, but for carrying it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from acquisition.cli.assignments import assignments
from acquisition.cli.exit_status import SUCCESS
from acquisition.cli.terminal import complain, console
from acquisition.queue import (
    EntryState,
    QueueEntry,
    QueueError,
    Request,
    RunQueue,
    Scheduled,
    find_cut_off,
    question_of,
    request_of_file,
)
from acquisition.queue.sources import absolute_rig, sequence_to_run
from acquisition.session import LocalSession
from acquisition.user_folders import data_folder

FILE_NAME = "queue.sqlite"


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of `add` and `edit`; None where nothing was said."""

    rig: str | None
    out: str | None
    policy: str | None
    on_interrupt: str | None
    follow: bool | None
    settings: tuple[str, ...]
    metadata: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        """Return the fields of a request that were said, but for settings and metadata."""
        said = {
            "rig": self.rig,
            "out": self.out,
            "on_failure": self.policy,
            "on_interrupt": self.on_interrupt,
            "follow_source": self.follow,
        }
        return {name: value for name, value in said.items() if value is not None}


def open_queue(file: str | None) -> RunQueue:
    """Return the queue in a file, the user's own by default."""
    path = data_folder() / FILE_NAME if file is None else Path(file)
    return RunQueue(path, estimate=expected_s)


def expected_s(request: Request) -> float:
    """Return how long a request is expected to take on its rig, and warn of what would go wrong or wait there.

    Raises
    ------
    ConfigError, SequenceError
        If the sequence is wrong or the rig does not allow it.
    """
    with LocalSession(request.rig, request.out) as session:
        found = session.check(sequence_to_run(request, ""), request.overrides)
    for problem in (*found["problems"], *found["warnings"]):
        complain(f"warning: {problem}")
    for question in found["asked"]:
        complain(f"warning: the run will wait for a person to answer: {question}")
    return float(found["duration_s"])


def say(text: str) -> None:
    """Write a line to standard output."""
    console().print(text, markup=False)


def add_entry(file: str | None, sequence: str, choices: Choices) -> int:
    """Add a sequence and say its number; returns the exit status."""
    overrides, metadata = assignments(choices.settings), assignments(choices.metadata)
    request = request_of_file(sequence, **choices.fields(), overrides=overrides, metadata=metadata)
    entry = open_queue(file).add(request)
    say(f"added as entry {entry.id}")
    return SUCCESS


def edit_entry(file: str | None, entry_id: int, sequence: str | None, choices: Choices) -> int:
    """Change what was said of an entry and show the queue; returns the exit status."""
    queue = open_queue(file)
    request = queue.entry(entry_id).request
    changes = choices.fields()
    if sequence is not None:
        other = request_of_file(sequence)
        changes |= {"sequence": other.sequence, "source": other.source}
    if choices.rig is not None:
        changes["rig"] = absolute_rig(choices.rig)
    if choices.out is not None:
        changes["out"] = str(Path(choices.out).resolve())
    if choices.settings:
        changes["overrides"] = _merged(request.overrides, assignments(choices.settings))
    if choices.metadata:
        changes["metadata"] = _merged(request.metadata, assignments(choices.metadata))
    if not changes:
        raise QueueError(f"nothing to change in entry {entry_id}; `cascadescope queue edit --help` lists the options")
    queue.edit(entry_id, **changes)
    return list_entries(file)


def list_entries(file: str | None) -> int:
    """Show the queue as a table; returns the exit status."""
    queue = open_queue(file)
    find_cut_off(queue)
    found = queue.schedule()
    screen = console()
    for one in found:
        if one.entry.asks:
            say(question_of(one.entry))
    if found:
        screen.print(_table(found))
    else:
        say("the queue is empty")
    if (reason := queue.hold_reason) is not None:
        say(f"the queue is held: {reason}; `cascadescope queue release` lets it go on")
    return SUCCESS


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with changes; those that became None are no longer set."""
    return {key: value for key, value in {**before, **changes}.items() if value is not None}


def _table(found: Iterable[Scheduled]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("id", "state", "sequence", "rig", "start", "end", "if it fails", "remarks"):
        table.add_column(heading, overflow="fold")
    for one in found:
        entry = one.entry
        state = "held" if entry.held and entry.state is EntryState.WAITING else str(entry.state)
        starts, ends = _time(one.starts_at, entry.started_at), _time(one.ends_at, entry.ended_at)
        policy = entry.request.on_failure
        remarks = "\n".join(_remarks(entry))
        table.add_row(str(entry.id), state, entry.request.name, entry.request.rig, starts, ends, policy, remarks)
    return table


def _time(time: datetime | None, known: datetime | None) -> str:
    """Return a time of the local clock; one that is only expected has a sign before it."""
    if time is None:
        return "-"
    return f"{'' if time == known else '~'}{time.astimezone():%Y-%m-%d %H:%M}"


def _remarks(entry: QueueEntry) -> list[str]:
    request = entry.request
    return [
        *(f"{key}={value}" for key, value in request.overrides.items()),
        *([f"follows {request.source}"] if request.follow_source else []),
        *([f"run {entry.run}"] if entry.run else []),
        *([entry.error] if entry.error else []),
    ]
