"""How long steps take that are known in advance."""

from collections.abc import Iterable, Sequence

from acquisition.sequence.steps import (
    AcquirePhotons,
    AcquireSpectra,
    Block,
    Call,
    CountPhotons,
    HeatWithPower,
    Repeat,
    Soak,
    Step,
)

TIMED = AcquirePhotons | AcquireSpectra | CountPhotons | HeatWithPower | Soak


def planned_s(steps: Iterable[Step]) -> float | None:
    """Return the time of what says how long it takes, in s; None if what will be done is not known in advance."""
    if not isinstance(steps, Sequence):
        return None
    total_s = 0.0
    for step in steps:
        if not step.enabled:
            continue
        if isinstance(step, Repeat | Call):
            inner_s = planned_s(step.steps)
            if inner_s is None:
                return None
            total_s += inner_s
        elif isinstance(step, Block):
            return None
        else:
            total_s += own_time_s(step)
    return total_s


def own_time_s(step: Step) -> float:
    """Return the time that a plain step takes by its own settings, in s."""
    return step.duration_s if isinstance(step, TIMED) else 0.0


class Plan:
    """How long the steps of a run still take, as far as they say; what is extended counts as planned.

    Parameters
    ----------
    steps : iterable of steps
        Of the run; None is known of a generator.
    extended_s : float
        By how much its points have been extended already.
    """

    def __init__(self, steps: Iterable[Step], extended_s: float = 0.0) -> None:
        planned = planned_s(steps)
        self._done_s = 0.0
        self.planned_s = None if planned is None else planned + extended_s

    def extend(self, seconds: float) -> None:
        """Take note that a point lasts longer."""
        self.planned_s = None if self.planned_s is None else self.planned_s + seconds

    def do(self, step: Step, extended_s: float) -> None:
        """Take note that a plain step has ended which was extended by so much."""
        self._done_s += own_time_s(step) + (extended_s if isinstance(step, AcquirePhotons) else 0.0)

    def remaining_s(self, present_s: float) -> float | None:
        """Return what is still to come if the present step has lasted for `present_s`; None if that is not known."""
        return None if self.planned_s is None else max(0.0, self.planned_s - self._done_s - present_s)
