"""Judges of what can be read at any time: laser rate, interlock, disk."""

from collections.abc import Callable

from acquisition.sequence.watch.conditions import Disk, LaserRate
from acquisition.sequence.watch.look import Look
from acquisition.sequence.watch.trigger import Finding, Grade, graded

TIGHTER = 0.5
"""Share of a bound that is allowed for going on."""
MORE_FREE = 1.25
"""How much more of the disk must be free for going on."""
REST_MARGIN = 2.0
"""How much more than the rest of the run is expected to need is kept free."""
LEAST_FREE_BYTES = 100e6

DARK = "the laser says that it does not emit, though emission was switched on"
LOOK_AND_RESUME = (
    "nothing reads its interlock, so that a person may have taken the light off: look at the laser, then resume the "
    "run, which does not go on by itself"
)


class LaserRateJudge:
    """Compares the repetition rate that the laser reads back with the one that the sequence has set."""

    def __init__(self, condition: LaserRate) -> None:
        self._tolerance_percent = condition.tolerance_percent

    def judge(self, look: Look) -> Finding | None:
        """Return what is found; None before a rate was set."""
        set_hz = look.moment.setup.repetition_rate_hz
        if set_hz is None:
            return None
        found_hz = look.laser.repetition_rate_hz
        off_percent = 100 * abs(found_hz - set_hz) / set_hz
        grade = graded(off_percent, self._tolerance_percent, TIGHTER * self._tolerance_percent)
        return Finding(
            grade,
            f"the laser reads back {found_hz / 1e6:.7g} MHz where {set_hz / 1e6:.7g} MHz are set "
            f"({off_percent:.2g} % off, {self._tolerance_percent:g} % are tolerated)",
        )


class InterlockJudge:
    """Reads the interlock and, while the run goes on, whether the laser emits.

    Where nobody reads the interlock, as it is declared, light that went off may have been taken off by a person at
    the laser: then the run does not go on before a person resumes it.
    """

    def __init__(self) -> None:
        self._perhaps_by_hand = False

    def judge(self, look: Look) -> Finding | None:
        """Return what is found; None while the sequence wants no emission."""
        if look.moment.setup.emission is not True:
            return None
        if not look.laser.interlock_closed:
            return Finding(Grade.BAD, "the interlock of the laser is open")
        is_declared = "interlock_closed" in look.rig.laser.declared
        if not look.suspended:
            dark = not look.laser.emission
            self._perhaps_by_hand = dark and is_declared
            if dark:
                return Finding(Grade.BAD, f"{DARK}; {LOOK_AND_RESUME}" if is_declared else DARK)
        elif self._perhaps_by_hand:
            return Finding(Grade.BAD, f"{DARK}; {LOOK_AND_RESUME}")
        state = "declared as closed (nothing reads it)" if is_declared else "closed"
        return Finding(Grade.GOOD, f"the interlock of the laser is {state}")


class DiskJudge:
    """Compares what is free on the disk with what must be.

    Parameters
    ----------
    condition : Disk
        Of the sequence.
    free_bytes : callable
        Returns what is free; raises `OSError`.
    rest_bytes : callable
        Takes the highest count rate of the run in counts/s, and returns what the rest of the run needs; None if
        that is not known.
    """

    def __init__(
        self, condition: Disk, free_bytes: Callable[[], float], rest_bytes: Callable[[float], float | None]
    ) -> None:
        self._wanted_bytes = condition.free_bytes
        self._free_bytes, self._rest_bytes = free_bytes, rest_bytes
        self._highest_cps = 0.0

    def judge(self, look: Look) -> Finding:
        """Return what is found."""
        self._highest_cps = max(self._highest_cps, look.moment.count_rate_cps or 0.0)
        wanted, free = self._wanted_now(), self._free_bytes()
        grade = Grade.BAD if free < wanted else Grade.FAIR if free < MORE_FREE * wanted else Grade.GOOD
        return Finding(grade, f"{free / 1e9:.3g} GB are free on the disk, where {wanted / 1e9:.3g} GB are needed")

    def _wanted_now(self) -> float:
        rest = self._rest_bytes(self._highest_cps) if self._highest_cps > 0 else None
        if rest is None:
            return self._wanted_bytes
        return min(self._wanted_bytes, max(LEAST_FREE_BYTES, REST_MARGIN * rest))
