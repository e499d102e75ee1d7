"""Watches whether laser pulses come at the rate that the detector said before the stream."""

from dataclasses import dataclass

TOLERANCE = 0.01
"""Pulses that come at a rate this much off are missing, or come from something else."""

CLOCKS_TOLERANCE = 3e-4
"""By how much a whole acquisition may be longer or shorter than asked for: the rate of the laser is told in whole Hz
and kept where it changes by less than 1e-4, and lSPAD measures the duration with a clock of its own. What is missing
within this is marked as a gap; more is missing pulses."""

JUDGED_S = 1.0
"""No judgement is made over less than this time."""

AHEAD_S = 0.3
"""Counted time may be this much ahead of the wall: the stream began a little after it was asked for."""

BEHIND_S = 5.0
"""Counted time may be this much behind the wall for reasons of transport, whatever the tolerance."""

MARKERS = 300
"""Dwell markers of one judgement: one that is lost makes a third of the tolerance."""


@dataclass(slots=True)
class _Window:
    markers: int
    time_ps: int


class PulseWatch:
    """Judges the counted time of a stream, in which each laser pulse counts as one period.

    Counted time can lag behind the wall because of transport, never run ahead of it; it can be compared with the
    dwell markers, which come from another clock, without such doubt; and when the detector says that it is done
    the whole must be there.
    """

    def __init__(self) -> None:
        self._window: _Window | None = None
        self._reference: float | None = None
        self._markers = 0

    def marker(self, time_ps: int) -> float | None:
        """Take a dwell marker; return the share of the pulses that came if it is wrong, else None."""
        self._markers += 1
        if self._window is None:
            self._window = _Window(self._markers, time_ps)
            return None
        markers, counted_ps = self._markers - self._window.markers, time_ps - self._window.time_ps
        if markers < MARKERS:
            return None
        per_marker = counted_ps / markers
        self._window = _Window(self._markers, time_ps)
        if self._reference is None:
            self._reference = per_marker
            return None
        share = per_marker / self._reference if self._reference > 0 else 1.0
        return None if abs(share - 1) <= TOLERANCE else share

    def forget_markers(self) -> None:
        """Begin the comparison with dwell markers anew, because some may have been lost."""
        self._window = None

    @staticmethod
    def against_wall(counted_s: float, wall_s: float, *, up_to_date: bool) -> float | None:
        """Return the share of the pulses that came in `wall_s` if it is certainly wrong, else None.

        Too few pulses are judged only if the reader is `up_to_date`: has read all that has come.
        """
        if wall_s < JUDGED_S:
            return None
        ahead = counted_s > wall_s * (1 + TOLERANCE) + AHEAD_S
        behind = up_to_date and counted_s < wall_s * (1 - TOLERANCE) - BEHIND_S
        return counted_s / wall_s if ahead or behind else None

    @staticmethod
    def at_end(counted_s: float, duration_s: float, granularity_s: float) -> float | None:
        """Return the share of the pulses of a whole acquisition if it is wrong, else None.

        Parameters
        ----------
        counted_s : float
            Up to where records came.
        duration_s : float
            How long the detector measured.
        granularity_s : float
            Longest time between two records of a chip.
        """
        if duration_s < JUDGED_S or abs(counted_s - duration_s) <= CLOCKS_TOLERANCE * duration_s + granularity_s:
            return None
        return counted_s / duration_s
