"""Keeps the clocks of the two chips together: both tag the same dwell markers, and one clock sometimes jumps."""

from collections import deque
from dataclasses import dataclass

from drivers.spad_array.record_kinds import MASTER, SLAVE

PAIR_WINDOW_PS = 5_000_000
"""Markers of the two chips this near to each other are the same; markers come at most every ms."""

JUMP_PS = 10_000
"""Markers that differ by more mean that a clock has jumped; jumps are about 100 ns, the jitter is 0.1 ns."""

NEAR_A_TICK_PS = 5_000
"""A jump this near to whole ticks of the internal clock is taken for whole ticks."""

LONGEST_WAIT_PS = 500_000_000_000
"""Photons wait this long for the pair of markers after them; then they go unchecked."""

PATIENCE_PS = 2_000_000_000_000
"""A marker waits this long for its like on the other chip, whose records may come later."""

MOST_ALONE = 50
"""So many markers in a row without their like mean that the clocks do not agree."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump of the master's clock against the slave's.

    Attributes
    ----------
    by_ps : int
        To be subtracted from times of the master from here on, besides what was before.
    after_ps : int
        Last time at which the clocks were seen to agree, on the slave's clock; 0 if never.
    until_ps : int
        First time at which the jump is seen, on the slave's clock.
    """

    by_ps: int
    after_ps: int
    until_ps: int


class ChipClocks:
    """Pairs the dwell markers of the two chips of one stream.

    Parameters
    ----------
    tick_ps : int
        Tick of the unit's internal clock: jumps are whole ticks of it, as far as is known.
    """

    def __init__(self, tick_ps: int) -> None:
        self._tick_ps = tick_ps
        self._waiting: tuple[deque[int], deque[int]] = (deque(), deque())
        self._alone = 0
        self._deviations_ps = 0
        self.pairs = 0
        self.jumps = 0
        self.agreed_ps: int | None = None

    @property
    def agree(self) -> bool:
        """Whether there is no sign that the clocks have lost each other."""
        return self._alone <= MOST_ALONE

    @property
    def mean_deviation_ps(self) -> float | None:
        """Mean time of the master's markers after the slave's, after all corrections; None without markers."""
        return self._deviations_ps / self.pairs if self.pairs else None

    def marker(self, chip: int, time_ps: int) -> Jump | None:
        """Take a dwell marker, its time corrected by what is known; return a jump if it shows one.

        Times that are given later must be corrected by the jump.
        """
        self._waiting[chip].append(time_ps)
        slave, master = self._waiting[SLAVE], self._waiting[MASTER]
        while slave and master:
            apart = master[0] - slave[0]
            if abs(apart) <= PAIR_WINDOW_PS:
                master.popleft()
                return self._pair(apart, slave.popleft())
            (slave if apart > 0 else master).popleft()
            self._alone += 1
            if not self._waiting[chip]:
                return None
        while time_ps - self._waiting[chip][0] > PATIENCE_PS:
            self._waiting[chip].popleft()
            self._alone += 1
        return None

    def settled_ps(self, reached_ps: int) -> int:
        """Return up to when times are certain, of all that have come up to `reached_ps`."""
        agreed_ps = 0 if self.agreed_ps is None else self.agreed_ps
        return reached_ps if reached_ps - agreed_ps > LONGEST_WAIT_PS else min(reached_ps, agreed_ps)

    def _pair(self, apart_ps: int, at_ps: int) -> Jump | None:
        before_ps, self.agreed_ps, self._alone = self.agreed_ps, at_ps, 0
        self.pairs += 1
        jump = None
        if abs(apart_ps) > JUMP_PS:
            ticks_ps = round(apart_ps / self._tick_ps) * self._tick_ps
            by_ps = ticks_ps if ticks_ps and abs(apart_ps - ticks_ps) <= NEAR_A_TICK_PS else apart_ps
            self.jumps += 1
            jump = Jump(by_ps, 0 if before_ps is None else before_ps, at_ps)
            later = [time_ps - by_ps for time_ps in self._waiting[MASTER]]
            self._waiting[MASTER].clear()
            self._waiting[MASTER].extend(later)
            apart_ps -= by_ps
        self._deviations_ps += apart_ps
        return jump
