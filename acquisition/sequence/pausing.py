"""A pause: no light on the sample, the heater as the sequence says, until a verb or the watch ends it."""

import time
from collections.abc import Callable

from acquisition.sequence.control import Control
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.services import Watch
from acquisition.sequence.setup import Setup
from acquisition.sequence.states import State

POLL_S = 0.05
"""Wall time between two looks while a person is waited for."""
SUSPENDED_POLL_S = 1.0
"""Time of the rig between two looks while the instruments are waited for."""


class HeldHeater:
    """The heater while nothing is measured: it holds or goes off as the sequence says, each time that `look` is called.

    Parameters
    ----------
    rig, log
        Of the engine.
    setup : Setup
        How the instruments were set.
    """

    def __init__(self, rig: SequenceRig, log: EventLog, setup: Setup) -> None:
        self._rig, self._log, self._heating = rig, log, setup.heating
        self._begin_s = rig.clock.now()

    def look(self, *, paused: bool) -> None:
        """Switch the heater off at once if it is to be off in a pause, or after the longest time that it may hold."""
        heating, heater = self._heating, self._rig.heater
        if heating is None or heater is None:
            return
        at_once = paused and heating.on_pause == "off"
        if at_once or self._rig.clock.now() - self._begin_s >= heating.max_hold_s:
            heater.stop_heating()
            self._heating = None
            why = "on_pause: off" if at_once else f"max_hold of {heating.max_hold_s:g} s is over"
            self._log.note("heater_off", message=f"{'paused' if paused else 'waiting for a person'}; {why}")


class Pause:
    """One pause, in the thread of the engine; everything that it keeps ends with it.

    Parameters
    ----------
    rig, control, log, watch
        Of the engine.
    setup : Setup
        How the instruments were set.
    reason : str
        Why, in words.
    suspended : callable
        Returns whether the watch has paused the run and may let it go on.
    by_itself : callable
        Applies a verb of the control in the name of the watch, unless a person has come first; returns whether it did.
    """

    def __init__(
        self,
        rig: SequenceRig,
        control: Control,
        log: EventLog,
        watch: Watch,
        setup: Setup,
        reason: str,
        *,
        suspended: Callable[[], bool],
        by_itself: Callable[[Callable[[], object]], bool],
    ) -> None:
        self._rig, self._control, self._log, self._watch = rig, control, log, watch
        self._setup, self._reason, self._suspended, self._by_itself = setup, reason, suspended, by_itself

    def hold(self, abort: Callable[[], None]) -> float:
        """Be paused until a verb ends it; return how long it was in wall time, in s."""
        self._rig.make_dark()
        begin = time.monotonic()
        heater = HeldHeater(self._rig, self._log, self._setup)
        held = self._control.hold()
        if held is None:
            return 0.0
        self._log.note("paused", reason=self._reason, by_itself=self._suspended())
        while self._control.state is State.PAUSED:
            heater.look(paused=True)
            self._watch.rest()
            if self._suspended():
                self._decide(abort)
                self._rig.clock.wait(self._control.moved, SUSPENDED_POLL_S)
            self._control.moved.wait(POLL_S)  # also suspended: simulated time must not outrun who could help
        return time.monotonic() - begin

    def _decide(self, abort: Callable[[], None]) -> None:
        """Let the watch end the pause: go on, or give up; a person who has paused meanwhile has the last word."""
        if (why := self._watch.may_resume()) is not None:
            if self._by_itself(self._control.resume):
                self._log.note("resumes_by_itself", reason=why)
        elif (given_up := self._watch.gives_up()) is not None:
            how, why = given_up
            if self._by_itself(abort if how == "abort" else self._control.stop):
                self._log.note("gives_up", how=how, reason=why)
