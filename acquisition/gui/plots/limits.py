"""Limits of an axis that follow the data without jitter: they grow at once, and shrink only after a while."""

PATIENCE = 50
"""Drawings in a row that need much less room before it is taken away: two seconds at 25 in a second."""

ROOM = 0.06
GROWTH = 0.2
"""Shares of what is shown that are left free: at first, and where something has grown out of it."""

LITTLE = 0.6
"""Data that fill less of the axis than this are given a smaller one."""


class CalmRange:
    """Holds the limits of one axis."""

    def __init__(self) -> None:
        self._shown: tuple[float, float] | None = None
        self._little = 0

    def reset(self) -> None:
        """Forget what is shown; the next data get what they need."""
        self._shown, self._little = None, 0

    def fit(self, low: float, high: float, floor: float | None = None) -> tuple[float, float]:
        """Return the limits to show.

        Parameters
        ----------
        low, high : float
            Of the data, finite.
        floor : float, optional
            The lower limit stays there, unless the data go below.
        """
        low, high = _with_extent(min(low, high), max(low, high))
        if floor is not None:
            low = min(low, floor)
        held = floor is not None and low >= floor
        if self._shown is None:
            return self._take(low, high, ROOM, held)
        left, right = self._shown
        if low < left or high > right:
            room = GROWTH * (high - low)
            grown = (low - room if low < left and not held else min(left, low), high + room if high > right else right)
            return self._keep(grown)
        self._little = self._little + 1 if high - low < LITTLE * (right - left) else 0
        if self._little >= PATIENCE:
            return self._take(low, high, ROOM, held)
        return self._shown

    def _take(self, low: float, high: float, room: float, held: bool) -> tuple[float, float]:
        free = room * (high - low)
        return self._keep((low if held else low - free, high + free))

    def _keep(self, shown: tuple[float, float]) -> tuple[float, float]:
        self._shown, self._little = shown, 0
        return shown


def _with_extent(low: float, high: float) -> tuple[float, float]:
    least = 1e-9 * max(abs(low), abs(high), 1e-3)
    return (low, high) if high - low > least else (low - 0.5, high + 0.5)
