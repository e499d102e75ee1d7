"""What it means when a SPAD Lambda sends nothing: no records at the end, no photons although the bias is on."""

from dataclasses import dataclass

DARK_S = 1.0
"""A biased array has dark counts, some 80 000 per second; without any photon for so long, its bias is off."""

SHORTEST_S = 1e-3
"""Silence that is shorter is never told from chance."""

MEAN_GAPS = 20
"""Silence that lasts so many mean distances of events is no chance: exp(-20)."""

NO_RECORDS = "no records until the end of the acquisition"
NO_PHOTONS = "no photons, not even dark counts: was the bias off?"


def longest_chance_s(events: int, duration_s: float, most_s: float) -> float:
    """Return how long silence at the end may last by chance, in s.

    Parameters
    ----------
    events : int
        That came at random times during the whole.
    duration_s : float
        Of the whole.
    most_s : float
        Silence of this length is no chance, however few events there were.
    """
    return min(most_s, max(SHORTEST_S, MEAN_GAPS * duration_s / max(events, 1)))


@dataclass(slots=True)
class ChipsTogether:
    """Watches that both chips tell about the same time: after a loss, one could have missed wraps of its counter.

    Chips may be sent one after the other for a while; only if the one that is behind goes on without ever coming
    near the other is it certain.

    Attributes
    ----------
    most_ps : int
        Difference that is always allowed: half of the time between two wraps.
    patience_ps : int
        How long a larger one may last.
    agree : bool
        Whether there is no sign that they do not.
    """

    most_ps: int
    patience_ps: int
    agree: bool = True
    _apart_since_ps: int | None = None

    def see(self, slave_ps: int, master_ps: int, paired_ps: int | None) -> None:
        """Take up to when each chip has sent records, and when their dwell markers were last found to be the same."""
        both_ps, since_ps = min(slave_ps, master_ps), self._apart_since_ps
        if abs(slave_ps - master_ps) <= self.most_ps:
            self._apart_since_ps = None
        elif since_ps is None or (paired_ps is not None and paired_ps > since_ps):
            self._apart_since_ps = both_ps
        elif both_ps - since_ps > self.patience_ps:
            self.agree = False
