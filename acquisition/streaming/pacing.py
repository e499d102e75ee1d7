"""A photon stream for a display: cut into short blocks, and not faster than the time of the wall."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import pairwise
from typing import Protocol

import numpy as np

from drivers.interfaces.photons import Gap, PhotonBlock

PIECE_S = 0.05
MOST_BEHIND_S = 0.5
"""How much of what it is late a stream may make up for; it is never ahead."""


class PhotonSource(Protocol):
    """What photons come from: a SPAD array, or something that passes them on."""

    @property
    def name(self) -> str:
        """For messages."""

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the photons of the next `duration_s` seconds in blocks."""


class PacedPhotons:
    """Passes on the photons of a detector whose time is not that of the wall.

    Parameters
    ----------
    source : PhotonSource
        The detector.
    period_s : float
        Of the pulses that its blocks count.
    now : callable
        Returns the time of the wall in s.
    sleep : callable
        Waits so many seconds of it.
    """

    def __init__(
        self,
        source: PhotonSource,
        period_s: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source, self._period_s, self._now, self._sleep = source, period_s, now, sleep

    @property
    def name(self) -> str:
        """Of the detector."""
        return self._source.name

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the photons of the next `duration_s` seconds in pieces of 50 ms, each when its time has passed."""
        pulses = max(1, round(PIECE_S / self._period_s))
        due_s = self._now()
        with closing(self._source.photons(duration_s)) as stream:
            for block in stream:
                for piece in pieces(block, pulses):
                    late_from_s = self._now() - MOST_BEHIND_S
                    due_s = max(due_s, late_from_s) + (piece.end_pulse - piece.first_pulse) * self._period_s
                    if (left_s := due_s - self._now()) > 0:
                        self._sleep(left_s)
                    yield piece


def pieces(block: PhotonBlock, pulses: int) -> Iterator[PhotonBlock]:
    """Yield a block in pieces of so many pulses, the last of which may be shorter; gaps are cut with it."""
    edges = [*range(block.first_pulse, block.end_pulse, pulses), block.end_pulse]
    cuts = np.searchsorted(block.pulse, edges)
    for index, (first, end) in enumerate(pairwise(edges)):
        part = slice(int(cuts[index]), int(cuts[index + 1]))
        gaps = tuple(
            Gap(max(gap.first_pulse, first), min(gap.end_pulse, end), gap.reason)
            for gap in block.gaps
            if gap.first_pulse < end and gap.end_pulse > first
        )
        yield PhotonBlock(block.pulse[part], block.pixel[part], block.delay_ps[part], first, end, gaps)
