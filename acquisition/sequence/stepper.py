"""Carries out one step after the other, through pauses, retries and blocks, in the thread of the engine."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from acquisition.sequence.actions.acquiring import Acquire, OpenPoint, plain_result, values_of
from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.actions.counting import PhotonReading, count_photons
from acquisition.sequence.actions.establish import establish, let_light_in
from acquisition.sequence.actions.spectra import acquire_spectra
from acquisition.sequence.actions.table import ACTIONS
from acquisition.sequence.control import Aborted, Control, Stopped
from acquisition.sequence.describe import describe
from acquisition.sequence.driving import drive
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.history import History, digest_of
from acquisition.sequence.outcome import EngineStatus, Point
from acquisition.sequence.pausing import Pause
from acquisition.sequence.plan import own_time_s, planned_s
from acquisition.sequence.retrying import may_be_tried_again, may_come_of_abort
from acquisition.sequence.rig_check import SequenceRig, check_step
from acquisition.sequence.services import AFTER_INTERRUPTION, AGAIN, SKIP, Moment, Services, Watch
from acquisition.sequence.setup import Setup
from acquisition.sequence.states import State, Transition
from acquisition.sequence.steps import (
    AcquirePhotons,
    AcquireSpectra,
    Block,
    CountPhotons,
    PlainStep,
    Prompt,
    Retry,
    Step,
    StoreTable,
    Values,
)
from acquisition.streaming import Latest, Progress, StreamSettings


class Stepper:
    """The steps of a run: which one goes on, what they have set, what they have given.

    Parameters
    ----------
    rig, services, control, log, watch, stream, acquire
        Of the engine.
    abort : callable
        Aborts the run.
    """

    def __init__(
        self,
        rig: SequenceRig,
        services: Services,
        control: Control,
        log: EventLog,
        watch: Watch,
        stream: StreamSettings,
        acquire: Acquire,
        abort: Callable[[], None],
    ) -> None:
        self._rig, self._services, self._control, self._log, self._watch = rig, services, control, log, watch
        self._stream, self._acquire, self._abort = stream, acquire, abort
        self._pausing = threading.Lock()
        self.reset((), History())

    def reset(self, steps: Iterable[Step], history: History) -> None:
        """Forget the last run."""
        self._history = history
        self._resuming = bool(history.begun)
        self._setup = Setup()
        self._latest: Latest[Progress] = Latest()
        self.points: list[Point] = []
        self.values: dict[str, Any] = {}
        self.thread: threading.Thread | None = None
        self._step: PlainStep | None = None
        self._number = self._point = self._table = 0
        self._open: OpenPoint | None = None
        self.pause_reason = ""
        self._cleaning_up = False
        self.suspended = False
        self._done_s = 0.0
        self._planned_s = planned_s(steps)

    def status(self) -> EngineStatus:
        """Return what is happening now."""
        progress, open_point = self._latest.get(), self._open
        remaining_s = self._planned_s
        if remaining_s is not None:
            present_s = min(progress.elapsed_s, open_point.step.duration_s) if progress and open_point else 0.0
            remaining_s = max(0.0, remaining_s - self._done_s - present_s)
        step = "" if self._step is None else describe(self._step)
        return EngineStatus(
            self._control.state, self._number, step, self._point, progress, remaining_s, self.pause_reason
        )

    # the run loop

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Carry out the steps of a run, or as many as it is not stopped before."""
        self.thread = threading.current_thread()
        try:
            self._pass()
            drive(steps, self._do)
            self._pass()
        except Stopped:
            pass

    def clean_up(self, cleanup: Sequence[PlainStep]) -> None:
        """Carry out the cleanup, whole unless the run is aborted."""
        self._control.begin_cleanup()
        self._resuming, self._cleaning_up = False, True
        for step in cleanup:
            self._do(step)
        self._pass()

    def conclude(self) -> None:
        """Close a point that was left open: nothing more comes of it."""
        try:
            self._close_point(complete=False)
        except Exception as error:  # the run is over, and its photons are stored
            self._log.later("error", message=str(error), cause=type(error).__name__)
        self.thread = None

    def _do(self, step: Step, retry: Retry | None = None) -> Values:
        """Carry out a step, and those that it holds; return its values."""
        self._pass()
        if not step.enabled:
            self._log.note("step_skipped", kind=step.kind, reason="enabled: false")
            return {}
        retry = step.retry or retry
        if isinstance(step, Block):
            values = drive(step.unfold(self.values), partial(self._do, retry=retry))
            self._take_note_of(step.kind, values)
        else:
            values = self._do_plain(step, retry)
        self.values.update(values)
        return values

    def _take_note_of(self, kind: str, values: Values) -> None:
        """Tell what a block has found, in the journal only if that was not done before the run was broken off."""
        if values:
            self._services.learn(values)
            if not self._resuming:
                self._log.note("procedure_ended", kind=kind, values=values)

    def _do_plain(self, step: PlainStep, retry: Retry | None) -> Values:
        """Carry out a step that holds no others, unless that was done before the run was broken off."""
        self._step = step
        self._number += 1
        self._point += isinstance(step, AcquirePhotons | AcquireSpectra)
        self._table += isinstance(step, StoreTable)
        values = None if self._cleaning_up else self._history.values(self._number, step)
        if values is None:
            started = {"text": describe(step), "digest": digest_of(step), **({"note": step.note} if step.note else {})}
            self._note("step_started", step, **started)
            values = self._attempts(step, retry)
            self._note("step_ended", step, values=values)
        self._setup = self._setup.after(step, values)
        self._done_s += own_time_s(step)
        return values

    # one step: attempts, pauses, retries

    def _attempts(self, step: PlainStep, retry: Retry | None) -> Values:
        """Carry a step out, again after pauses and failures that may pass; raises `StepError`."""
        context = self._context()
        failures, failed = 0, False
        while True:
            try:
                if failed:
                    self._prepare_again(retry or Retry(), context)
                elif self._resuming:
                    skipped = self._is_skipped(step, context)
                    self._resuming = False
                    if skipped:
                        return {}
                failed = False
                return self._once(step, context)
            except Interrupted:
                self._pass()
            except Exception as error:
                if self._control.state is State.ABORTING and may_come_of_abort(error):
                    self._log.later("error_while_aborting", message=str(error), cause=type(error).__name__)
                    raise Aborted from error
                failures, failed = failures + 1, True
                if retry is None or failures > retry.times or not may_be_tried_again(error):
                    return self._give_up(step, retry, error)
                self._note("step_retried", step, attempt=failures + 1, reason=str(error))

    def _once(self, step: PlainStep, context: StepContext) -> Values:
        check_step(step, self._rig)
        if isinstance(step, AcquirePhotons):
            if self._open is None:
                self._open = self._new_point(step, context)
                self._open.interruption = self._history.interruption
            self._open.go_on()
            return self._close_point(complete=True)
        if isinstance(step, AcquireSpectra):
            context.kept.setdefault("interruption", self._history.interruption)
            return acquire_spectra(step, context, lambda: self._control.state)
        if isinstance(step, CountPhotons):
            reading = PhotonReading(self._acquire, self._stream, self._latest, lambda: self._control.state)
            return count_photons(step, context, reading)
        if isinstance(step, Prompt) and not step.light:
            self._rig.make_dark()
            values = ACTIONS[Prompt](step, context)
            let_light_in(self._setup, context)
            return values
        return ACTIONS[type(step)](step, context)

    def _prepare_again(self, retry: Retry, context: StepContext) -> None:
        """Wait in the dark, then set the instruments as the failed step found them."""
        if self._open is not None:
            self._open.interruption = "failed and tried again"
        self._rig.make_dark()
        self._context(watched=False).wait(retry.wait_s)
        self._control.arm_again(self._rig)
        establish(self._setup, self._context(watched=False))

    def _give_up(self, step: PlainStep, retry: Retry | None, error: Exception) -> Values:
        if retry is None or retry.then == "fail" or not may_be_tried_again(error):
            raise StepError(f"step {self._number} ({step.kind}): {error}") from error
        self._close_point(complete=False)
        self._note("step_skipped", step, reason=str(error))
        self._control.arm_again(self._rig)
        establish(self._setup, self._context(watched=False))
        return {}

    def _is_skipped(self, step: PlainStep, context: StepContext) -> bool:
        """Bring the instruments back to where a broken-off run has left them, and ask about what cannot be repeated."""
        if self._history.has_begun(self._number) and not step.repeatable:
            question = f"Step {self._number} ({describe(step)}) was interrupted and changes the sample. What now?"
            answer = self._services.ask(question, AFTER_INTERRUPTION, None, context.interrupt)
            context.check()
            self._note("asked", step, question=question, answer=answer)
            if answer == SKIP:
                if isinstance(step, AcquirePhotons):
                    self._open = self._new_point(step, context)
                    self._close_point(complete=False)
                return True
            if answer != AGAIN:
                raise SequenceError("was interrupted and changes the sample; resume the run again to skip it or go on")
        establish(self._setup, self._context(watched=False))
        return False

    def _pass(self) -> None:
        """Go on, or be paused first; raises `Stopped` or `Aborted` if the run is to end."""
        self._control.check(self._log.error)
        while self._control.is_pausing:
            self._pause()
            self._control.check(self._log.error)
            if not (self._control.is_pausing or self._resuming):
                with suppress(Interrupted):
                    establish(self._setup, self._context(watched=False))
            self._control.check(self._log.error)

    def _pause(self) -> None:
        with self._pausing:  # whoever asks for a pause says why before this lock is free again
            reason = self.pause_reason
        try:
            pause = Pause(
                self._rig, self._control, self._log, self._watch, self._setup, reason,
                suspended=lambda: self.suspended,
            )  # fmt: skip
            paused_s = pause.hold(self._abort)
            if self._open is not None:
                self._open.interruption = f"paused for {paused_s:.0f} s: {self.pause_reason}"
        finally:
            with self._pausing:
                if not self._control.is_pausing:  # again
                    self.suspended, self.pause_reason = False, ""

    # points

    def _new_point(self, step: AcquirePhotons, context: StepContext) -> OpenPoint:
        return OpenPoint(
            self._point,
            step,
            context,
            self._acquire,
            self._stream,
            self._latest,
            lambda: self._control.state,
            self._history.completed.get(self._point),
        )

    def _close_point(self, *, complete: bool) -> Values:
        """Take note that nothing more comes of the open point, if there is one; return its values."""
        open_point, self._open = self._open, None
        point = None if open_point is None else open_point.point(complete=complete)
        if point is None:
            return {}
        self.points.append(point)
        self._log.note(
            "point_completed" if complete else "point_failed",
            point=point.number, label=point.label, **plain_result(point.result),
        )  # fmt: skip
        self._services.end_point(point)
        return values_of(point.result)

    # what the parts of a run are given

    def _context(self, *, watched: bool = True) -> StepContext:
        look = self._look if watched and not self._cleaning_up else lambda rate: self._watch.rest()
        return StepContext(
            self._rig,
            self._services,
            self._log,
            self._control.interrupt,
            look,
            self.values,
            self._point,
            self._table,
        )

    def _look(self, count_rate_cps: float | None) -> None:
        """Let the watch look, and suspend the run if it says so."""
        if self._step is None or self._control.state is not State.RUNNING:
            return
        reason = self._watch.tick(Moment(self._step, self._setup, self._point, count_rate_cps))
        if reason is None:
            return
        with suppress(SequenceError):  # a verb was faster
            self.pause(reason, by_itself=True)

    def pause(self, reason: str, *, by_itself: bool = False) -> Transition:
        """Let the run pause, from any thread; a pause by itself never takes the place of one that was asked for."""
        with self._pausing:
            change = self._control.pause()
            if change.before is State.RUNNING or not by_itself:
                self.pause_reason, self.suspended = reason, by_itself
        return change

    def _note(self, event: str, step: PlainStep, **details: Any) -> None:
        cleanup = {"cleanup": True} if self._cleaning_up else {}
        self._log.note(event, step=self._number, kind=step.kind, **details, **cleanup)
