"""The key ``suspend`` of a sequence: what must be so while it runs; otherwise the run pauses by itself."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from acquisition.config import CelsiusDifference, ConfigModel, CountsPerSecond, Percent, Seconds, quantity
from acquisition.sequence.steps.base import MAX_DURATION_S, Duration

Bytes = Annotated[float, quantity("byte", "an amount of data", "2 GB", "bytes")]
Debounce = Annotated[Seconds, Field(ge=0, le=MAX_DURATION_S)]


class ConditionModel(ConfigModel):
    """What all conditions have in common.

    Attributes
    ----------
    enabled : bool
        False switches the condition off; needed for those that are watched without being named.
    during_s : float
        How long it must be wrong without a break before the run is suspended, in s.
    then : str
        What follows if the run cannot go on: ``stop`` it (what is recorded is kept, the cleanup is done),
        ``abort`` it, or ``wait``: it stays paused until a person decides.
    """

    enabled: bool = True
    during_s: Debounce = 2.0
    then: Literal["stop", "abort", "wait"] = "stop"


class ReadableCondition(ConditionModel):
    """A condition that can also be judged without light on the sample, so that the run goes on when all is well.

    Attributes
    ----------
    resume_after_s : float
        How long all must be well again without a break, within a tighter bound, before the run goes on, in s.
    give_up_after_s : float
        After so long a suspension, in s, follows what `then` says; without meaning for ``wait``.
    """

    resume_after_s: Duration = 10.0
    give_up_after_s: Duration = 3600.0


class LaserRate(ReadableCondition):
    """The repetition rate that the laser reads back is the one that the sequence has set.

    Attributes
    ----------
    tolerance_percent : float
        Largest difference, in percent of the rate; half of it is allowed for going on.
    """

    kind: Literal["laser_rate"] = "laser_rate"
    tolerance_percent: Annotated[Percent, Field(gt=0, le=100)] = 0.1


class Interlock(ReadableCondition):
    """While the sequence wants light, the interlock of the laser is closed and the laser says that it emits."""

    kind: Literal["interlock"] = "interlock"
    during_s: Debounce = 0.0


class CountRate(ConditionModel):
    """While light falls on the sample and a point is recorded, the count rate does not collapse.

    In the dark nobody can tell, so the run goes on after a while to look again, a few times.

    Attributes
    ----------
    below_share_percent : float or None
        Wrong below this share of the reference, in percent; half as much again counts as well.
    below_cps : float or None
        Wrong below this rate: the emitter has bleached or is lost.
    reference_s : float
        The reference is the mean rate of the first seconds of each point.
    background_cps : float or None
        Counts per second that are there without the emitter, taken off before anything is compared; None:
        what the detector reports as its dark rate, if it does.
    retry_after_s : float
        Time in the dark before the run looks again, in s.
    retries : int
        How often it looks again before it gives up; counted anew once the rate has been well for `during_s`.
    """

    kind: Literal["count_rate"] = "count_rate"
    during_s: Debounce = 10.0
    below_share_percent: Annotated[Percent, Field(gt=0, lt=100)] | None = None
    below_cps: Annotated[CountsPerSecond, Field(gt=0)] | None = None
    reference_s: Duration = 10.0
    background_cps: Annotated[CountsPerSecond, Field(ge=0)] | None = None
    retry_after_s: Duration = 60.0
    retries: Annotated[int, Field(ge=0, le=1000)] = 3

    @model_validator(mode="after")
    def _compares_with_something(self) -> Self:
        if self.enabled and self.below_share_percent is None and self.below_cps is None:
            raise ValueError("compares with nothing; give below_share (20 %), below (2 kcps) or both")
        return self


class Temperature(ReadableCondition):
    """Once it has settled, the substrate stays near its setpoint, and the heater has no alarm and keeps heating.

    It is not judged while it is meant to change, i.e. during the steps that set, ramp and wait for it; an alarm
    of the heater always is. Alarm and heating are watched, without a band, where the sequence does not name it.

    Attributes
    ----------
    band_c : float
        Largest distance from the setpoint in degrees; half of it is allowed for going on. The temperature
        has settled when it has been within that half for `resume_after_s`.
    """

    kind: Literal["temperature"] = "temperature"
    during_s: Debounce = 10.0
    resume_after_s: Duration = 30.0
    band_c: Annotated[CelsiusDifference, Field(gt=0)] = 0.5


class Disk(ReadableCondition):
    """There is room on the disk for what is recorded.

    Attributes
    ----------
    free_bytes : float
        Wrong if less is free, unless the rest of the run needs less; a quarter more is asked for going on.
    """

    kind: Literal["disk"] = "disk"
    during_s: Debounce = 5.0
    free_bytes: Annotated[Bytes, Field(gt=0)] = 2e9


SuspendCondition: TypeAlias = Annotated[
    LaserRate | Interlock | CountRate | Temperature | Disk, Field(discriminator="kind")
]
"""What may stand in the list ``suspend`` of a sequence."""

NO_BAND_C = 1e6
"""No distance from a setpoint is as large: alarm and heating are watched only."""

ALWAYS: tuple[SuspendCondition, ...] = (Interlock(), LaserRate(), Temperature(band_c=NO_BAND_C, during_s=2.0), Disk())
"""What is watched unless the sequence says otherwise; ``{kind: disk, enabled: false}`` switches one off."""


def one_of_each(conditions: tuple[SuspendCondition, ...]) -> tuple[SuspendCondition, ...]:
    """Return the conditions; raises `ValueError` if two are of one kind."""
    kinds = [condition.kind for condition in conditions]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise ValueError(f"holds {kinds.count(kind)} conditions of the kind {kind}; write one of each kind")
    return conditions


def watched(conditions: Iterable[SuspendCondition]) -> tuple[SuspendCondition, ...]:
    """Return what is watched: what the sequence says, and what is watched always; nothing that is switched off."""
    said = {condition.kind: condition for condition in conditions}
    together = {condition.kind: condition for condition in ALWAYS} | said
    return tuple(condition for condition in together.values() if condition.enabled)
