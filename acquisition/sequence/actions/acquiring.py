"""Acquiring photons: one point, in as many parts as pauses make of it."""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.actions.point_result import restored
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.outcome import Point
from acquisition.sequence.services import PartRecording
from acquisition.sequence.states import State
from acquisition.sequence.steps import AcquirePhotons
from acquisition.streaming import (
    AcquisitionError,
    AcquisitionResult,
    Ending,
    Latest,
    Progress,
    StreamSettings,
)
from drivers.interfaces.photons import PhotonStreamInfo

Acquire: TypeAlias = Callable[..., AcquisitionResult]
"""What reads the photons: `acquisition.streaming.acquire`, or a twin, called alike, that only counts on them."""

LONGEST_EXTENDED_S = 3600.0
"""Longest that a point may be made by extending it: no SPAD array that is known records for longer at once."""

EXTENDED = "the point was extended"
"""What lies between two parts of a point with no darkness between them."""


class OpenPoint:
    """A point from its first part to its last.

    Parameters
    ----------
    number : int
        Of the point, from 1.
    step : AcquirePhotons
        What was asked for.
    context : StepContext
        Of the step.
    acquire : callable
        Reads photons.
    stream : StreamSettings
        Queues and timeouts.
    latest : Latest
        Where the progress of the point is put, all its parts together.
    state : callable
        Returns the state of the engine.
    completed : mapping, optional
        What the journal of an earlier process says of the point, if nothing more is to come of it.
    extended_s : float
        By how much it was extended in an earlier process.
    """

    def __init__(
        self,
        number: int,
        step: AcquirePhotons,
        context: StepContext,
        acquire: Acquire,
        stream: StreamSettings,
        latest: Latest[Progress],
        state: Callable[[], State],
        completed: Mapping[str, Any] | None = None,
        extended_s: float = 0.0,
    ) -> None:
        self.number, self.step = number, step
        self.duration_s = step.duration_s + extended_s
        self._changing, self._closed, self._enough = threading.Lock(), False, threading.Event()
        self._context, self._acquire, self._stream = context, acquire, stream
        self._latest, self._state = latest, state
        self._started_s = context.rig.clock.now()
        self._info: PhotonStreamInfo | None = None
        self.interruption = ""
        self._failed = False
        self._part_s = 0.0
        self._doubt: tuple[float, str] | None = None
        self.result: AcquisitionResult | None = context.services.recorded(number)
        if self.result is not None and completed is not None:
            self.result = restored(self.result, completed)
        self._completed = completed is not None

    @property
    def elapsed_s(self) -> float:
        """Time that is recorded with light: blocks in which it went off are measured again."""
        return self.result.measured_s if self.result else 0.0

    def extend(self, seconds: float) -> float:
        """Let the point last longer, or shorter but not below what is measured; return by how much, from any thread.

        Raises
        ------
        SequenceError
            If nothing more is to come of it, or it would last too long.
        """
        with self._changing:
            if self._closed or self._has_ended:
                raise SequenceError("the point has just ended; nothing more comes of it")
            progress, longest_s = self._latest.get(), max(LONGEST_EXTENDED_S, self.duration_s)
            measured_s = 0.0 if progress is None else progress.elapsed_s
            wanted_s = max(self.duration_s + seconds, min(self.duration_s, measured_s))
            if not math.isfinite(seconds) or wanted_s > longest_s:
                raise SequenceError(
                    f"the point lasts {self.duration_s:g} s and cannot be made {seconds:g} s longer: {longest_s:g} s "
                    "is the most, as SPAD arrays record no longer at once; measure another point"
                )
            changed_s, self.duration_s = wanted_s - self.duration_s, wanted_s
            if wanted_s <= measured_s:
                self._enough.set()
            return changed_s

    def go_on(self) -> None:
        """Acquire what is missing, also what it was extended by meanwhile; raises `Interrupted` if it was paused."""
        if self.result is not None:
            self._info = self._info or self._context.rig.spad_array.stream_info()
        while not self._is_complete():
            duration_s = self.duration_s
            self._acquire_until(duration_s)
            if self._state() in (State.PAUSING, State.PAUSED, State.ABORTING, State.BROKEN) and not self._has_ended:
                raise Interrupted
            if self._is_complete(duration_s):
                return
            self.interruption = EXTENDED

    def _is_complete(self, until_s: float = -math.inf) -> bool:
        """Whether nothing more is to come, although it was to last until `until_s`; it cannot be extended then."""
        with self._changing:
            self._closed = self._has_ended or self.duration_s <= until_s or self._state() is State.STOPPING
            return self._closed

    def _acquire_until(self, duration_s: float) -> None:
        array = self._context.rig.spad_array
        array.set_bias(True)
        info = array.stream_info()
        self._info = self._info or info
        left_s = duration_s - self.elapsed_s
        if self.result is not None and left_s < 1.5e-12 * info.period_ps:
            self.result = replace(self.result, ending=Ending.DURATION)
            return
        progress = _OfWholePoint(self._latest, self.elapsed_s, self.result.photons if self.result else 0)
        progress.put(None)
        self._failed = False
        warnings = self._unseen_pulses(info)
        step = self.step.model_copy(update={"duration_s": duration_s})
        part = self._context.services.begin_part(self.number, step, info)
        self._part_s = 0.0
        self._enough.clear()
        try:
            result = self._acquire_part(part, left_s, info, progress)
            self._join(replace(result, warnings=(*warnings, *result.warnings)))
        except AcquisitionError as error:
            self._join(error.result)
            raise
        finally:
            self._tell_doubt(part, info)

    def doubt(self, reason: str, bad_for_s: float) -> None:
        """Take note, from within a look at the instruments, that what was measured lately may be wrong.

        The journal says which pulses once the part has ended: they cannot be marked any more, as they are stored.

        Parameters
        ----------
        reason : str
            What was wrong.
        bad_for_s : float
            For how long it may have been so.
        """
        if self._doubt is None:
            self._doubt = max(0.0, self._part_s - bad_for_s), reason

    def _tell_doubt(self, part: PartRecording, info: PhotonStreamInfo) -> None:
        doubt, self._doubt = self._doubt, None
        if doubt is None or self.result is None:
            return
        first = part.first_pulse + int(doubt[0] * 1e12 / info.period_ps)
        if first < self.result.end_pulse:
            pulses = {"from_pulse": first, "to_pulse": self.result.end_pulse}
            self._context.log.note("data_doubtful", point=self.number, **pulses, reason=doubt[1])

    def point(self, *, complete: bool) -> Point | None:
        """Return the point as it is in the end; None if it has not begun."""
        with self._changing:
            self._closed = True
        if self.result is None:
            return None
        step, info = self.step, self._info or self._context.rig.spad_array.stream_info()
        return Point(self.number, step.label, info, self._started_s, self.result, complete, step.background)

    @property
    def _has_ended(self) -> bool:
        """Whether nothing more is to come: it was ended before, or has reached its goal."""
        return self.result is not None and (self._completed or self.result.ending is Ending.GOAL)

    def _unseen_pulses(self, info: PhotonStreamInfo) -> tuple[str, ...]:
        """Return what is to be told of a stream without pulses although the laser is on."""
        if info.pulsed or not self._context.rig.laser.status().emission:
            return ()
        name = self._context.rig.spad_array.name
        return (
            f"{name}: sees no laser pulses although the emission is on: nothing of this point can be dated by them; "
            "check the laser and the cable of its sync output, then measure it again",
        )

    def _acquire_part(
        self, part: PartRecording, left_s: float, info: PhotonStreamInfo, latest: Latest[Progress]
    ) -> AcquisitionResult:
        return self._acquire(
            self._context.rig.spad_array,
            left_s,
            info,
            part.recorder,
            part.live,
            stop=self._context.interrupt,
            first_pulse=part.first_pulse,
            interruption=self.interruption if part.first_pulse else "",
            goal=part.goal,
            settings=self._stream,
            latest=latest,
            on_error=self._make_safe,
            on_stop=self._darken,
            tick=self._tick,
            enough=self._enough,
        )

    def _join(self, result: AcquisitionResult) -> None:
        self.result = AcquisitionResult.joined([*([self.result] if self.result else []), result])

    def _darken(self) -> bool:
        """Take the light off the sample if that is what the interrupt is for; return whether it is off."""
        if self._state() is State.PAUSING:
            self._context.rig.make_dark()
        return self._state() in (State.PAUSING, State.ABORTING, State.BROKEN)

    def _make_safe(self) -> None:
        """Switch everything off after an error; that it is off then is nothing to be watched for."""
        self._failed = True
        self._context.rig.make_safe()

    def _tick(self, progress: Progress) -> None:
        live, self._part_s = progress.live, progress.elapsed_s
        if self.elapsed_s + self._part_s >= self.duration_s:
            self._enough.set()
        if not self._failed:
            self._context.look(live.count_rate_cps if live else None)


class _OfWholePoint(Latest[Progress]):
    """Takes the progress of a part, and puts that of the point, with what its earlier parts have."""

    def __init__(self, latest: Latest[Progress], elapsed_s: float, photons: int) -> None:
        super().__init__()
        self._latest, self._elapsed_s, self._photons = latest, elapsed_s, photons

    def put(self, value: Progress | None) -> None:
        """Put the progress of the point; without one of the part, that of the parts before, if there are any."""
        super().put(value)
        part = value or Progress(0.0, 0, None)
        elapsed_s, photons = self._elapsed_s + part.elapsed_s, self._photons + part.photons
        known = value is not None or elapsed_s > 0
        self._latest.put(Progress(elapsed_s, photons, part.live) if known else None)
