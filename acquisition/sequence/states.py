"""The states of the sequence engine and what leads from one to another, as a table that the code reads."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from acquisition.sequence.errors import SequenceError


class State(StrEnum):
    """What the engine is doing."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    ABORTING = "aborting"
    BROKEN = "broken"


class Verb(StrEnum):
    """What moves the engine: `start`, `stop` and `abort` are asked for; `end` and `break` happen."""

    START = "start"
    STOP = "stop"
    ABORT = "abort"
    END = "end"
    BREAK = "break"


TRANSITIONS = MappingProxyType(
    {
        (State.IDLE, Verb.START): State.RUNNING,
        (State.IDLE, Verb.STOP): State.IDLE,
        (State.IDLE, Verb.ABORT): State.IDLE,
        (State.RUNNING, Verb.STOP): State.STOPPING,
        (State.RUNNING, Verb.ABORT): State.ABORTING,
        (State.RUNNING, Verb.END): State.IDLE,
        (State.STOPPING, Verb.STOP): State.STOPPING,
        (State.STOPPING, Verb.ABORT): State.ABORTING,
        (State.STOPPING, Verb.END): State.IDLE,
        (State.ABORTING, Verb.STOP): State.ABORTING,
        (State.ABORTING, Verb.ABORT): State.ABORTING,
        (State.ABORTING, Verb.END): State.IDLE,
        (State.BROKEN, Verb.STOP): State.BROKEN,
        (State.BROKEN, Verb.ABORT): State.BROKEN,
        (State.BROKEN, Verb.END): State.BROKEN,
        **{(state, Verb.BREAK): State.BROKEN for state in State},
    }
)
"""From state and verb to the next state; what is not here is refused."""

_WHY_NOT = {
    State.BROKEN: "the instruments could not be made safe; check them by hand, then open the rig anew",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to a state, which may be the same."""

    before: State
    verb: Verb
    after: State


class StateMachine:
    """The present state; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
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
        return Transition(before, verb, after)
