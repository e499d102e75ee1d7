"""The engine that carries out the steps of a sequence, and leaves the instruments safe whatever happens."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from acquisition.sequence.actions.acquiring import Acquire
from acquisition.sequence.by_hand import check_attended
from acquisition.sequence.control import Aborted, Control
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.event_log import EventLog, Journal
from acquisition.sequence.handed import HandedSteps
from acquisition.sequence.history import History
from acquisition.sequence.outcome import EngineStatus, Point, RunOutcome, RunStatus
from acquisition.sequence.rig_check import SequenceRig, check_steps
from acquisition.sequence.services import NoWatch, Services, Watch
from acquisition.sequence.setup import Setup
from acquisition.sequence.states import State
from acquisition.sequence.stepper import Stepper
from acquisition.sequence.steps import PlainStep, Step, walk
from acquisition.sequence.switched_off import LIGHT, SETTLED_WITHIN_S, Off
from acquisition.streaming import StreamSettings, acquire

DARK_WITHIN_S = 0.3
"""Wall time after which a pause takes the light off by itself if the thread of the engine has not done it."""

SETTLED_POLL_S = 0.05


class Engine:
    """Carries out steps in the thread of its caller; its verbs may come from any thread.

    Parameters
    ----------
    rig : SequenceRig
        The instruments, connected.
    services : Services
        Recording, analysis, a person to ask.
    journal : callable
        Takes a dict of plain values for everything that happens. A journal that cannot be written ends the run.
    watch : Watch, optional
        Looks at the instruments while steps go on, and may suspend the run.
    warm_up : callable
        Called at the start of each run, before any source is on: compiles what would otherwise
        be compiled while light falls on the sample.
    stream : StreamSettings
        Queues and timeouts of the acquisitions.
    acquire_photons : callable
        Reads the photons of an acquisition; a twin puts its own here.
    attended : bool
        Whether a person is at the instruments the whole time, who is asked to do what no software can. If not, such
        a step fails at once, and a laser that no software can darken is not used at all.
    """

    def __init__(
        self,
        rig: SequenceRig,
        services: Services,
        *,
        journal: Journal,
        watch: Watch | None = None,
        warm_up: Callable[[], None] = lambda: None,
        stream: StreamSettings | None = None,
        acquire_photons: Acquire = acquire,
        attended: bool = True,
    ) -> None:
        self._rig = rig
        self._log = EventLog(journal, rig.clock.now)
        self._warm_up = warm_up
        self._watch = watch or NoWatch()
        self._control = Control(self._log.transition_later)
        self._unsafe: Exception | None = None
        self._error: Exception | None = None
        self._stepper = Stepper(
            rig,
            services,
            self._control,
            self._log,
            self._watch,
            stream or StreamSettings(),
            acquire_photons,
            self.abort,
            attended=attended,
        )
        self._attended = attended
        self._steps: Iterable[Step] = ()
        self._cleanup: Sequence[PlainStep] = ()

    # what may be asked, from any thread

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return self._control.state

    @property
    def points(self) -> tuple[Point, ...]:
        """The acquisitions of the present or last run that have ended; an adaptive sequence decides by them."""
        return tuple(self._stepper.points)

    def status(self) -> EngineStatus:
        """Return what is happening now."""
        return self._stepper.status()

    def pause(self, reason: str = "asked for") -> None:
        """Take the light off the sample and hold the run at the present step, within 0.5 s; no effect if paused.

        Raises
        ------
        SequenceError
            If no run goes on, or one that is ending.
        Exception
            What the rig says if the light could not be taken off; the run is aborted then.
        """
        change = self._stepper.pause(reason)
        try:
            if change.after is State.PAUSING and not self._is_dark_soon():
                self._rig.make_dark()
        except Exception:
            self.abort()
            raise
        finally:
            self._log.flush(wait=False)

    def resume(self) -> None:
        """Let a paused run go on: everything is set and read back as it was, then the step goes on.

        Raises
        ------
        SequenceError
            If it is not paused.
        """
        self._control.resume()
        if isinstance(self._steps, HandedSteps):
            self._steps.go_on()
        self._log.flush(wait=False)

    def note(self, text: str, author: str = "") -> None:
        """Write a remark into the journal, with its time."""
        self._log.later("note", text=text, author=author)
        self._log.flush(wait=False)

    def extend(self, seconds: float) -> None:
        """Let the point whose photons are being acquired last longer, or shorter but not below what is measured.

        Raises
        ------
        SequenceError
            If no point is being acquired, or it would last too long.
        """
        if self.state not in (State.RUNNING, State.PAUSING, State.PAUSED):
            raise SequenceError("no photons are being acquired for a point, so that nothing can be extended")
        self._stepper.extend(seconds)

    def switch_off(self, role: str, make_safe: Callable[[], None]) -> None:
        """Switch off an instrument, in the calling thread at once; a run that is steered by hand goes on without it.

        A procedure, and a step that may just be switching it on, ends by it.

        Parameters
        ----------
        role : str
            One of `SWITCHED_OFF_BY_HAND`.
        make_safe : callable
            Switches it off.

        Raises
        ------
        SequenceError
            If no such run goes on, or the step that goes on has not ended in time.
        Exception
            What `make_safe` raises; the run is aborted then if this was to take the light off.
        """
        handed, off = self._steps, Off(role, make_safe)
        if not isinstance(handed, HandedSteps):
            raise SequenceError(f"{role}: only a run that is steered by hand goes on without it; pause or stop the run")
        if handed.take_off(off):
            self._control.cut()
        try:
            make_safe()
        except Exception:
            if role in LIGHT:
                self.abort()
            raise
        finally:
            self._log.flush(wait=False)
        end_s = time.monotonic() + SETTLED_WITHIN_S
        while not off.settled.wait(SETTLED_POLL_S) and self.state is State.RUNNING:
            if time.monotonic() > end_s:
                raise SequenceError(f"{role}: was switched off, but the step that goes on has not ended; abort the run")

    def stop(self) -> None:
        """End the present step early, keep everything, and go on with the cleanup."""
        self._control.stop()
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
            self._make_safe_at_once()

    def trip(self, interlock: str, message: str) -> None:
        """Abort because an interlock has tripped, which the journal says; otherwise as `abort`."""
        self._log.later("interlock_tripped", interlock=interlock, message=message)
        try:
            self.abort()
        finally:
            self._log.flush(wait=False)

    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, also if no run goes on, and abort.

        Raises
        ------
        Exception
            What the rig says if an instrument could not be made safe; the engine is then broken.
        """
        self._control.abort()
        self._log.later("emergency_stop")
        self._make_safe_at_once()

    # the run, in the thread of the caller

    def run(
        self, steps: Iterable[Step], cleanup: Sequence[PlainStep] = (), history: History | None = None
    ) -> RunOutcome:
        """Do `begin` and `carry_on`."""
        self.begin(steps, cleanup, history)
        return self.carry_on()

    def begin(
        self,
        steps: Iterable[Step],
        cleanup: Sequence[PlainStep] = (),
        history: History | None = None,
        setup: Setup | None = None,
    ) -> None:
        """Check the steps and start the run: from here on it can be ended; nothing is switched on yet.

        Parameters
        ----------
        steps : iterable of steps
            A list or tuple is checked against the rig as a whole first; each step of a generator when its
            turn comes. A generator gets the values of each step that it yields.
        cleanup : sequence of steps
            Carried out after the steps and after a stop, not after an abort or an error.
        history : History, optional
            Of a run that was broken off: what it has done is not done again.
        setup : Setup, optional
            How the instruments are set already, if the run begins with them as they are.

        Raises
        ------
        SequenceError
            If the engine is not idle, the rig does not allow a step, or nobody attends what must be attended.
        StateError
            If the rig is just being made safe.
        """
        if isinstance(steps, Sequence):
            check_steps((step for _, step in walk(steps)), self._rig)
        check_steps(cleanup, self._rig)
        check_attended(self._rig, attended=self._attended)
        self._control.begin(self._rig)
        self._steps, self._cleanup, self._error = steps, cleanup, None
        self._stepper.reset(steps, history or History(), setup)

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
            self._watch.begin()
            self._stepper.carry_out(self._steps)
            self._stepper.clean_up(self._cleanup)
            status = RunStatus.STOPPED if self.state is State.STOPPING else RunStatus.COMPLETED
        except Aborted:
            pass
        except Exception as error:
            self._fail(error)
        except BaseException as error:
            self._control.abort()
            self._log.later("error", message="interrupted", cause=type(error).__name__)
            raise
        finally:
            self._finish()
        self._log.note("run_ended", status=str(RunStatus.FAILED if self._error_of_run() else status))
        failed = self._error_of_run()
        return RunOutcome(RunStatus.FAILED if failed else status, self.points, failed)

    def _is_dark_soon(self) -> bool:
        """Whether the engine's own thread deals with a pause; False in that thread, which cannot wait for itself."""
        if self._stepper.thread is threading.current_thread():
            return True
        return self._control.paused.wait(DARK_WITHIN_S) or self.state is not State.PAUSING

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
        self._control.abort()
        self._log.later("error", message=str(error), cause=type(error.__cause__ or error).__name__)

    def _break(self, error: Exception) -> None:
        self._unsafe = error
        self._control.break_down()
        self._log.later("error", message=f"not safe: {error}", cause=type(error).__name__)

    def _finish(self) -> None:
        """Make the instruments safe and end the run: the way out of every run."""
        try:
            self._rig.make_safe()
        except Exception as error:
            self._break(error)
        finally:
            self._control.end()
            self._stepper.conclude()
            self._watch.end()
            self._log.flush()

    def _error_of_run(self) -> Exception | None:
        if self._unsafe is None:
            return self._error or self._log.error
        text = f"the instruments could not be made safe, check them by hand: {self._unsafe}"
        error = SequenceError(text if self._error is None else f"{text}. What happened before: {self._error}")
        error.__cause__ = self._error or self._unsafe
        return error
