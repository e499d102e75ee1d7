"""The blocks of a point that was interrupted: its pulses are counted on, and the interruption is marked."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from drivers.interfaces.photons import Gap, PhotonBlock

JUDGE_TIMEOUT_S = 2.0
"""Longest wait of a reader to hear whether the light went off."""

LIGHT_WENT_OFF = "the light was switched off for a pause during this block"
LIGHT_FAILED = "the light was switched off after an error, before or during this block"


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of a point begins.

    Attributes
    ----------
    first_pulse : int
        First pulse of the part in the count of the point: 0 for the first part, else the end of the
        part before + 1. The pulse between stands for the interruption, which takes no pulses.
    interruption : str
        What lies before the part, e.g. ``paused for 312 s``.

    Raises
    ------
    ValueError
        If `first_pulse` is negative, or an interrupted point does not say why.
    """

    first_pulse: int = 0
    interruption: str = ""

    def __post_init__(self) -> None:
        if self.first_pulse < 0:
            raise ValueError(f"first_pulse is {self.first_pulse}; 0, or the end of the part before + 1, is allowed")
        if self.first_pulse and not self.interruption:
            raise ValueError(
                f"a part that starts at pulse {self.first_pulse} needs a reason for its interruption, e.g. 'paused'"
            )

    @property
    def start(self) -> int:
        """First pulse that the blocks of the part cover, the marked one before `first_pulse` included."""
        return max(self.first_pulse - 1, 0)

    def placed(self, block: PhotonBlock, *, first: bool) -> PhotonBlock:
        """Return a block of the detector, which counts from 0, as one of the point.

        The `first` block of a continued part also covers the pulse of the interruption, as a gap.
        """
        if not self.first_pulse:
            return block
        if not first:
            return shifted(block, self.first_pulse)
        return shifted(
            block, self.first_pulse, Gap(self.start, block.first_pulse + self.first_pulse, self.interruption)
        )


def shifted(block: PhotonBlock, by: int, gap: Gap | None = None) -> PhotonBlock:
    """Return a block with all its pulses `by` later.

    Parameters
    ----------
    block : PhotonBlock
    by : int
        Number of pulses.
    gap : Gap, optional
        A gap, in pulses of the result, that is put before the block; the block then covers it, too.
        It must end where the block starts.

    Raises
    ------
    ValueError
        If the gap does not end where the shifted block starts.
    """
    first = block.first_pulse + by
    if gap is not None:
        if gap.end_pulse != first:
            raise ValueError(f"the gap ends at pulse {gap.end_pulse}, but the block starts at {first}")
        first = gap.first_pulse
    gaps = tuple(Gap(old.first_pulse + by, old.end_pulse + by, old.reason) for old in block.gaps)
    if gap is not None:
        gaps = (gap, *gaps)
    return PhotonBlock(block.pulse + by, block.pixel, block.delay_ps, first, block.end_pulse + by, gaps)


def without_light(block: PhotonBlock, why: str = LIGHT_WENT_OFF) -> PhotonBlock:
    """Return a block during which the light went off: its photons are kept, and one gap covers all its pulses."""
    others = "; ".join(dict.fromkeys(gap.reason for gap in block.gaps))
    reason = f"{why}; {others}" if others else why
    gap = Gap(block.first_pulse, block.end_pulse, reason)
    return PhotonBlock(block.pulse, block.pixel, block.delay_ps, block.first_pulse, block.end_pulse, (gap,))


def dark_pulses(block: PhotonBlock) -> int:
    """Return how many pulses of a block, as it was recorded, do not count because the light went off."""
    dark = (gap for gap in block.gaps if gap.reason.startswith((LIGHT_WENT_OFF, LIGHT_FAILED)))
    return sum(gap.end_pulse - gap.first_pulse for gap in dark)


class LightSwitch:
    """Whether, and why, the light was switched off before a block was delivered.

    A reader that asks after the end was asked for waits until it is known: the block in its hands
    may hold the moment of darkness.

    Parameters
    ----------
    stop : Event
        Set when someone asks for the end, before the light goes off.
    judged : bool
        Whether nobody will say if it goes off.
    """

    def __init__(self, stop: threading.Event, *, judged: bool) -> None:
        self._stop = stop
        self._off = self._failed = False
        self._judged = threading.Event()
        if judged:
            self._judged.set()

    def switch(self, on_stop: Callable[[], bool]) -> None:
        """Let `on_stop` switch; what it raises is passed on, and the light then counts as switched off."""
        try:
            self._off = True
            self._off = on_stop()
        finally:
            self._judged.set()

    def fail(self) -> None:
        """Take note that the light is about to be switched off because of an error; nobody waits any more."""
        self._failed = True
        self._judged.set()

    @property
    def went_off(self) -> str:
        """Why the light was switched off, or empty; unknown for too long counts as switched off for a pause."""
        if self._stop.is_set() and (not self._judged.wait(JUDGE_TIMEOUT_S) or self._off):
            return LIGHT_WENT_OFF
        return LIGHT_FAILED if self._failed else ""
