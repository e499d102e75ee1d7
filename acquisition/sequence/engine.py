"""The engine that carries out the steps of a sequence, and leaves the instruments safe whatever happens."""

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Protocol

from acquisition.sequence.carry_out import carry_out
from acquisition.sequence.control import Aborted, Control, Stopped
from acquisition.sequence.describe import describe
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.event_log import EventLog, Journal
from acquisition.sequence.outcome import EngineStatus, Point, RunOutcome, RunStatus
from acquisition.sequence.rig_check import SequenceRig, check_step, check_steps
from acquisition.sequence.states import State
from acquisition.sequence.steps import AcquirePhotons, PlainStep, Step, walk
from acquisition.streaming import (
    AcquisitionError,
    AcquisitionResult,
    CascadeGoal,
    Latest,
    LiveConsumer,
    PhotonRecorder,
    Progress,
    StreamSettings,
    acquire,
)
from drivers.interfaces.photons import PhotonStreamInfo

LiveFactory = Callable[[PhotonStreamInfo], LiveConsumer]


class RecorderFactory(Protocol):
    """Makes the recorder of a point."""

    def __call__(self, point_number: int, info: PhotonStreamInfo) -> PhotonRecorder:
        """Return a recorder for the point with this number, from 1."""


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
        self._log = EventLog(journal, rig.clock.now)
        self._warm_up = warm_up
        self._stream = stream or StreamSettings()
        self._control = Control()
        self._unsafe: Exception | None = None
        self._reset((), ())

    # what may be asked, from any thread

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return self._control.state

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
        self._log.transition_later(self._control.stop())
        self._log.flush(wait=False)

    def abort(self) -> None:
        """Make the instruments safe now, in the calling thread, and end the run without cleanup.

        Has no effect if no run goes on.

        Raises
        ------
        Exception
            What the rig says if an instrument could not be made safe; the engine is then broken.
        """
        change = self._control.abort()
        if change.after is not State.IDLE:
            self._log.transition_later(change)
            self._make_safe_at_once()

    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, also if no run goes on, and abort.

        Raises
        ------
        Exception
            What the rig says if an instrument could not be made safe; the engine is then broken.
        """
        self._log.transition_later(self._control.abort())
        self._log.later("emergency_stop")
        self._make_safe_at_once()

    # the run, in the thread of the caller

    def run(self, steps: Iterable[Step], cleanup: Sequence[PlainStep] = ()) -> RunOutcome:
        """Do `begin` and `carry_on`."""
        self.begin(steps, cleanup)
        return self.carry_on()

    def begin(self, steps: Iterable[Step], cleanup: Sequence[PlainStep] = ()) -> None:
        """Check the steps and start the run: from here on it can be ended; nothing is switched on yet.

        Parameters
        ----------
        steps : iterable of steps
            A list or tuple is checked against the rig as a whole first; each step of a generator
            when its turn comes.
        cleanup : sequence of steps
            Carried out after the steps and after a stop, not after an abort or an error.

        Raises
        ------
        SequenceError
            If the engine is not idle or the rig does not allow a step.
        StateError
            If the rig is just being made safe.
        """
        if isinstance(steps, Sequence):
            check_steps((step for _, step in walk(steps)), self._rig)
        check_steps(cleanup, self._rig)
        started = self._control.begin(self._rig)
        self._reset(steps, cleanup)
        self._log.transition_later(started)

    def carry_on(self) -> RunOutcome:
        """Carry out the run that has begun, pulling its steps one at a time, and make the instruments safe.

        Returns
        -------
        RunOutcome
            Also when the run failed: the error is in it. `KeyboardInterrupt` is passed on, after
            the instruments were made safe.
        """
        status = RunStatus.ABORTED
        try:
            self._log.flush()
            if self.state is State.RUNNING:
                self._warm_up()
            self._carry_out_all(self._steps)
            self._carry_out_cleanup(self._cleanup)
            status = RunStatus.STOPPED if self.state is State.STOPPING else RunStatus.COMPLETED
        except Aborted:
            pass
        except Exception as error:
            self._fail(error)
        except BaseException as error:
            self._log.transition_later(self._control.abort())
            self._log.later("error", message="interrupted", cause=type(error).__name__)
            raise
        finally:
            self._finish()
        self._log.note("run_ended", status=str(RunStatus.FAILED if self._error_of_run() else status))
        failed = self._error_of_run()
        return RunOutcome(RunStatus.FAILED if failed else status, self.points, failed)

    def _reset(self, steps: Iterable[Step], cleanup: Sequence[PlainStep]) -> None:
        self._steps, self._cleanup = steps, cleanup
        self._latest: Latest[Progress] = Latest()
        self._points: list[Point] = []
        self._error: Exception | None = None
        self._step: PlainStep | None = None
        self._step_number = 0
        self._point = 0
        self._done_s = 0.0
        self._acquiring_s = 0.0
        self._planned_s: float | None = None
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
        except Stopped:
            pass
        finally:
            if isinstance(steps, Generator):
                steps.close()

    def _carry_out_cleanup(self, cleanup: Sequence[PlainStep]) -> None:
        self._control.begin_cleanup()
        for step in cleanup:
            self._check_interrupt()
            self._carry_out(step)
        self._check_interrupt()

    def _check_interrupt(self) -> None:
        self._control.check(self._log.error)

    def _carry_out(self, step: PlainStep) -> None:
        self._step = step
        self._step_number += 1
        where = f"step {self._step_number} ({step.kind})"
        self._log.note("step_started", step=self._step_number, kind=step.kind, text=describe(step))
        try:
            check_step(step, self._rig)
            if isinstance(step, AcquirePhotons):
                self._acquire(step)
            else:
                carry_out(step, self._rig, self._control.interrupt)
        except Exception as error:
            raise StepError(f"{where}: {error}") from error
        self._log.note("step_ended", step=self._step_number, kind=step.kind)

    def _acquire(self, step: AcquirePhotons) -> None:
        self._rig.spad_array.set_bias(True)
        info = self._rig.spad_array.stream_info()
        started_s = self._rig.clock.now()
        self._latest.put(None)
        self._point += 1
        live = self._live_factory(info)  # before the recorder, which somebody has to close
        recorder = self._recorder_factory(self._point, info)
        self._acquiring_s = step.duration_s
        try:
            result = acquire(
                self._rig.spad_array,
                step.duration_s,
                info,
                recorder,
                live,
                stop=self._control.interrupt,
                goal=None if step.until_cascades is None else CascadeGoal(step.until_cascades),
                settings=self._stream,
                latest=self._latest,
                on_error=self._rig.make_safe,
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
        self._log.note(event, point=point.number, label=point.label, **_plain(point.result))

    # the way to safety: the journal is written when the instruments are safe, because a disk may hang

    def _make_safe_at_once(self) -> None:
        try:
            self._rig.make_safe()
        except Exception as error:
            self._break(error)
            raise
        finally:
            self._log.flush(wait=False)

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._log.transition_later(self._control.abort())
        self._log.later("error", message=str(error), cause=type(error.__cause__ or error).__name__)

    def _break(self, error: Exception) -> None:
        self._unsafe = error
        self._log.transition_later(self._control.break_down())
        self._log.later("error", message=f"not safe: {error}", cause=type(error).__name__)

    def _finish(self) -> None:
        """Make the instruments safe and end the run: the way out of every run."""
        try:
            self._rig.make_safe()
        except Exception as error:
            self._break(error)
        finally:
            self._log.transition_later(self._control.end())
            self._log.flush()

    def _error_of_run(self) -> Exception | None:
        if self._unsafe is None:
            return self._error or self._log.error
        text = f"the instruments could not be made safe, check them by hand: {self._unsafe}"
        error = SequenceError(text)
        error.__cause__ = self._error or self._unsafe
        return error


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
