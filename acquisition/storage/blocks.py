"""Cutting photon blocks: smaller ones from large ones, and whole ones from columns read piece by piece."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import Gap, PhotonBlock

MAX_PHOTONS = 2**20
"""Photons of a block that storage yields; a pulse is never split, so one full pulse more at most."""


def empty_block(first_pulse: int, end_pulse: int, gaps: tuple[Gap, ...] = ()) -> PhotonBlock:
    """Return a block without photons."""
    return PhotonBlock(
        np.empty(0, np.int64), np.empty(0, np.uint16), np.empty(0, np.uint32), first_pulse, end_pulse, gaps
    )


def clip_gaps(gaps: Iterable[Gap], first_pulse: int, end_pulse: int) -> tuple[Gap, ...]:
    """Return the parts of the gaps that lie in [first_pulse, end_pulse); one without length counts where it starts."""
    return tuple(
        Gap(max(gap.first_pulse, first_pulse), min(gap.end_pulse, end_pulse), gap.reason)
        for gap in gaps
        if gap.first_pulse < end_pulse and (gap.end_pulse > first_pulse or gap.first_pulse >= first_pulse)
    )


def join_gaps(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Join gaps of the same reason that touch, e.g. those that were cut at the border of a block."""
    joined: list[Gap] = []
    for gap in gaps:
        last = joined[-1] if joined else None
        if last and last.reason == gap.reason and gap.first_pulse <= last.end_pulse:
            joined[-1] = Gap(last.first_pulse, max(last.end_pulse, gap.end_pulse), gap.reason)
        else:
            joined.append(gap)
    return tuple(joined)


def split_block(block: PhotonBlock, max_pulses: int, max_photons: int = MAX_PHOTONS) -> Iterator[PhotonBlock]:
    """Yield a block in pieces of at most `max_pulses` pulses and about `max_photons` photons, pulses kept whole."""
    start, first = 0, block.first_pulse
    while first < block.end_pulse:
        end = min(block.end_pulse, first + max_pulses)
        if start + max_photons < len(block):
            next_pulse = int(block.pulse[start + max_photons])
            end = min(end, next_pulse if next_pulse > block.pulse[start] else next_pulse + 1)
        stop = int(np.searchsorted(block.pulse, end))
        part = slice(start, stop)
        gaps = clip_gaps(block.gaps, first, end)
        yield PhotonBlock(block.pulse[part], block.pixel[part], block.delay_ps[part], first, end, gaps)
        start, first = stop, end


class BlockCutter:
    """Makes photon blocks from columns that come in pieces: each starts where the last ended, no pulse is split."""

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self._gaps = tuple(gaps)
        self._first_pulse = 0
        self._pulse = np.empty(0, np.int64)
        self._pixel = np.empty(0, np.uint16)
        self._delay_ps = np.empty(0, np.uint32)

    def add(
        self, pulse: NDArray[np.int64], pixel: NDArray[np.uint16], delay_ps: NDArray[np.uint32]
    ) -> PhotonBlock | None:
        """Take the next photons, ascending in pulse; return the block of all pulses that are complete, if any.

        Raises
        ------
        ValueError
            If a single pulse has more photons than a block may have: then these are no pulses.
        """
        self._pulse = np.concatenate((self._pulse, pulse))
        self._pixel = np.concatenate((self._pixel, pixel))
        self._delay_ps = np.concatenate((self._delay_ps, delay_ps))
        if not len(self._pulse):
            return None
        last = int(self._pulse[-1])
        stop = int(np.searchsorted(self._pulse, last))
        if len(self._pulse) - stop > MAX_PHOTONS:
            raise ValueError(f"pulse {last} has more than {MAX_PHOTONS} photons")
        return self._emit(stop, last) if stop else None

    def finish(self, end_pulse: int) -> PhotonBlock | None:
        """Return the rest up to `end_pulse` with what is known of the end, or None if nothing is left to cover."""
        at_the_end = tuple(gap for gap in self._gaps if gap.first_pulse == gap.end_pulse == end_pulse)
        if end_pulse <= self._first_pulse and not at_the_end:
            return None
        return self._emit(len(self._pulse), end_pulse, at_the_end)

    def _emit(self, stop: int, end_pulse: int, more_gaps: tuple[Gap, ...] = ()) -> PhotonBlock:
        gaps = clip_gaps(self._gaps, self._first_pulse, end_pulse) + more_gaps
        block = PhotonBlock(
            self._pulse[:stop], self._pixel[:stop], self._delay_ps[:stop], self._first_pulse, end_pulse, gaps
        )
        self._first_pulse = end_pulse
        self._pulse, self._pixel, self._delay_ps = self._pulse[stop:], self._pixel[stop:], self._delay_ps[stop:]
        return block


def virtual_pulses(time_ps: NDArray[np.int64], period_ps: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Split absolute times of a stream without pulses into virtual pulse and delay (uint32, ps)."""
    pulse = time_ps // period_ps
    return pulse, (time_ps - pulse * period_ps).astype(np.uint32)
