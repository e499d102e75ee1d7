"""The points of a run while it goes on: which one is open, which ones have ended."""

from collections.abc import Callable

from acquisition.sequence.actions.acquiring import Acquire, OpenPoint
from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.counting import PhotonReading, count_photons
from acquisition.sequence.actions.point_result import plain_result, values_of
from acquisition.sequence.actions.previewing import preview_photons
from acquisition.sequence.actions.spectra import acquire_spectra
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.handed import HandedSteps
from acquisition.sequence.history import History
from acquisition.sequence.outcome import Point
from acquisition.sequence.services import Services
from acquisition.sequence.states import State
from acquisition.sequence.steps import AcquirePhotons, AcquireSpectra, CountPhotons, PlainStep, StoreTable, Values
from acquisition.sequence.steps.preview import PreviewPhotons
from acquisition.streaming import Latest, Progress, StreamSettings


class Measuring:
    """Carries out the steps that measure.

    Parameters
    ----------
    services, log, stream, acquire
        Of the engine.
    state : callable
        Returns the state of the engine.
    history : History
        Of a run that goes on.

    Attributes
    ----------
    latest : Latest
        Progress of the present acquisition.
    points : list of Point
        Those that have ended.
    point, table : int
        Numbers of the newest point and table; 0 if there is none.
    extended : dict of float
        By how much points were extended, in s, by their numbers.
    handed : HandedSteps or None
        What steers a run by hand, which wants to look at photons.
    """

    def __init__(
        self,
        services: Services,
        log: EventLog,
        stream: StreamSettings,
        acquire: Acquire,
        state: Callable[[], State],
        history: History,
    ) -> None:
        self._services, self._log, self._stream, self._acquire = services, log, stream, acquire
        self._state, self._history = state, history
        self.latest: Latest[Progress] = Latest()
        self.points: list[Point] = []
        self.point = self.table = 0
        self.extended = dict(history.extended)
        self.handed: HandedSteps | None = None
        self._open: OpenPoint | None = None

    @property
    def is_open(self) -> bool:
        """Whether a point has begun and not ended."""
        return self._open is not None

    def present_s(self) -> float:
        """Return how long the present acquisition has gone on, in s; 0 if there is none."""
        progress, open_point = self.latest.get(), self._open
        return min(progress.elapsed_s, open_point.duration_s) if progress and open_point else 0.0

    def count(self, step: PlainStep) -> None:
        """Count the point or table that a step makes."""
        self.point += isinstance(step, AcquirePhotons | AcquireSpectra)
        self.table += isinstance(step, StoreTable)

    def prepare(self, step: PlainStep, context: StepContext) -> None:
        """Read what an earlier process has recorded of a point; that may take minutes, in which no light is needed."""
        if isinstance(step, AcquirePhotons):
            self._opened(step, context)

    def _opened(self, step: AcquirePhotons, context: StepContext) -> OpenPoint:
        if self._open is None:
            self._open = self._new_point(step, context)
            self._open.interruption = self._history.interruption
        return self._open

    def do(self, step: PlainStep, context: StepContext) -> Values | None:
        """Carry out a step that measures, or go on with it; return None for any other step."""
        if isinstance(step, AcquirePhotons):
            self._opened(step, context).go_on()
            if self.handed is not None:
                self.handed.check()
            return self.close(complete=True)
        if isinstance(step, AcquireSpectra):
            context.kept.setdefault("interruption", self._history.interruption)
            return acquire_spectra(step, context, self._state)
        reading = PhotonReading(self._acquire, self._stream, self.latest, self._state)
        if isinstance(step, PreviewPhotons) and self.handed is not None:
            return preview_photons(step, context, reading, self.handed)
        if isinstance(step, CountPhotons):
            return count_photons(step, context, reading)
        return None

    def extend(self, seconds: float) -> float:
        """Let the open point last longer or shorter, from any thread, and return by how much; see `OpenPoint.extend`.

        Raises
        ------
        SequenceError
            If there is none, or it would last too long.
        """
        open_point = self._open
        if open_point is None:
            raise SequenceError("no photons are being acquired for a point, so that nothing can be extended")
        changed_s = open_point.extend(seconds)
        self.extended[open_point.number] = self.extended.get(open_point.number, 0.0) + changed_s
        self._log.later("extended", point=open_point.number, seconds=changed_s, duration_s=open_point.duration_s)
        self._log.flush(wait=False)
        return changed_s

    def interrupt(self, reason: str) -> None:
        """Say why the open point is interrupted; it stands in the gap."""
        if self._open is not None:
            self._open.interruption = reason

    def doubt(self, reason: str, bad_for_s: float) -> None:
        """Take note that the last seconds of the open point may be wrong, and why."""
        if self._open is not None:
            self._open.doubt(reason, bad_for_s)

    def skip(self, step: PlainStep, context: StepContext) -> None:
        """End the point of a step that a person leaves out, with what an earlier process has measured."""
        if isinstance(step, AcquirePhotons):
            self._open = self._new_point(step, context)
            self.close(complete=False)
        elif isinstance(step, AcquireSpectra):
            self._services.begin_frames(self.point, step, self._history.interruption)
            self._services.end_frames(self.point, step, complete=False)

    def close(self, *, complete: bool) -> Values:
        """Take note that nothing more comes of the open point, if there is one; return its values."""
        open_point, self._open = self._open, None
        point = None if open_point is None else open_point.point(complete=complete)
        if point is None:
            return {}
        self.points.append(point)
        event = "point_completed" if complete else "point_failed"
        self._log.note(event, point=point.number, label=point.label, **plain_result(point.result))
        self._services.end_point(point)
        return values_of(point.result)

    def _new_point(self, step: AcquirePhotons, context: StepContext) -> OpenPoint:
        completed, extended_s = self._history.completed.get(self.point), self.extended.get(self.point, 0.0)
        return OpenPoint(
            self.point, step, context, self._acquire, self._stream, self.latest, self._state, completed, extended_s
        )
