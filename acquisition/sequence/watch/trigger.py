"""When a reading that is wrong suspends a run, and when one that is good lets it go on: debounce and hysteresis."""

from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """How a reading is judged.

    `FAIR` lies between the two bounds: not wrong enough to suspend, not good enough to go on.
    """

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """A grade, and what was read, in words with numbers."""

    grade: Grade
    text: str


def graded(off: float, bound: float, tighter: float) -> Grade:
    """Return `BAD` beyond `bound`, `GOOD` up to `tighter`, else `FAIR`; what is not a number is bad."""
    if not off <= bound:
        return Grade.BAD
    return Grade.GOOD if off <= tighter else Grade.FAIR


class Trigger:
    """Trips when it was `BAD` for `during_s` without a break, and releases when it was `GOOD` for `resume_after_s`.

    So two trips are at least `during_s` + `resume_after_s` apart, whatever the readings do.

    Parameters
    ----------
    during_s, resume_after_s : float
        In s; 0 means at once.
    """

    def __init__(self, during_s: float, resume_after_s: float) -> None:
        self._during_s, self._resume_after_s = during_s, resume_after_s
        self.tripped_s: float | None = None
        self._bad_s: float | None = None
        self._good_s: float | None = None

    @property
    def is_bad(self) -> bool:
        """Whether the last reading was bad."""
        return self._bad_s is not None

    def bad_for_s(self, now_s: float) -> float:
        """Return how long the readings have been bad without a break."""
        return 0.0 if self._bad_s is None else now_s - self._bad_s

    def reset(self) -> None:
        """Forget everything."""
        self.tripped_s = self._bad_s = self._good_s = None

    def see(self, now_s: float, grade: Grade | None) -> None:
        """Take a reading; None if it cannot be judged now, which breaks every series."""
        self._bad_s = (now_s if self._bad_s is None else self._bad_s) if grade is Grade.BAD else None
        self._good_s = (now_s if self._good_s is None else self._good_s) if grade is Grade.GOOD else None
        if self.tripped_s is not None:
            if self._good_s is not None and now_s - self._good_s >= self._resume_after_s:
                self.tripped_s = None
        elif self._bad_s is not None and now_s - self._bad_s >= self._during_s:
            self.tripped_s = now_s
