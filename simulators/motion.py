"""Where the sample of the bench lies: at rest, or on a straight way at constant speed."""

from dataclasses import dataclass
from math import hypot
from typing import TypeAlias

Place: TypeAlias = tuple[float, float]
"""The point of the sample in the excitation spot: x and y in um."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A way from `start` to `end` (um) that begins at `begin_s` on the clock of the bench."""

    start: Place = (0.0, 0.0)
    end: Place = (0.0, 0.0)
    begin_s: float = 0.0
    speed_um_per_s: float = 1.0

    @property
    def duration_s(self) -> float:
        """How long the way takes."""
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]) / self.speed_um_per_s

    def at(self, time_s: float) -> Place:
        """Return where the sample is at `time_s`."""
        passed_s = time_s - self.begin_s
        if passed_s >= self.duration_s:
            return self.end
        share = max(0.0, passed_s / self.duration_s)
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )
