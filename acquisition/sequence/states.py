"""The states of the sequence engine and what leads from one to another, as a table that the code reads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from acquisition.sequence.errors import SequenceError


class State(StrEnum):
    """What the engine is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    ABORTING = "aborting"
    BROKEN = "broken"


class Verb(StrEnum):
    """What moves the engine: `start`, `pause`, `resume`, `stop` and `abort` are asked for; the others happen."""

    START = "start"
    PAUSE = "pause"
    HOLD = "hold"
    RESUME = "resume"
    STOP = "stop"
    ABORT = "abort"
    END = "end"
    BREAK = "break"


_GOING_ON = (State.RUNNING, State.PAUSING, State.PAUSED, State.STOPPING)

TRANSITIONS = MappingProxyType(
    {
        (State.IDLE, Verb.START): State.RUNNING,
        (State.RUNNING, Verb.PAUSE): State.PAUSING,
        (State.PAUSING, Verb.PAUSE): State.PAUSING,
        (State.PAUSED, Verb.PAUSE): State.PAUSED,
        (State.PAUSING, Verb.HOLD): State.PAUSED,
        (State.PAUSED, Verb.RESUME): State.RUNNING,
        (State.RUNNING, Verb.RESUME): State.RUNNING,
        **{(state, Verb.STOP): State.STOPPING for state in _GOING_ON},
        **{(state, Verb.ABORT): State.ABORTING for state in _GOING_ON},
        **{(state, verb): state for state in (State.IDLE, State.BROKEN) for verb in (Verb.STOP, Verb.ABORT)},
        **{(State.ABORTING, verb): State.ABORTING for verb in (Verb.STOP, Verb.ABORT)},
        **{(state, Verb.END): State.IDLE for state in (State.RUNNING, State.STOPPING, State.ABORTING)},
        (State.BROKEN, Verb.END): State.BROKEN,
        **{(state, Verb.BREAK): State.BROKEN for state in State},
    }
)
"""From state and verb to the next state; what is not here is refused."""

_WHY_NOT = {
    State.BROKEN: "the instruments could not be made safe; check them by hand, then open the rig anew",
    State.IDLE: "no run goes on",
    State.PAUSING: "it is just being paused; wait until it is paused",
    State.STOPPING: "the run is being ended; abort switches everything off at once",
    State.ABORTING: "everything is being switched off",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to a state, which may be the same."""

    before: State
    verb: Verb
    after: State


class StateMachine:
    """The present state; safe to use from any thread.

    Parameters
    ----------
    told : callable
        Is told of each change of the state, in the order of the changes; must be quick.
    """

    def __init__(self, told: Callable[[Transition], None] = lambda change: None) -> None:
        self._lock = threading.Lock()
        self._told = told
        self._state = State.IDLE

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def apply(self, verb: Verb) -> Transition:
        """Go to the next state and return the way.

        Raises
        ------
        SequenceError
            If the table does not know the verb in this state; nothing changes.
        """
        with self._lock:
            before = self._state
            after = TRANSITIONS.get((before, verb))
            if after is None:
                why = _WHY_NOT.get(before, "wait until it is idle, or stop it first")
                raise SequenceError(f"cannot {verb} while the engine is {before}; {why}")
            self._state = after
            change = Transition(before, verb, after)
            if after is not before:
                self._told(change)
        return change
