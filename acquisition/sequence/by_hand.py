"""What no software can do: a person at the instruments is asked to, and where there is none, the run is refused."""

from collections.abc import Callable
from typing import TypeVar

from acquisition.sequence.actions.context import Asks
from acquisition.sequence.describe import describe
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.steps import PlainStep
from drivers.interfaces.errors import OperatorNeeded
from drivers.interfaces.laser import LaserAuthority

TIMEOUT_S = 1800.0
"""Longest that a person may take, in wall time: light may be on the sample meanwhile."""

DONE, NOT_DONE = ANSWERS = ("done", "stop")
"""Answers to whether something was done by hand; `stop` ends the run."""

T = TypeVar("T")


def check_attended(rig: SequenceRig, *, attended: bool) -> None:
    """Refuse a run that nobody attends where no software can take the light off the sample.

    Raises
    ------
    SequenceError
        With the reason and what to do.
    """
    if attended or rig.laser.authority is not LaserAuthority.NONE:
        return
    raise SequenceError(
        f"nobody attends this run, and no software can take the light of the {rig.laser.name} off the sample "
        "(authority: none); put its trigger, its gate or a shutter into the rig file, or stay at the instruments and "
        "say so with --attended"
    )


def carried_out(act: Callable[[], T], have_done: Callable[[OperatorNeeded], None]) -> T:
    """Do `act`, and have a person do what it asks for, one thing after the other.

    Parameters
    ----------
    act : callable
        May raise `OperatorNeeded`; it is then done anew.
    have_done : callable
        Returns when a person has done it, and raises if nobody has.

    Raises
    ------
    StepError
        If the same is asked for again although it was said to be done.
    """
    asked: set[tuple[str, str]] = set()
    while True:
        try:
            return act()
        except OperatorNeeded as needed:
            what = needed.device, needed.request
            if what in asked:
                text = f"{needed.device}: was said to be done, but is still needed: {needed.request}"
                raise StepError(text) from needed
            asked.add(what)
            have_done(needed)


def question_of(needed: OperatorNeeded, number: int, step: PlainStep) -> str:
    """Return what a person is asked."""
    return f"Step {number} ({describe(step)}) needs you. {needed.device}: {needed.request}. Done?"


def refused(needed: OperatorNeeded) -> SequenceError:
    """Return what to say where nobody is there."""
    return SequenceError(f"{needed}, and nobody attends this run; start it from a terminal, or with --attended")


def ask_for(needed: OperatorNeeded, number: int, step: PlainStep, ask: Asks, note: Callable[..., None]) -> str | None:
    """Ask a person, with the light as it is, and return the answer, which `note` writes down."""
    answer = ask(question_of(needed, number, step), ANSWERS, TIMEOUT_S, True)
    note("done_by_hand", step, device=needed.device, request=needed.request, answer=answer)
    return answer


def declare(needed: OperatorNeeded, answer: str | None) -> None:
    """Declare something done if a person has said so. Raises `SequenceError` otherwise."""
    if answer != DONE:
        raise not_done(needed, answer) from needed
    needed.confirm()


def not_done(needed: OperatorNeeded, answer: str | None) -> SequenceError:
    """Return what to say if it was not done."""
    why = f"nobody has answered for {TIMEOUT_S / 60:g} min" if answer is None else f"the answer was {answer!r}"
    return SequenceError(f"{needed}; {why}, so it was not done")
