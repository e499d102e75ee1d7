"""Carries out one step after the other, through pauses, retries and blocks, in the thread of the engine."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from acquisition.sequence import by_hand
from acquisition.sequence.actions.acquiring import Acquire
from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.actions.establish import establish
from acquisition.sequence.actions.table import ACTIONS
from acquisition.sequence.control import Aborted, Control, Stopped
from acquisition.sequence.describe import describe
from acquisition.sequence.driving import drive
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.found import values_of_setup
from acquisition.sequence.handed import HandedSteps
from acquisition.sequence.history import History, digest_of
from acquisition.sequence.leaving_out import is_left_out
from acquisition.sequence.measuring import Measuring
from acquisition.sequence.outcome import EngineStatus, Point
from acquisition.sequence.pausing import HeldHeater, Pause
from acquisition.sequence.plan import Plan
from acquisition.sequence.retrying import Tries, may_be_tried_again, may_come_of_abort
from acquisition.sequence.rig_check import SequenceRig, check_step
from acquisition.sequence.services import Moment, Services, Watch
from acquisition.sequence.setup import Setup
from acquisition.sequence.states import State, Transition
from acquisition.sequence.steps import Block, MeasurePower, PlainStep, Prompt, Retry, SetTemperature, Step, Values
from acquisition.sequence.switched_off import go_on_without
from acquisition.streaming import StreamSettings
from drivers.interfaces.errors import InterlockError, OperatorNeeded


class Stepper:
    """The steps of a run: which one goes on, what they have set, what they have given.

    Parameters
    ----------
    rig, services, control, log, watch, stream, acquire
        Of the engine.
    abort : callable
        Aborts the run.
    attended : bool
        Whether a person at the instruments does what software cannot.
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
        *,
        attended: bool = True,
    ) -> None:
        self._rig, self._services, self._control, self._log, self._watch = rig, services, control, log, watch
        self._stream, self._acquire, self._abort = stream, acquire, abort
        self._attended = attended
        self._pausing = threading.Lock()
        self.reset((), History())

    def reset(self, steps: Iterable[Step], history: History, setup: Setup | None = None) -> None:
        """Forget the last run; `setup` is how the instruments are set already."""
        self._history = history
        self._resuming = self._away = bool(history.begun)
        self._setup = setup or Setup()
        self._measuring = Measuring(
            self._services, self._log, self._stream, self._acquire, lambda: self._control.state, history
        )
        self._measuring.handed = steps if isinstance(steps, HandedSteps) else None
        self.values: dict[str, Any] = values_of_setup(self._setup)
        self.thread: threading.Thread | None = None
        self._step: PlainStep | None = None
        self._number, self.pause_reason = 0, ""
        self._cleaning_up = False
        self.suspended = False
        self._plan = Plan(steps, sum(history.extended.values()))

    @property
    def points(self) -> list[Point]:
        """The acquisitions that have ended."""
        return self._measuring.points

    def status(self) -> EngineStatus:
        """Return what is happening now."""
        measuring = self._measuring
        step = "" if self._step is None else describe(self._step)
        return EngineStatus(
            self._control.state,
            self._number,
            step,
            measuring.point,
            measuring.latest.get(),
            self._plan.remaining_s(measuring.present_s()),
            self.pause_reason,
            suspended=self.suspended,
            planned_s=self._plan.planned_s,
        )

    def extend(self, seconds: float) -> None:
        """Let the point that is being acquired last longer, from any thread; raises `SequenceError`."""
        self._plan.extend(self._measuring.extend(seconds))

    # the run loop

    def carry_out(self, steps: Iterable[Step]) -> None:
        """Carry out the steps of a run, or as many as it is not stopped before."""
        self.thread = threading.current_thread()
        try:
            self._pass()
            if isinstance(steps, HandedSteps):
                steps.carry_out(self._do, lambda: self._measuring.close(complete=False))
            drive(steps, self._do)
            self._pass()
        except Stopped:
            pass

    def clean_up(self, cleanup: Sequence[PlainStep]) -> None:
        """Carry out the cleanup, whole unless the run is aborted."""
        self._control.begin_cleanup()
        self._resuming, self._away, self._cleaning_up = False, False, True
        for step in cleanup:
            self._do(step)
        self._pass()

    def conclude(self) -> None:
        """Close a point that was left open: nothing more comes of it, and nothing more is handed in."""
        if self._measuring.handed is not None:
            self._measuring.handed.end()
        try:
            self._measuring.close(complete=False)
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
        self._measuring.count(step)
        values = None if self._cleaning_up else self._history.values(self._number, step)
        skipped = self._number in self._history.skipped
        if values is None:
            started = {"text": describe(step), "digest": digest_of(step), **({"note": step.note} if step.note else {})}
            self._note("step_started", step, **started)
            found = self._attempts(step, retry)
            values, skipped = found or {}, found is None
            self._note("step_ended", step, values=values, **({"skipped": True} if skipped else {}))
        if not skipped:
            if isinstance(step, MeasurePower):
                self._services.learn(values)
            self._setup = self._setup.after(step, values)
        self._plan.do(step, self._measuring.extended.get(self._measuring.point, 0.0))
        return values

    # one step: attempts, pauses, retries

    def _attempts(self, step: PlainStep, retry: Retry | None) -> Values | None:
        """Carry a step out, again after pauses and failures that may pass.

        Returns
        -------
        dict or None
            Its values; None if it was skipped.

        Raises
        ------
        StepError
            If it failed for good.
        """
        context, tries = self._context(step), Tries(retry)
        while True:
            bringing_back = self._away
            try:
                if tries.wait_s:
                    self._wait_in_the_dark(tries)
                if self._resuming and self._is_skipped(step, context):
                    return None
                if self._resuming:  # before the light comes back
                    self._measuring.prepare(step, context)
                self._resuming = False
                self._bring_back(step)
                bringing_back = False
                return self._once(step, context)
            except Interrupted:
                self._pass_or_end(step)
            except InterlockError as error:
                if not bringing_back:
                    raise StepError(f"step {self._number} ({step.kind}): {error}") from error
                self.pause(str(error), by_itself=True)  # the watch lets it go on once the interlock is closed
                self._pass_or_end(step)
            except Exception as error:
                if self._fails(error, step, tries, bringing_back=bringing_back):
                    return None

    def _fails(self, error: Exception, step: PlainStep, tries: Tries, *, bringing_back: bool) -> bool:
        """Find out what follows a failure: return whether the step is skipped; raise if it fails for good."""
        if self._control.state is State.ABORTING and may_come_of_abort(error):
            self._log.later("error_while_aborting", message=str(error), cause=type(error).__name__)
            raise Aborted from error
        self._away = True
        if tries.again(error, bringing_back=bringing_back):
            self._note("step_retried", step, attempt=tries.count, reason=str(error))
            return False
        if bringing_back or not (tries.skips and may_be_tried_again(error)):
            raise StepError(f"step {self._number} ({step.kind}): {error}") from error
        self._measuring.close(complete=False)
        self._setup = replace(self._setup, ramping=False)
        self._note("step_skipped", step, reason=str(error))
        return True

    def _once(self, step: PlainStep, context: StepContext) -> Values:
        check_step(step, self._rig)

        def act() -> Values:
            values = self._measuring.do(step, context)
            return ACTIONS[type(step)](step, context) if values is None else values

        return by_hand.carried_out(act, partial(self._have_done, step=step))

    def _have_done(self, needed: OperatorNeeded, step: PlainStep) -> None:
        """Have a person do what no software can, with the light as it is, and declare it done."""
        if not self._attended:
            raise by_hand.refused(needed) from needed
        answer = by_hand.ask_for(needed, self._number, step, self._ask, self._note)
        if answer == by_hand.NOT_DONE and not self._cleaning_up:
            self._control.stop()
            raise Interrupted
        by_hand.declare(needed, answer)

    def _wait_in_the_dark(self, tries: Tries) -> None:
        self._measuring.interrupt("failed and tried again")
        self._rig.make_dark()
        self._context().wait(tries.wait_s)
        tries.wait_s = 0.0

    def _bring_back(self, step: PlainStep) -> None:
        """Set the instruments as the steps before have, if something has come between; not to ask in the dark."""
        if not self._away or self._cleaning_up or (isinstance(step, Prompt) and not step.light):
            return
        for role in self._rig.reconnect_lost():
            self._note("reconnected", step, role=role)
        self._control.arm_again(self._rig)
        by_hand.carried_out(lambda: establish(self._setup, self._context()), partial(self._have_done, step=step))
        self._away = False

    def _is_skipped(self, step: PlainStep, context: StepContext) -> bool:
        """Ask whether a step that was interrupted by the end of the program, and cannot be repeated, is left out."""
        begun = self._history.has_begun(self._number) and not step.repeatable
        if not (begun and is_left_out(step, self._number, self._ask, self._note)):
            return False
        self._resuming = False
        self._measuring.skip(step, context)
        return True

    def _ask(self, question: str, choices: Sequence[str], timeout_s: float | None, light: bool) -> str | None:
        """Ask a person, in the dark unless `light`; the heater holds as long as in a pause."""
        if not light:
            self._away = True
            self._rig.make_dark()
        heater = HeldHeater(self._rig, self._log, self._setup)

        def tick() -> None:
            heater.look(paused=False)
            if light and not (self._cleaning_up or self._away):
                self._look(None)
            else:
                self._watch.rest()

        answer = self._services.ask(question, choices, timeout_s, self._control.interrupt, tick)
        if self._control.interrupt.is_set():
            raise Interrupted
        return answer

    def _pass_or_end(self, step: PlainStep) -> None:
        """Do `_pass`; a stop ends the point that is open with what it holds."""
        try:
            self._pass()
        except Stopped:
            if self._measuring.is_open:
                self._note("step_ended", step, values=self._measuring.close(complete=True))
            raise

    def _pass(self) -> None:
        """Go on, or be paused first; raises `Stopped` or `Aborted` if the run is to end."""
        handed = self._measuring.handed
        self._control.check(self._log.error)
        while self._control.is_pausing:
            self._away = True
            if handed is not None:
                handed.hold_back()
            self._pause()
            self._control.check(self._log.error)
        if handed is not None:
            self._setup = go_on_without(handed, self._setup, self.values, self._control, self._log)
            handed.check()

    def _pause(self) -> None:
        with self._pausing:  # whoever asks for a pause says why before this lock is free again
            reason = self.pause_reason
        try:
            pause = Pause(
                self._rig, self._control, self._log, self._watch, self._setup, reason,
                suspended=lambda: self.suspended, by_itself=self._by_itself,
            )  # fmt: skip
            paused_s = pause.hold(self._abort)
            self._measuring.interrupt(f"paused for {paused_s:.0f} s: {self.pause_reason}")
        finally:
            with self._pausing:
                if not self._control.is_pausing:  # again
                    self.suspended, self.pause_reason = False, ""

    def _by_itself(self, verb: Callable[[], object]) -> bool:
        """Apply a verb for the watch, unless a person has paused the run meanwhile; return whether it was applied."""
        with self._pausing:
            if not (self.suspended and self._control.state is State.PAUSED):
                return False
            verb()
            return True

    # what the parts of a run are given

    def _context(self, step: PlainStep | None = None) -> StepContext:
        """Return what `step` is given; without one, nobody watches: the instruments are not yet as they should."""
        watched = step is not None and not self._cleaning_up
        number = self._number
        return StepContext(
            self._rig,
            self._services,
            self._log,
            self._control.interrupt,
            self._look if watched else lambda rate: self._watch.rest(),
            self.values,
            self._measuring.point,
            self._measuring.table,
            kept=dict(self._history.kept.get(number, {})) if self._resuming and step is not None else {},
            write_down=lambda name, value: self._log.note("step_keeps", step=number, name=name, value=value),
            ramps=self._ramps,
            ask=self._ask,
        )

    def _ramps(self, heating: SetTemperature | None) -> None:
        """Take note of what a pause in the middle of a ramp has to know; None: no temperature is controlled."""
        self._setup = self._setup.heated(heating, ramping=heating is not None)

    def _look(self, count_rate_cps: float | None) -> None:
        """Let the watch look, and suspend the run if it says so."""
        if self._step is None or self._control.state is not State.RUNNING:
            return
        reason = self._watch.tick(Moment(self._step, self._setup, self._measuring.point, count_rate_cps))
        handed = self._measuring.handed
        if reason is None or (handed is not None and handed.taking_off):
            return
        self._measuring.doubt(reason, self._watch.bad_for_s())
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
