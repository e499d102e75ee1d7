"""Merges the photons of two chips, each nearly in order of time, into blocks that ascend in pulse."""

from collections.abc import Iterator

import numpy as np
from numba import njit

from drivers.interfaces.photons import Gap, PhotonBlock
from drivers.spad_array.record_kinds import MASTER, SLAVE
from drivers.spad_array.records import ChipPhotons

LATE = "photons came too late for their block"


@njit(nogil=True, cache=True)
def sort_nearly_sorted(time_ps, pixel) -> None:  # type: ignore[no-untyped-def]
    """Sort both arrays by the first, in place and stably; fast where little is out of order."""
    for i in range(1, time_ps.shape[0]):
        time, p = time_ps[i], pixel[i]
        j = i - 1
        while j >= 0 and time_ps[j] > time:
            time_ps[j + 1] = time_ps[j]
            pixel[j + 1] = pixel[j]
            j -= 1
        time_ps[j + 1] = time
        pixel[j + 1] = p


@njit(nogil=True, cache=True)
def merge_chips(time_a, pixel_a, time_b, pixel_b, period_ps, pulse, pixel, delay_ps) -> None:  # type: ignore[no-untyped-def]
    """Merge photons of two chips, each ascending and from time 0 on, into pulse, pixel and delay since the pulse."""
    a, b, end_a, end_b = 0, 0, time_a.shape[0], time_b.shape[0]
    current, start = np.int64(0), np.int64(0)
    for k in range(end_a + end_b):
        if b >= end_b or (a < end_a and time_a[a] <= time_b[b]):
            time, p = time_a[a], pixel_a[a]
            a += 1
        else:
            time, p = time_b[b], pixel_b[b]
            b += 1
        if time - start >= period_ps:
            current = time // period_ps
            start = current * period_ps
        pulse[k] = current
        pixel[k] = p
        delay_ps[k] = time - start


class _Pending:
    """Photons of one chip that have not been given out."""

    def __init__(self) -> None:
        self._pieces: list[ChipPhotons] = []

    def add(self, photons: ChipPhotons, correction_ps: int) -> None:
        """Add photons after those that are there; `correction_ps` is subtracted from their times."""
        if len(photons):
            self._pieces.append(ChipPhotons(photons.time_ps - correction_ps, photons.pixel.copy()))

    def shift(self, from_ps: int, by_ps: int) -> None:
        """Subtract `by_ps` from all times from `from_ps` on."""
        for piece in self._pieces:
            piece.time_ps[piece.time_ps >= from_ps] -= by_ps

    def drop_after(self, time_ps: int, older: int) -> int:
        """Forget those of the first `older` photons that are later than `time_ps`; return how many."""
        dropped, begin = 0, 0
        for number, piece in enumerate(self._pieces):
            keep = (piece.time_ps <= time_ps) | (np.arange(begin, begin + len(piece)) >= older)
            begin += len(piece)
            dropped += len(piece) - int(keep.sum())
            self._pieces[number] = ChipPhotons(piece.time_ps[keep], piece.pixel[keep])
        return dropped

    def take(self, end_ps: int) -> ChipPhotons:
        """Take out the photons before `end_ps`, in order of time."""
        if not self._pieces:
            return ChipPhotons(np.empty(0, np.int64), np.empty(0, np.uint16))
        time_ps = np.concatenate([piece.time_ps for piece in self._pieces])
        pixel = np.concatenate([piece.pixel for piece in self._pieces])
        sort_nearly_sorted(time_ps, pixel)
        cut = int(np.searchsorted(time_ps, end_ps))
        self._pieces = [ChipPhotons(time_ps[cut:], pixel[cut:])] if cut < len(time_ps) else []
        return ChipPhotons(time_ps[:cut], pixel[:cut])

    def __len__(self) -> int:
        return sum(len(piece) for piece in self._pieces)


class Merger:
    """Holds the photons of both chips back until they are in order, and gives them out in blocks.

    Parameters
    ----------
    period_ps : int
        Of the laser, or the virtual one.
    end_pulse : int
        Where the last block ends; photons after it are not given out.
    most_pulses : int
        Longest block.
    """

    def __init__(self, period_ps: int, end_pulse: int, most_pulses: int) -> None:
        self._period_ps, self._end_pulse, self._most = period_ps, end_pulse, most_pulses
        self._pending = (_Pending(), _Pending())
        self._gaps: list[Gap] = []
        self.next_pulse = 0
        self.late_photons = 0

    def add(self, chip: int, photons: ChipPhotons, correction_ps: int = 0) -> None:
        """Take photons of a chip, `correction_ps` late."""
        self._pending[chip].add(photons, correction_ps)

    def pending(self, chip: int) -> int:
        """Return how many photons of a chip wait."""
        return len(self._pending[chip])

    def shift_master(self, from_ps: int, by_ps: int) -> None:
        """Correct the master's waiting photons from `from_ps` on: they are `by_ps` late."""
        self._pending[MASTER].shift(from_ps, by_ps)

    def drop_after(self, chip: int, time_ps: int, older: int) -> int:
        """Forget those of the first `older` waiting photons of a chip that are later than `time_ps`."""
        return self._pending[chip].drop_after(time_ps, older)

    def add_gap(self, from_ps: int, to_ps: int, reason: str) -> None:
        """Mark the pulses from one time to another, both included; where they were given out, the next one."""
        first, end = from_ps // self._period_ps, to_ps // self._period_ps + 1
        first = max(first, self.next_pulse)
        self._gaps.append(Gap(first, max(end, first + 1), reason))

    def take(self, end_ps: int, open_gaps: tuple[tuple[int, str], ...] = ()) -> Iterator[PhotonBlock]:
        """Yield blocks up to the last whole pulse before `end_ps`; none where there is nothing new.

        Parameters
        ----------
        end_ps : int
            No photon from before this time is to come any more.
        open_gaps : tuple of (int, str)
            Losses that have not ended: since when in ps, and why.
        """
        reached = min(self._end_pulse, end_ps // self._period_ps)
        while self.next_pulse < reached:
            end = min(reached, self.next_pulse + self._most)
            for since_ps, reason in open_gaps:
                if since_ps < end * self._period_ps:
                    self.add_gap(since_ps, end * self._period_ps - 1, reason)
            yield self._block(end)

    def _block(self, end: int) -> PhotonBlock:
        first = self.next_pulse
        slave, master = (self._in_time(self._pending[chip].take(end * self._period_ps)) for chip in (SLAVE, MASTER))
        count = len(slave) + len(master)
        pulse, delay_ps = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.uint32)
        pixel = np.empty(count, dtype=np.uint16)
        arrays = (slave.time_ps, slave.pixel, master.time_ps, master.pixel)
        merge_chips(*arrays, self._period_ps, pulse, pixel, delay_ps)
        self.next_pulse = end
        gaps = self._gaps_of(first, end)
        return PhotonBlock(pulse, pixel, delay_ps, first, end, gaps)

    def _in_time(self, photons: ChipPhotons) -> ChipPhotons:
        """Leave out photons whose block has been given out, and mark that."""
        begin_ps = self.next_pulse * self._period_ps
        late = int(np.searchsorted(photons.time_ps, begin_ps))
        if late:
            self.late_photons += late
            self.add_gap(begin_ps, begin_ps, LATE)
        return ChipPhotons(photons.time_ps[late:], photons.pixel[late:])

    def _gaps_of(self, first: int, end: int) -> tuple[Gap, ...]:
        inside = [Gap(max(gap.first_pulse, first), min(gap.end_pulse, end), gap.reason) for gap in self._gaps]
        self._gaps = [gap for gap in self._gaps if gap.end_pulse > end]
        found = {gap for gap in inside if gap.first_pulse < gap.end_pulse}
        return tuple(sorted(found, key=lambda gap: (gap.first_pulse, gap.end_pulse, gap.reason)))


def warm_up() -> None:
    """Compile what merges before photons wait for it."""
    some = ChipPhotons(np.array([1, 0], dtype=np.int64), np.zeros(2, dtype=np.uint16))
    merger = Merger(10, 1, 1)
    merger.add(SLAVE, some)
    merger.add(MASTER, some)
    list(merger.take(10))
