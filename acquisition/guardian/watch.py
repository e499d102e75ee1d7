"""Whether somebody who says now and then that all is well still does; time is given, so that nothing here waits."""

ARMED_SILENCE_S = 1.0
"""Longest silence while a source of light, heat or gain may be on."""
IDLE_SILENCE_S = 30.0
"""Longest silence while none can go on: a long computation may keep everything else of a program waiting."""
STALL_S = 0.5
"""Whoever looks less often than this has been kept waiting, too, and cannot blame the other."""


class Watch:
    """Judges the beats of one other process; to be looked at several times a second.

    Parameters
    ----------
    now_s : float
        Time at which it begins, on the clock of all other times.
    armed_silence_s, idle_silence_s : float
        Longest silence while a source may be on, and while none can go on.
    """

    def __init__(
        self, now_s: float, armed_silence_s: float = ARMED_SILENCE_S, idle_silence_s: float = IDLE_SILENCE_S
    ) -> None:
        self._armed_silence_s, self._idle_silence_s = armed_silence_s, idle_silence_s
        self._armed = False
        self._heard_s = self._looked_s = now_s
        self._excused = False

    @property
    def armed(self) -> bool:
        """Whether a source may be on, by the last beat."""
        return self._armed

    @property
    def longest_s(self) -> float:
        """Longest silence now, in s."""
        return self._armed_silence_s if self._armed else self._idle_silence_s

    def hear(self, now_s: float, *, armed: bool) -> None:
        """Take note of a beat."""
        self._heard_s, self._armed, self._excused = now_s, armed, False

    def look(self, now_s: float) -> float | None:
        """Return how long the silence is, in s, if it is too long; else None.

        After a stall of the looking process itself the other gets one period more, once per silence: what has
        stopped the one may have stopped both.
        """
        stalled = now_s - self._looked_s > STALL_S
        self._looked_s = now_s
        silent_s = now_s - self._heard_s
        if silent_s <= self.longest_s:
            return None
        if stalled and not self._excused:
            self._heard_s, self._excused = now_s, True
            return None
        return silent_s
