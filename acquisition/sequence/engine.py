"""The engine that carries out the steps of a sequence, and leaves the instruments safe whatever happens."""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Protocol

from acquisition.sequence.carry_out import carry_out
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.outcome import EngineStatus, Point, RunOutcome, RunStatus
from acquisition.sequence.repeat import Step, walk
from acquisition.sequence.rig_check import SequenceRig, check_step, check_steps
from acquisition.sequence.states import State, StateMachine, Transition, Verb
from acquisition.sequence.steps import AcquirePhotons, PlainStep, describe
from acquisition.streaming import (
    AcquisitionError,
    AcquisitionResult,
    Latest,
    LiveConsumer,
    PhotonRecorder,
    Progress,
    StreamSettings,
    acquire,
)
from drivers.interfaces.photons import PhotonStreamInfo

Journal = Callable[[Mapping[str, Any]], None]
LiveFactory = Callable[[PhotonStreamInfo], LiveConsumer]


class RecorderFactory(Protocol):
    """Makes the recorder of a point."""

    def __call__(self, point_number: int, info: PhotonStreamInfo) -> PhotonRecorder:
        """Return a recorder for the point with this number, from 1."""


class _Stopped(Exception):  # noqa: N818 - not an error
    """The run was asked to stop: no further step, but the cleanup."""


class _Aborted(Exception):  # noqa: N818 - not an error
    """The run was asked to abort: nothing but making safe."""


class Engine:
    """Carries out steps in the thread of its caller; its verbs may come from any thread.

    Parameters
    ----------
    rig : SequenceRig
        The instruments, connected.
    recorder_factory, live_factory : callable
        Make the recorder and the live analysis of each point.
    journal : callable
        Takes a dict of plain values for everything that happens. A journal that cannot be written ends the run.
    warm_up : callable
        Called at the start of each run, before any source is on: compiles what would otherwise
        be compiled while light falls on the sample.
    stream : StreamSettings
        Queues and timeouts of the acquisitions.
    """

    def __init__(
        self,
        rig: SequenceRig,
        *,
        recorder_factory: RecorderFactory,
        live_factory: LiveFactory,
        journal: Journal,
        warm_up: Callable[[], None] = lambda: None,
        stream: StreamSettings | None = None,
    ) -> None:
        self._rig = rig
        self._recorder_factory = recorder_factory
        self._live_factory = live_factory
        self._write_journal = journal
        self._warm_up = warm_up
        self._stream = stream or StreamSettings()
        self._machine = StateMachine()
        self._journal_lock = threading.Lock()
        self._journal_error: Exception | None = None
        self._interrupt = threading.Event()
        self._interrupt_lock = threading.Lock()
        self._cleaning_up = False
        self._reset()

    # what may be asked, from any thread

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return self._machine.state

    @property
    def points(self) -> tuple[Point, ...]:
        """The acquisitions of the present or last run that have ended; an adaptive sequence decides by them."""
        return tuple(self._points)

    def status(self) -> EngineStatus:
        """Return what is happening now."""
        progress = self._latest.get()
        remaining_s = self._planned_s
        if remaining_s is not None:
            present_s = progress.elapsed_s if progress and self._acquiring_s else 0.0
            remaining_s = max(0.0, remaining_s - self._done_s - min(present_s, self._acquiring_s))
        step = "" if self._step is None else describe(self._step)
        return EngineStatus(self.state, self._step_number, step, self._point, progress, remaining_s)

    def stop(self) -> None:
        """End the present step early, keep everything, and go on with the cleanup."""
        with self._interrupt_lock:
            change = self._machine.apply(Verb.STOP)
            if change.after is State.STOPPING and not self._cleaning_up:
                self._interrupt.set()
        self._note_transition(change)

    def abort(self) -> None:
        """End the run now, without cleanup, and make the instruments safe in the engine's thread."""
        change = self._mark_aborting()
        self._note_transition(change)

    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, even if the engine hangs, and abort.

        Raises
        ------
        Exception
            What the rig says if an instrument could not be made safe; the engine is then broken.
        """
        change = self._mark_aborting()
        try:
            self._rig.make_safe()
        except Exception as error:
            self._break(error)
            raise
        finally:  # the journal comes last: a disk may hang
            self._note_transition(change)
            self._note("emergency_stop")

    # the run, in the thread of the caller

    def run(self, steps: Iterable[Step], cleanup: Sequence[PlainStep] = ()) -> RunOutcome:
        """Carry out `steps`, pulling them one at a time, then `cleanup`, and make the instruments safe.

        Parameters
        ----------
        steps : iterable of steps
            A list or tuple is checked against the rig as a whole first; each step of a generator
            when its turn comes.
        cleanup : sequence of steps
            Carried out after the steps and after a stop, not after an abort or an error.

        Returns
        -------
        RunOutcome
            Also when the run failed: the error is in it. `KeyboardInterrupt` is passed on, after
            the instruments were made safe.

        Raises
        ------
        SequenceError
            If the engine is not idle or the rig does not allow a step; nothing was switched on.
        """
        self._check_ahead(steps, cleanup)
        started = self._machine.apply(Verb.START)
        self._rig.arm()
        self._reset()
        self._note_transition(started)
        self._plan(steps)
        status = RunStatus.ABORTED
        try:
            self._warm_up()
            self._carry_out_all(steps)
            self._carry_out_cleanup(cleanup)
            status = RunStatus.STOPPED if self.state is State.STOPPING else RunStatus.COMPLETED
        except _Aborted:
            pass
        except Exception as error:
            status = RunStatus.FAILED
            self._fail(error)
        except BaseException as error:
            self._note_transition(self._mark_aborting())
            self._note("error", message="interrupted", cause=type(error).__name__)
            raise
        finally:
            self._finish()
        if self._error is not None:
            status = RunStatus.FAILED
        self._note("run_ended", status=str(status))
        return RunOutcome(status, self.points, self._error)

    def _reset(self) -> None:
        self._latest: Latest[Progress] = Latest()
        self._points: list[Point] = []
        self._error: Exception | None = None
        self._step: PlainStep | None = None
        self._step_number = 0
        self._point = 0
        self._planned_s: float | None = None
        self._done_s = 0.0
        self._acquiring_s = 0.0
        self._cleaning_up = False
        self._interrupt.clear()

    def _check_ahead(self, steps: Iterable[Step], cleanup: Sequence[PlainStep]) -> None:
        if isinstance(steps, Sequence):
            check_steps((step for _, step in walk(steps)), self._rig)
        check_steps(cleanup, self._rig)

    def _plan(self, steps: Iterable[Step]) -> None:
        if isinstance(steps, Sequence):
            plain = (step for _, step in walk(steps))
            self._planned_s = sum(step.duration_s for step in plain if isinstance(step, AcquirePhotons))

    def _carry_out_all(self, steps: Iterable[Step]) -> None:
        try:
            self._check_interrupt()
            for step in steps:
                for _, plain in walk((step,)):
                    self._check_interrupt()
                    self._carry_out(plain)
            self._check_interrupt()
        except _Stopped:
            pass
        finally:
            if isinstance(steps, Generator):
                steps.close()

    def _carry_out_cleanup(self, cleanup: Sequence[PlainStep]) -> None:
        with self._interrupt_lock:
            self._cleaning_up = True
            if self.state is not State.ABORTING:
                self._interrupt.clear()
        for step in cleanup:
            self._check_interrupt()
            self._carry_out(step)
        self._check_interrupt()

    def _check_interrupt(self) -> None:
        """Go no further if the run is to end; a journal that cannot be written is an error."""
        if self._journal_error is not None:
            raise StepError(f"the journal cannot be written: {self._journal_error}") from self._journal_error
        if self.state in (State.ABORTING, State.BROKEN):
            raise _Aborted
        if self.state is State.STOPPING and not self._cleaning_up:
            raise _Stopped

    def _carry_out(self, step: PlainStep) -> None:
        self._step = step
        self._step_number += 1
        where = f"step {self._step_number} ({step.kind})"
        self._note("step_started", step=self._step_number, kind=step.kind, text=describe(step))
        try:
            check_step(step, self._rig)
            if isinstance(step, AcquirePhotons):
                self._acquire(step)
            else:
                carry_out(step, self._rig, self._interrupt)
        except Exception as error:
            raise StepError(f"{where}: {error}") from error
        self._note("step_ended", step=self._step_number, kind=step.kind)

    def _acquire(self, step: AcquirePhotons) -> None:
        self._rig.spad_array.set_bias(True)
        info = self._rig.spad_array.stream_info()
        started_s = self._rig.clock.now()
        self._latest.put(None)
        self._point += 1
        recorder = self._recorder_factory(self._point, info)
        self._acquiring_s = step.duration_s
        try:
            result = acquire(
                self._rig.spad_array,
                step.duration_s,
                info,
                recorder,
                self._live_factory(info),
                stop=self._interrupt,
                until_cascades=step.until_cascades,
                settings=self._stream,
                latest=self._latest,
                on_stop=self._make_safe_if_aborting,
            )
        except AcquisitionError as error:
            self._add_point(Point(self._point, step.label, info, started_s, error.result, complete=False))
            raise
        finally:
            self._done_s += self._acquiring_s
            self._acquiring_s = 0.0
        self._add_point(Point(self._point, step.label, info, started_s, result, complete=True))

    def _add_point(self, point: Point) -> None:
        self._points.append(point)
        event = "point_completed" if point.complete else "point_failed"
        self._note(event, point=point.number, label=point.label, **_plain(point.result))

    def _make_safe_if_aborting(self) -> None:
        if self.state in (State.ABORTING, State.BROKEN):
            self._rig.make_safe()

    def _mark_aborting(self) -> Transition:
        with self._interrupt_lock:
            change = self._machine.apply(Verb.ABORT)
            if change.after is not State.IDLE:
                self._interrupt.set()
        return change

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._note_transition(self._mark_aborting())
        self._note("error", message=str(error), cause=type(error.__cause__ or error).__name__)

    def _break(self, error: Exception) -> None:
        self._note_transition(self._machine.apply(Verb.BREAK))
        self._note("error", message=f"not safe: {error}", cause=type(error).__name__)

    def _finish(self) -> None:
        """Make the instruments safe and end the run: the way out of every run."""
        try:
            self._rig.make_safe()
        except Exception as error:
            self._break(error)
            unsafe = SequenceError(f"the instruments could not be made safe, check them by hand: {error}")
            unsafe.__cause__ = self._error or error
            self._error = unsafe
        self._note_transition(self._machine.apply(Verb.END))
        if self._error is None and self._journal_error is not None:
            self._error = self._journal_error

    # the journal

    def _note_transition(self, change: Transition) -> None:
        if change.after is not change.before:
            self._note("transition", verb=str(change.verb), before=str(change.before), after=str(change.after))

    def _note(self, event: str, **details: Any) -> None:
        """Write to the journal; never raises, so that a full disk stops neither a stop nor the way to safety."""
        with self._journal_lock:
            try:
                self._write_journal({"event": event, "time_s": self._rig.clock.now(), **details})
            except Exception as error:
                self._journal_error = self._journal_error or error


def _plain(result: AcquisitionResult) -> dict[str, Any]:
    return {
        "ending": str(result.ending),
        "photons": result.photons,
        "elapsed_s": result.elapsed_s,
        "gaps": result.gaps,
        "lost_pulses": result.lost_pulses,
        "shed_photons": result.shed_photons,
        "warnings": list(result.warnings),
    }
