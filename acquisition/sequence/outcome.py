"""What can be known of a run: while it goes on, and afterwards."""

from dataclasses import dataclass
from enum import StrEnum

from acquisition.sequence.states import State
from acquisition.streaming import AcquisitionResult, Progress
from drivers.interfaces.photons import PhotonStreamInfo


class RunStatus(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    ABORTED = "aborted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Point:
    """One acquisition of a run; `complete` is false if an error ended it.

    `number` counts from 1, `started_s` is in the time of the rig's clock, `background` is ``dark`` or ``off_dot`` if
    it shows no emitter.
    """

    number: int
    label: str
    info: PhotonStreamInfo
    started_s: float
    result: AcquisitionResult
    complete: bool
    background: str | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended, what it gave, and the first error if there was one."""

    status: RunStatus
    points: tuple[Point, ...]
    error: Exception | None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine at one moment.

    Attributes
    ----------
    state : State
        What it is doing.
    step_number : int
        Number of the present or last step, from 1; 0 before the first.
    step : str
        That step in words.
    point : int
        Number of the present or last acquisition, from 1; 0 before the first.
    progress : Progress or None
        Of the present acquisition.
    remaining_s : float or None
        Time that acquisitions and soaks still take at most; None if the steps are not known in advance.
    paused_because : str
        Why the run is paused or pausing; empty otherwise.
    suspended : bool
        Whether that was the watch, and nobody asked for it.
    planned_s : float or None
        What `remaining_s` was at the beginning.
    """

    state: State
    step_number: int
    step: str
    point: int
    progress: Progress | None
    remaining_s: float | None
    paused_because: str = ""
    suspended: bool = False
    planned_s: float | None = None
