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
