"""From photons to the 7-byte records of the two chips of a SPAD Lambda: compiled passes over one slice of a stream."""

from typing import NamedTuple, Self

import numba
import numpy as np
from numpy.typing import NDArray

RECORD_BYTES = 7
WRAP_TICKS = 65536
"""The coarse counter has 16 bits."""

MOST_FINE_PS = (1 << 24) - 1
FIRST_MARKER = 225
DWELL, WRAP, STREAM_START, OVERFLOW = 225, 234, 239, 247
"""Ids of what is no photon."""

_LOOK_BACK = 256
"""So many records before a wrap are looked at for the last one of its chip."""


class Clocks(NamedTuple):
    """How a moment becomes coarse and fine; times in ps.

    Attributes
    ----------
    period_ps : float
        Of the laser, or the virtual one.
    tick_ps : float
        Of the coarse counter; the period where it counts pulses.
    by_pulse : bool
        Whether it counts pulses.
    """

    period_ps: float
    tick_ps: float
    by_pulse: bool


class Stamps(NamedTuple):
    """Stamped photons or markers, ascending in tick, then fine; arrays of shape (n,)."""

    tick: NDArray[np.int64]
    fine: NDArray[np.int64]
    chip: NDArray[np.uint8]
    identity: NDArray[np.uint8]

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return room for `count`."""
        return cls(
            np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.uint8), np.empty(count, np.uint8)
        )

    def part(self, begin: int, end: int) -> Self:
        """Return a view of some of them."""
        which = slice(begin, end)
        return type(self)(self.tick[which], self.fine[which], self.chip[which], self.identity[which])

    def copy(self) -> Self:
        """Return them in arrays of their own."""
        return type(self)(self.tick.copy(), self.fine.copy(), self.chip.copy(), self.identity.copy())

    def put(self, first: "Stamps") -> None:
        """Overwrite the first of them."""
        count = len(first.tick)
        self.tick[:count], self.fine[:count] = first.tick, first.fine
        self.chip[:count], self.identity[:count] = first.chip, first.identity


class Flaws(NamedTuple):
    """How the stream is worse than a time-ordered list of what happened.

    Attributes
    ----------
    lost_from, lost_to : int64 arrays, shape (2,)
        Ticks in which a chip loses photons and dwell markers.
    last_ps : float64 array, shape (2, TDCs)
        When each time-to-digital converter stamped last; updated.
    dead_time_ps : float
        Of a converter.
    disorder_share : float
    epoch_defect : bool
    """

    lost_from: NDArray[np.int64]
    lost_to: NDArray[np.int64]
    last_ps: NDArray[np.float64]
    dead_time_ps: float
    disorder_share: float
    epoch_defect: bool


@numba.njit(nogil=True, cache=True)
def moment(pulse: int, delay_ps: int, shift_ps: int, clocks: Clocks) -> tuple[int, int]:
    """Return tick and fine (ps) of a moment after a pulse, on a chip whose times are `shift_ps` late.

    Before the start of the stream the tick is negative.
    """
    if clocks.by_pulse:
        tick = pulse
        fine = delay_ps + shift_ps
        while fine < 0:
            tick -= 1
            fine = round(fine + clocks.period_ps)
        while fine >= clocks.period_ps:
            tick += 1
            fine = round(fine - clocks.period_ps)
        return tick, fine
    time_ps = pulse * clocks.period_ps + delay_ps + shift_ps
    tick = int(np.floor(time_ps / clocks.tick_ps))
    fine = round(time_ps - tick * clocks.tick_ps)
    if fine >= clocks.tick_ps:
        return tick + 1, 0
    return tick, fine


@numba.njit(nogil=True, cache=True)
def stamp(
    pulse: NDArray[np.int64],
    pixel: NDArray[np.uint16],
    delay_ps: NDArray[np.uint32],
    off: NDArray[np.bool_],
    chip_of: NDArray[np.uint8],
    identity_of: NDArray[np.uint8],
    shift_ps: NDArray[np.int64],
    clocks: Clocks,
    stamps: Stamps,
    count: int,
) -> int:
    """Stamp the photons of a slice into `stamps`, in order, behind the first `count`; return the new count.

    Parameters
    ----------
    pulse, pixel, delay_ps : arrays, shape (n,)
        Photons, ascending in pulse.
    off, chip_of, identity_of : arrays, shape (pixels,)
        Whether a physical pixel is switched off, and where it sits.
    shift_ps : int64 array, shape (2,)
        How late the times of each chip are.
    """
    ticks, fines, chips, identities = stamps
    for n in range(len(pulse)):
        here = pixel[n]
        if off[here]:
            continue
        chip = chip_of[here]
        tick, fine = moment(pulse[n], np.int64(delay_ps[n]), shift_ps[chip], clocks)
        if tick < 0 or fine > MOST_FINE_PS:  # before the stream, or later than the fine counter reaches
            continue
        k = count
        while k > 0 and (ticks[k - 1] > tick or (ticks[k - 1] == tick and fines[k - 1] > fine)):
            ticks[k], fines[k], chips[k], identities[k] = ticks[k - 1], fines[k - 1], chips[k - 1], identities[k - 1]
            k -= 1
        ticks[k], fines[k], chips[k], identities[k] = tick, fine, chip, identity_of[here]
        count += 1
    return count


@numba.njit(nogil=True, cache=True)
def deliver(
    rng: np.random.Generator, photons: Stamps, markers: Stamps, tick_ps: float, flaws: Flaws
) -> NDArray[np.uint8]:
    """Return the records of photons and markers in the order in which they are sent, shape (n, 7).

    Markers come before photons of the same moment; the fine value of a wrap is its number, and it comes
    before all else of its tick.
    """
    tick, fine, chip, identity = photons
    marker_tick, marker_fine, marker_chip, marker_identity = markers
    lost_from, lost_to, last_ps, dead_time_ps, disorder_share, epoch_defect = flaws
    most = len(tick) + len(marker_tick)
    records = np.empty((most, 7), np.uint8)
    ticks = np.empty(most, np.int64)
    count = m = 0
    for n in range(len(tick) + 1):
        while m < len(marker_tick):
            here, who, since = marker_chip[m], marker_identity[m], marker_tick[m]
            if n < len(tick) and (since > tick[n] or (since == tick[n] and who == DWELL and marker_fine[m] > fine[n])):
                break
            if who != DWELL or since < lost_from[here] or since >= lost_to[here]:
                _write(records, ticks, count, here, who, since, marker_fine[m])
                count += 1
            m += 1
        if n == len(tick):
            break
        here, who, since = chip[n], identity[n], tick[n]
        time_ps = since * tick_ps + fine[n]
        if lost_from[here] <= since < lost_to[here] or time_ps - last_ps[here, who // 4] < dead_time_ps:
            continue
        last_ps[here, who // 4] = time_ps
        _write(records, ticks, count, here, who, since, fine[n])
        count += 1
    _disorder(rng, records[:count], ticks, disorder_share)
    if epoch_defect:
        _bring_wraps_forward(records[:count], ticks)
    return records[:count]


@numba.njit(nogil=True, cache=True, inline="always")
def _write(
    records: NDArray[np.uint8], ticks: NDArray[np.int64], row: int, chip: int, identity: int, tick: int, fine: int
) -> None:
    ticks[row] = tick
    records[row, 0] = chip
    records[row, 1] = identity
    records[row, 2] = tick >> 8 & 0xFF
    records[row, 3] = tick & 0xFF
    records[row, 4] = fine >> 16 & 0xFF
    records[row, 5] = fine >> 8 & 0xFF
    records[row, 6] = fine & 0xFF


@numba.njit(nogil=True, cache=True)
def _swap(records: NDArray[np.uint8], ticks: NDArray[np.int64], first: int, second: int) -> None:
    for k in range(7):
        records[first, k], records[second, k] = records[second, k], records[first, k]
    ticks[first], ticks[second] = ticks[second], ticks[first]


@numba.njit(nogil=True, cache=True)
def _disorder(rng: np.random.Generator, records: NDArray[np.uint8], ticks: NDArray[np.int64], share: float) -> None:
    """Exchange neighbouring photons of a chip that are at most a tick apart."""
    n = 0
    while n + 1 < len(records):
        photons = records[n, 1] < FIRST_MARKER and records[n + 1, 1] < FIRST_MARKER
        near = ticks[n + 1] - ticks[n] <= 1
        if photons and near and records[n, 0] == records[n + 1, 0] and rng.random() < share:
            _swap(records, ticks, n, n + 1)
            n += 1
        n += 1


@numba.njit(nogil=True, cache=True)
def _bring_wraps_forward(records: NDArray[np.uint8], ticks: NDArray[np.int64]) -> None:
    """Let each wrap come before the last photon of its chip, if that has the coarse count 0xFFFF."""
    for n in range(len(records)):
        if records[n, 1] != WRAP:
            continue
        for k in range(n - 1, max(-1, n - 1 - _LOOK_BACK), -1):
            if records[k, 0] == records[n, 0]:
                if records[k, 1] < FIRST_MARKER and ticks[k] == ticks[n] - 1:
                    _swap(records, ticks, k, n)
                break
