"""One run that is to be done, or was: what was asked for, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self, TypeAlias

from pydantic import Field, ValidationError, model_validator

from acquisition.config import ConfigModel
from acquisition.queue.errors import QueueError

PlainValue: TypeAlias = str | int | float | bool | None


class EntryState(StrEnum):
    """What an entry of the queue is doing, or how it ended."""

    WAITING = "waiting"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    STOPPED = "stopped"
    ABORTED = "aborted"
    FAILED = "failed"
    SKIPPED = "skipped"


FINISHED = frozenset(
    {EntryState.COMPLETED, EntryState.STOPPED, EntryState.ABORTED, EntryState.FAILED, EntryState.SKIPPED}
)
"""States that nothing leads out of."""

OUTCOMES = FINISHED - {EntryState.SKIPPED}
"""How a run ends, by the names that run.json uses."""


class OnFailure(StrEnum):
    """What a failed run does to the queue; after the second failure of `retry_once` it goes on."""

    CONTINUE = "continue"
    STOP_QUEUE = "stop_queue"
    RETRY_ONCE = "retry_once"


class OnInterrupt(StrEnum):
    """What happens to a run whose program ended before it did; `ask` waits for a person.

    A run that cannot be resumed asks, too. What asks keeps the entries behind it waiting, unless its `on_failure` is
    `continue`.
    """

    ASK = "ask"
    RESUME = "resume"
    REPEAT = "repeat"
    SKIP = "skip"


class Request(ConfigModel):
    """What is to be run.

    Attributes
    ----------
    sequence : dict
        Content of the sequence, so that it stays as it was when it was added.
    source : str
        Path of the file that it came from, or name of a shipped one; empty if there is none.
    follow_source : bool
        Whether that file is read anew when the run starts.
    rig : str
        Path of a rig file or name of a shipped one.
    out : str
        Folder in which the run gets its own.
    overrides : dict
        Settings to replace in every step of a kind, e.g. ``{"acquire_photons.duration_s": 20.0}``.
    metadata : dict
        Plain values to set in the metadata of the sequence.
    on_failure : OnFailure
        What a failed run does to the queue.
    on_interrupt : OnInterrupt
        What happens to the run if the program ends before it does.
    attended : bool
        Whether a person is at the instruments the whole time; see `Session.start`.
    """

    sequence: dict[str, Any]
    source: str = ""
    follow_source: bool = False
    rig: Annotated[str, Field(min_length=1)] = "simulated"
    out: Annotated[str, Field(min_length=1)] = "runs"
    overrides: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, PlainValue] = Field(default_factory=dict)
    on_failure: OnFailure = OnFailure.STOP_QUEUE
    on_interrupt: OnInterrupt = OnInterrupt.ASK
    attended: bool = False

    @model_validator(mode="after")
    def _has_a_file_to_follow(self) -> Self:
        if self.follow_source and not self.source:
            raise ValueError("follow_source needs the source, a file that is read anew; there is none")
        return self

    @property
    def name(self) -> str:
        """Name of the sequence."""
        return str(self.sequence.get("name", "steps"))


def made_request(fields: Mapping[str, Any]) -> Request:
    """Return a request with these fields. Raises `QueueError` if one is not allowed, naming it and what is."""
    try:
        return Request.model_validate(fields)
    except ValidationError as error:
        [first, *_] = error.errors(include_url=False)
        place = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise QueueError(f"{place}: {message}" if place else message) from error


POLICIES = frozenset({"on_failure", "on_interrupt"})
"""What can still be changed when a run has begun and was interrupted."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A request in the queue.

    Attributes
    ----------
    id : int
        Stays the same, and is never used again.
    request : Request
        What is to be run.
    state : EntryState
        What it is doing.
    held : bool
        Whether it is passed over until it is released.
    position : int
        Smaller numbers come first.
    mark : str
        Stands in the metadata of the run as ``queue_entry``; empty before it has begun.
    failures : int
        Failed attempts so far.
    run : str
        Folder of the newest run; empty if there is none.
    error : str
        What went wrong, in words; empty if nothing did.
    added_at : datetime
        In UTC, as all times.
    started_at, ended_at : datetime or None
        Of the newest attempt.
    expected_s : float or None
        Expected duration; None if it is not known.
    """

    id: int
    request: Request
    state: EntryState
    held: bool
    position: int
    mark: str
    failures: int
    run: str
    error: str
    added_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    expected_s: float | None

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in FINISHED

    @property
    def resumes(self) -> bool:
        """Whether it goes on where an interrupted run was, instead of beginning anew."""
        return bool(self.run) and self.request.on_interrupt is OnInterrupt.RESUME

    @property
    def asks(self) -> bool:
        """Whether it was interrupted, and a person is to say what becomes of it."""
        return self.state is EntryState.INTERRUPTED and self.request.on_interrupt is OnInterrupt.ASK

    @property
    def keeps_others_waiting(self) -> bool:
        """Whether entries behind it wait while it asks; not if they would be run after a failure of it."""
        return self.request.on_failure is not OnFailure.CONTINUE
