"""Goals that end an acquisition before its time is over."""

from dataclasses import dataclass

from acquisition.streaming.types import LiveSnapshot


@dataclass(frozen=True, slots=True)
class CascadeGoal:
    """Enough pulses with exactly two photons.

    Attributes
    ----------
    count : int
        Cascades that are wanted, at least 1.

    Raises
    ------
    ValueError
        If `count` is less than 1.
    """

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"a goal of {self.count} cascades; at least 1 is needed")

    def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
        """Return in words that enough cascades were seen, else None."""
        if snapshot.cascades < self.count:
            return None
        return f"{snapshot.cascades} cascades, {self.count} wanted, after {elapsed_s:.4g} s"
