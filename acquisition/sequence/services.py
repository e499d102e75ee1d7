"""What the engine is given from outside: instruments, places to record, analysis, a person to ask, and watchers."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from acquisition.sequence.outcome import Point
from acquisition.sequence.setup import Setup
from acquisition.sequence.steps import AcquirePhotons, AcquireSpectra, PlainStep
from acquisition.streaming import AcquisitionResult, Goal, LiveConsumer, PhotonRecorder
from acquisition.streaming.frames import FrameRecorder
from drivers.interfaces.photons import PhotonStreamInfo

STOP, SKIP, AGAIN = AFTER_INTERRUPTION = ("stop", "skip", "do it again")
"""Answers to what becomes of an unrepeatable step in whose middle a run was broken off."""


@dataclass(frozen=True, slots=True)
class PartRecording:
    """Where the next part of a point is recorded.

    Attributes
    ----------
    recorder : PhotonRecorder
        Takes its blocks.
    live : LiveConsumer
        Live analysis of the whole point.
    goal : Goal or None
        What ends the point before its time is over.
    first_pulse : int
        Where the part begins: 0 for a new point, else the end of what is recorded + 1.
    """

    recorder: PhotonRecorder
    live: LiveConsumer
    goal: Goal | None = None
    first_pulse: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """What goes on when the watch looks.

    Attributes
    ----------
    step : PlainStep
        The present step.
    setup : Setup
        What the steps before have set.
    point : int
        Number of the present or last point; 0 before the first.
    count_rate_cps : float or None
        Present count rate of an acquisition in counts/s.
    """

    step: PlainStep
    setup: Setup
    point: int
    count_rate_cps: float | None


class FrameStorage(FrameRecorder, Protocol):
    """Stores the frames of a point and knows those that are there, by whatever process."""

    @property
    def frames(self) -> int:
        """How many are stored."""

    @property
    def saturated_frames(self) -> int:
        """How many of them have a saturated pixel."""

    @property
    def signals(self) -> Sequence[float]:
        """Sum of each frame above its median, in counts."""


@dataclass(frozen=True, slots=True)
class FrameRecording:
    """Where the frames of a point are stored."""

    recorder: FrameStorage


class Services(Protocol):
    """What the engine asks of whoever runs it."""

    def begin_part(self, point: int, step: AcquirePhotons, info: PhotonStreamInfo) -> PartRecording:
        """Return where to record what comes next of the point with this number (from 1), new or begun before."""

    def recorded(self, point: int) -> AcquisitionResult | None:
        """Return what is recorded of a point, by whatever process; None if it has not begun."""

    def end_point(self, point: Point) -> None:
        """Take note that nothing more comes of a point."""

    def analyze(self, point: int) -> Mapping[str, Any]:
        """Return the results of a point that has ended, in the form of results.json."""

    def begin_frames(self, point: int, step: AcquireSpectra, interruption: str) -> FrameRecording:
        """Return where to store the frames that come next of a point, and say in the file what lies before them."""

    def end_frames(self, point: int, step: AcquireSpectra, *, complete: bool) -> None:
        """Take note that a part of the frames of a point has ended; nothing more comes if it is `complete`."""

    def late_light(self, points: Sequence[int], after_ns: float, until_ns: float) -> Mapping[str, Any]:
        """Return ``late_counts`` and ``late_pulses`` of points that have ended, the first of them dark.

        The region of pixels and time zero are those of the brightest; delays count from time zero.
        """

    def save_table(
        self, number: int, title: str, columns: Sequence[str], rows: Sequence[Sequence[float | None]]
    ) -> str:
        """Store a table of the run under its number (from 1) and return its path inside the run folder."""

    def learn(self, values: Mapping[str, Any]) -> None:
        """Take note of the values that a procedure has found, also when a run that was broken off is followed."""

    def ask(
        self,
        question: str,
        choices: Sequence[str],
        timeout_s: float | None,
        interrupt: threading.Event,
        tick: Callable[[], None],
    ) -> str | None:
        """Ask a person; return the choice, or None after `timeout_s` of wall time or if interrupted.

        `tick` is called again and again while nobody answers.
        """


class Watch(Protocol):
    """Looks at the instruments while a run goes on; all methods are called in the thread of the engine."""

    def begin(self) -> None:
        """Take note that a run starts."""

    def tick(self, moment: Moment) -> str | None:
        """Look, at any time while a step goes on; return why the run must be suspended, in words, or None."""

    def rest(self) -> None:
        """Take note of the instruments where nothing is judged: while paused, cleaning up or set up again; often."""

    def may_resume(self) -> str | None:
        """While suspended: return why the run may go on, or None."""

    def gives_up(self) -> tuple[str, str] | None:
        """While suspended: return ``stop`` or ``abort``, and why, if there was no reason to go on for too long."""

    def bad_for_s(self) -> float:
        """Return for how long, in the time of the rig, what `tick` has found to be wrong may have been so."""

    def end(self) -> None:
        """Take note that the run is over."""


class NoWatch:
    """Watches nothing."""

    def begin(self) -> None:
        """Do nothing."""

    def tick(self, moment: Moment) -> str | None:
        """Find nothing wrong."""
        return None

    def rest(self) -> None:
        """Do nothing."""

    def may_resume(self) -> str | None:
        """Know nothing."""
        return None

    def gives_up(self) -> tuple[str, str] | None:
        """Never give up."""
        return None

    def bad_for_s(self) -> float:
        """Know of nothing wrong."""
        return 0.0

    def end(self) -> None:
        """Do nothing."""
