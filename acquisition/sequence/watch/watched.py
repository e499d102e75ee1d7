"""A condition while it is watched: what was found, whether it suspends the run, lets it go on or gives up."""

from abc import ABC, abstractmethod
from typing import TypeAlias

from acquisition.sequence.watch.conditions import (
    CountRate,
    Disk,
    Interlock,
    LaserRate,
    SuspendCondition,
    Temperature,
)
from acquisition.sequence.watch.look import Judge, Look
from acquisition.sequence.watch.trigger import Finding, Grade, Trigger
from drivers.interfaces.errors import DeviceError

Readable: TypeAlias = LaserRate | Interlock | Temperature | Disk
"""Conditions that can be judged without light as well."""

UNREADABLE_S = 30.0
"""What cannot be read for longer, in time of the rig, counts as wrong."""
LASER_UNREADABLE_S = 10.0
"""The same for the laser, whose light may be on."""


class Watched(ABC):
    """One condition of a run.

    Parameters
    ----------
    condition : SuspendCondition
        Of the sequence.
    judge : Judge
        Of its kind.
    trigger : Trigger
        With its times.
    """

    unreadable_s: float | None = UNREADABLE_S
    """For how long it may be unreadable before that counts as wrong; None: for ever."""

    def __init__(self, condition: SuspendCondition, judge: Judge, trigger: Trigger) -> None:
        self.condition, self._judge, self._trigger = condition, judge, trigger
        self._finding: Finding | None = None
        self._unreadable_since_s: float | None = None

    @property
    def unreadable(self) -> bool:
        """Whether what it needs to know could not be read last time."""
        return self._unreadable_since_s is not None

    def see(self, look: Look) -> None:
        """Look. Raises `DeviceError` or `OSError` if that cannot be done, which counts as wrong after a while."""
        try:
            found = self._judge.judge(look)
        except (DeviceError, OSError) as error:
            self._take_unreadable(look, error)
            raise
        self._unreadable_since_s = None
        self._take(look, found)

    def reset(self) -> None:
        """Begin anew, after a suspension."""
        self._trigger.reset()
        self._unreadable_since_s = None

    def _take(self, look: Look, found: Finding | None) -> None:
        self._trigger.see(look.now_s, None if found is None else found.grade)
        self._finding = found or self._finding

    def _take_unreadable(self, look: Look, error: DeviceError | OSError) -> None:
        """Judge a silence: nothing changes before it is too long, but what is not read is not good either."""
        if self._unreadable_since_s is None:
            self._unreadable_since_s = look.now_s
        silent_s = look.now_s - self._unreadable_since_s
        if self.unreadable_s is not None and silent_s >= self.unreadable_s:
            text = f"{self.condition.kind} cannot be watched for {silent_s:.0f} s: {error}"
            self._take(look, Finding(Grade.BAD, text))
        elif look.suspended:
            self._trigger.see(look.now_s, None)

    @property
    def suspends(self) -> bool:
        """Whether it has been wrong for too long and not good for long enough since."""
        return self._trigger.tripped_s is not None

    @property
    def text(self) -> str:
        """What was found last, with numbers."""
        return self.condition.kind if self._finding is None else self._finding.text

    def reason(self, now_s: float) -> str:
        """Return why it suspends the run, with numbers."""
        bad_s = self._trigger.bad_for_s(now_s)
        return f"{self.text}, for {bad_s:.3g} s" if bad_s > 0 else self.text

    def bad_for_s(self, now_s: float) -> float:
        """Return for how long it has been found wrong."""
        return self._trigger.bad_for_s(now_s)

    def gives_up(self, now_s: float) -> tuple[str, str] | None:
        """Return what is to follow, and why, if there is no more waiting for it."""
        if self._trigger.tripped_s is None or self.condition.then == "wait":
            return None
        why = self._given_up(now_s - self._trigger.tripped_s)
        return None if why is None else (self.condition.then, f"{self.text}; {why}")

    @abstractmethod
    def allows(self, now_s: float) -> bool:
        """Return whether it lets a suspended run go on now."""

    @abstractmethod
    def goes_on(self) -> str:
        """Return why the run that it has suspended goes on, with numbers."""

    @abstractmethod
    def _given_up(self, suspended_s: float) -> str | None:
        """Return why there is no more waiting after so long a suspension, or None."""


class WatchedAlways(Watched):
    """What can be read without light as well."""

    condition: Readable

    def __init__(self, condition: Readable, judge: Judge) -> None:
        super().__init__(condition, judge, Trigger(condition.during_s, condition.resume_after_s))
        if isinstance(condition, LaserRate | Interlock):
            self.unreadable_s = LASER_UNREADABLE_S

    def allows(self, now_s: float) -> bool:
        """Return whether it is read, not wrong now and, if it has suspended the run, has been good for long enough."""
        return not (self.suspends or self.unreadable or self._trigger.is_bad)

    def goes_on(self) -> str:
        """Return what is good."""
        return f"{self.text}, for {self.condition.resume_after_s:g} s"

    def _given_up(self, suspended_s: float) -> str | None:
        if suspended_s < self.condition.give_up_after_s:
            return None
        return f"the run was suspended for {suspended_s:.4g} s, and {self.condition.give_up_after_s:g} s are allowed"


class WatchedInLight(Watched):
    """The count rate: in the dark it cannot be judged, so that the run goes on after a while to look again."""

    condition: CountRate
    unreadable_s = None  # the stream tells what is wrong with the detector

    def __init__(self, condition: CountRate, judge: Judge) -> None:
        super().__init__(condition, judge, Trigger(condition.during_s, condition.retry_after_s))
        self._looked_again = 0
        self._well_s: float | None = None

    def see(self, look: Look) -> None:
        """Look, but not in the dark; a rate that has been well for long enough may be looked at again as often."""
        if look.suspended:
            return
        super().see(look)
        if self._finding is None or self._finding.grade is not Grade.GOOD:
            self._well_s = None
        elif self._well_s is None:
            self._well_s = look.now_s
        elif look.now_s - self._well_s >= self.condition.during_s:
            self._looked_again = 0

    def allows(self, now_s: float) -> bool:
        """Return whether it is time to look again."""
        since_s = self._trigger.tripped_s
        if since_s is None:
            return True
        return self._looked_again < self.condition.retries and now_s - since_s >= self.condition.retry_after_s

    def goes_on(self) -> str:
        """Return that it is looked at again, and count."""
        self._looked_again += 1
        waited_s = self.condition.retry_after_s
        return (
            f"after {waited_s:g} s the count rate is looked at again ({self._looked_again} of {self.condition.retries})"
        )

    def _given_up(self, suspended_s: float) -> str | None:
        if self._looked_again < self.condition.retries:
            return None
        return f"to look again {self.condition.retries} times, which are allowed, has not helped"
