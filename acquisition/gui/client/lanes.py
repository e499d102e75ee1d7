"""Which commands wait for which others, and which are still asked after everything was made safe."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from enum import StrEnum
from threading import Thread
from typing import Any, Protocol

from acquisition.remote.desk import METHODS
from acquisition.session import SessionError
from acquisition.session.access import Access


class NotAskedError(SessionError):
    """A command that waited, or followed another one, when everything was made safe; the session never got it."""


class Lane(StrEnum):
    """Commands of a lane wait for its threads only."""

    AT_ONCE = "at once"
    """A thread for each: they wait for nothing."""
    VERBS = "verbs"
    """What a person says to what goes on; a step that asks a person waits for the answer itself."""
    STEPS = "steps"
    """What changes instruments or begins something, and the queue: in the order in which it was asked for."""
    READS = "reads"
    CHECKS = "checks"
    """Pre-flight takes a minute, and a start waits for it."""
    LONG = "long"
    """What takes minutes and touches no instrument."""


THREADS = {Lane.VERBS: 6, Lane.STEPS: 1, Lane.READS: 3, Lane.CHECKS: 1, Lane.LONG: 1}
"""How many commands of a lane go on at a time; with the four questions of the feed no more than `MAX_CALLS` of a
remote session."""

MAKING_SAFE = frozenset({"emergency_stop", "abort", "switch_off", "pause", "stop"})
"""Methods after which nothing is done any more that was asked for before and could bring light, heat or movement."""

_AT_ONCE = frozenset({"emergency_stop", "abort"})
_LONG = frozenset({"analyze", "report", "recover"})
_VERBS = frozenset(
    {
        "pause", "resume", "stop", "answer", "note", "take_control", "release_control", "switch_off", "extend", "mark",
        "queue_stop", "acknowledge_interlock", "shutdown",
    }
)  # fmt: skip
_GOING_ON = frozenset({"resume", "answer", "extend", "acknowledge_interlock"})
"""Verbs that let a run go on, perhaps with light."""

_QUEUE_EDITS = frozenset(
    {"queue_add", "queue_clear_finished", "queue_edit", "queue_move", "queue_remove", "queue_repeat"}
)
_DARK_BY = {"set_laser": "emission", "set_shutter": "open"}
"""What a step of a kind sets to False to take light off the sample: such a step is done whatever came before it."""


def lane_of(method: str) -> Lane:
    """Return where a method of the session waits; one that nobody has thought of waits among the steps."""
    if method in _AT_ONCE:
        return Lane.AT_ONCE
    if method in _VERBS:
        return Lane.VERBS
    if method in _LONG:
        return Lane.LONG
    if method == "check":
        return Lane.CHECKS
    return Lane.READS if METHODS[method].access is Access.READING else Lane.STEPS


def harmless(method: str, arguments: Sequence[Any] = ()) -> bool:
    """Whether a method may be asked although everything was made safe since: it brings no light, heat or movement."""
    if method == "do_step":
        step = arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}
        return step.get(_DARK_BY.get(str(step.get("kind")), "")) is False
    if method in _QUEUE_EDITS:
        return True
    return lane_of(method) is not Lane.STEPS and method not in _GOING_ON


class Act(Protocol):
    """A call without arguments."""

    def __call__(self) -> Any:
        """Do it."""


def in_own_thread(act: Act, name: str) -> "Future[Any]":
    """Call a function in a new thread of its own; returns what will hold its outcome."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result = act()
        except BaseException as error:  # whoever asked is told, whatever it is
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=work, name=name).start()
    return future
