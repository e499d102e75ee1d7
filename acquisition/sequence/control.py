"""Who may end a run and how it hears of it: the state of the engine, and the event that cuts waits short."""

import threading
from collections.abc import Callable

from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.states import State, StateMachine, Transition, Verb


class Stopped(Exception):  # noqa: N818 - not an error
    """The run was asked to stop: no further step, but the cleanup."""


class Aborted(Exception):  # noqa: N818 - not an error
    """The run was asked to abort: nothing but making safe."""


class Control:
    """The state machine of an engine with the events that its waits watch; for any thread.

    Parameters
    ----------
    told : callable
        Is told of each change of the state, in the order of the changes.

    Attributes
    ----------
    interrupt : Event
        Set while the present step has to come to an end.
    paused : Event
        Set while the run is paused.
    moved : Event
        Set once a pause has been left, in whatever way.
    """

    def __init__(self, told: Callable[[Transition], None]) -> None:
        self._machine = StateMachine(told)
        self._lock = threading.Lock()
        self._cleaning_up = False
        self.interrupt = threading.Event()
        self.paused = threading.Event()
        self.moved = threading.Event()

    @property
    def state(self) -> State:
        """What the engine is doing."""
        return self._machine.state

    @property
    def is_pausing(self) -> bool:
        """Whether the run has to be paused before it goes on."""
        return self._machine.state is State.PAUSING

    def begin(self, rig: SequenceRig) -> Transition:
        """Start a run and arm the rig, in one step that no verb can come between.

        Raises
        ------
        SequenceError
            If the engine is not idle.
        StateError
            If the rig is just being made safe.
        """
        with self._lock:
            started = self._machine.apply(Verb.START)
            try:
                rig.arm()
            except BaseException:
                self._machine.apply(Verb.END)
                raise
            self._cleaning_up = False
            self.interrupt.clear()
            self._leave_pause()
        return started

    def arm_again(self, rig: SequenceRig) -> None:
        """Arm the rig after it was made safe in the middle of a run that goes on."""
        with self._lock:
            if self.state is State.RUNNING:
                rig.arm()

    def pause(self) -> Transition:
        """Interrupt the present step so that the run pauses at once.

        Raises
        ------
        SequenceError
            If no run goes on, or one that is ending.
        """
        with self._lock:
            if self._cleaning_up:
                raise SequenceError("cannot pause during the cleanup, which switches off; abort does it at once")
            change = self._machine.apply(Verb.PAUSE)
            if change.after is State.PAUSING:
                self.interrupt.set()
                self.moved.clear()
        return change

    def hold(self) -> Transition | None:
        """Be paused, now that there is no light; None if another verb has come meanwhile."""
        with self._lock:
            if self.state is not State.PAUSING:
                return None
            change = self._machine.apply(Verb.HOLD)
            self.paused.set()
        return change

    def cut(self) -> None:
        """Let the present step of a run that goes on end; `go_on` is to follow in the thread of the engine."""
        with self._lock:
            if self.state is State.RUNNING:
                self.interrupt.set()

    def go_on(self) -> None:
        """Let steps be carried out again after `cut`."""
        with self._lock:
            if self.state is State.RUNNING:
                self.interrupt.clear()

    def resume(self) -> Transition:
        """Let a paused run go on; raises `SequenceError` if it is not paused or running."""
        with self._lock:
            if self.state is State.PAUSED:
                self.interrupt.clear()  # before the engine sees that it may run
            change = self._machine.apply(Verb.RESUME)
            if change.before is State.PAUSED:
                self._leave_pause()
        return change

    def _leave_pause(self) -> None:
        self.paused.clear()
        self.moved.set()

    def stop(self) -> Transition:
        """End the present step early, unless it is part of the cleanup."""
        with self._lock:
            change = self._machine.apply(Verb.STOP)
            if change.after is State.STOPPING and not self._cleaning_up:
                self.interrupt.set()
            self._leave_pause()
        return change

    def abort(self) -> Transition:
        """End the run; has no effect if none goes on."""
        with self._lock:
            change = self._machine.apply(Verb.ABORT)
            if change.after is not State.IDLE:
                self.interrupt.set()
            self._leave_pause()
        return change

    def break_down(self) -> Transition:
        """End the run and allow no other: the instruments could not be made safe."""
        with self._lock:
            change = self._machine.apply(Verb.BREAK)
            self.interrupt.set()
            self._leave_pause()
        return change

    def end(self) -> Transition:
        """Be idle again, unless broken."""
        return self._machine.apply(Verb.END)

    def begin_cleanup(self) -> None:
        """From here on a stop does not cut steps short."""
        with self._lock:
            self._cleaning_up = True
            if self.state is State.STOPPING or self.state is State.RUNNING:
                self.interrupt.clear()

    def check(self, journal_error: Exception | None) -> None:
        """Go no further if the run is to end.

        Raises
        ------
        Stopped, Aborted
            If it was asked for.
        StepError
            If the journal could not be written.
        """
        if journal_error is not None:
            raise StepError(f"the journal cannot be written: {journal_error}") from journal_error
        if self.state in (State.ABORTING, State.BROKEN):
            raise Aborted
        if self.state is State.STOPPING and not self._cleaning_up:
            raise Stopped
