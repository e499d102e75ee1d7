"""Watches the instruments while a run goes on: suspends it, lets it go on, or gives up, by the conditions."""

from collections.abc import Callable, Iterable

from acquisition.sequence.errors import SequenceError
from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.services import Moment
from acquisition.sequence.watch.conditions import (
    CountRate,
    Disk,
    Interlock,
    LaserRate,
    SuspendCondition,
    Temperature,
    watched,
)
from acquisition.sequence.watch.count_rate import CountRateJudge
from acquisition.sequence.watch.judges import DiskJudge, InterlockJudge, LaserRateJudge
from acquisition.sequence.watch.look import Look
from acquisition.sequence.watch.temperature import TemperatureJudge
from acquisition.sequence.watch.watched import Watched, WatchedAlways, WatchedInLight
from drivers.interfaces.errors import DeviceError

LOOK_INTERVAL_S = 1.0
"""Time of the rig between two looks at the instruments."""


class Watcher:
    """The `Watch` of a run that has conditions.

    An instrument that does not answer is told once, and suspends the run if it stays silent. While the run is suspended
    the other conditions are looked at, too: it goes on when none is wrong and those that have suspended it have been
    good for long enough.

    Parameters
    ----------
    rig : SequenceRig
        The instruments.
    conditions : iterable of SuspendCondition
        Those of the sequence; those that are watched always come with them.
    free_bytes : callable
        Returns what is free on the disk of the run; raises `OSError`.
    rest_bytes : callable, optional
        Takes the highest count rate of the run in counts/s, and returns what the rest of it needs on the disk; None
        if that is not known.
    warn : callable, optional
        Is told in words what cannot be watched.
    """

    def __init__(
        self,
        rig: SequenceRig,
        conditions: Iterable[SuspendCondition],
        free_bytes: Callable[[], float],
        *,
        rest_bytes: Callable[[float], float | None] = lambda rate: None,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._rig, self._warn = rig, warn
        self._watched = [_watch(condition, free_bytes, rest_bytes) for condition in watched(conditions)]
        self._looked_s: float | None = None
        self._moment: Moment | None = None
        self._suspending: list[Watched] = []

    def begin(self) -> None:
        """Do nothing; each run has its own watcher."""

    def rest(self) -> None:
        """Judge nothing while a person has paused the run, or the instruments are being set."""

    def end(self) -> None:
        """Do nothing."""

    def tick(self, moment: Moment) -> str | None:
        """Look, at most once a second; return why the run must be suspended, with numbers, or None."""
        now_s = self._rig.clock.now()
        if self._suspending:  # it goes on, by itself or because a person said so
            _begin_anew(self._watched)
        elif self._looked_s is not None and now_s - self._looked_s < LOOK_INTERVAL_S:
            return None
        self._looked_s, self._moment = now_s, moment
        self._look(Look(now_s, self._rig, moment))
        self._suspending = [each for each in self._watched if each.suspends]
        if not self._suspending:
            return None
        _begin_anew(each for each in self._watched if not each.suspends)
        return "; ".join(each.reason(now_s) for each in self._suspending)

    def bad_for_s(self) -> float:
        """Return for how long what suspends the run may have been wrong when that was found.

        The looks do not say when it began between two of them, so one interval is added.
        """
        found_s = self._looked_s
        if found_s is None or not self._suspending:
            return 0.0
        return LOOK_INTERVAL_S + max(each.bad_for_s(found_s) for each in self._suspending)

    def may_resume(self) -> str | None:
        """Look; return why the run may go on, with numbers, or None."""
        if self._moment is None or not self._suspending:
            return None
        now_s = self._rig.clock.now()
        self._look(Look(now_s, self._rig, self._moment, suspended=True))
        if not all(each.allows(now_s) for each in self._watched):
            return None
        return "; ".join(each.goes_on() for each in self._suspending)

    def gives_up(self) -> tuple[str, str] | None:
        """Return what is to follow, and why, if what is wrong has been so for too long."""
        now_s = self._rig.clock.now()
        found = (each.gives_up(now_s) for each in self._watched)
        return next((given_up for given_up in found if given_up is not None), None)

    def _look(self, look: Look) -> None:
        for each in self._watched:
            told = each.unreadable
            try:
                each.see(look)
            except (DeviceError, OSError) as error:
                if not told:
                    self._warn(f"{each.condition.kind} cannot be watched now: {error}")


def check_conditions(conditions: Iterable[SuspendCondition], rig: SequenceRig) -> None:
    """Raise `SequenceError` if a condition needs an instrument that the rig does not have."""
    if rig.heater is None and any(isinstance(each, Temperature) and each.enabled for each in conditions):
        raise SequenceError("suspend: this rig has no heater, which the condition temperature needs; leave it out")


def _begin_anew(conditions: Iterable[Watched]) -> None:
    for each in conditions:
        each.reset()


def _watch(
    condition: SuspendCondition, free_bytes: Callable[[], float], rest_bytes: Callable[[float], float | None]
) -> Watched:
    match condition:
        case LaserRate():
            return WatchedAlways(condition, LaserRateJudge(condition))
        case Interlock():
            return WatchedAlways(condition, InterlockJudge())
        case Temperature():
            return WatchedAlways(condition, TemperatureJudge(condition))
        case Disk():
            return WatchedAlways(condition, DiskJudge(condition, free_bytes, rest_bytes))
        case CountRate():
            return WatchedInLight(condition, CountRateJudge(condition))
