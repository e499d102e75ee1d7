"""The compiled pass over the bytes of a SPAD Lambda's stream; its jitted helpers live here too.

The chips count ticks in 16 bits and say each wrap (234). Three defects are mended: the wrap may come before the
last records of the epoch that it closes, the first records of the next epoch may come before the wrap, and after
a loss wraps may be missing: then the other chip, whose counter runs with this one's, tells how many.
"""

import numpy as np
from numba import njit

from drivers.spad_array.record_kinds import Event, Kind, Loss

# state of a chip, shape (2, CHIP_FIELDS)
EPOCH, LAST, LAST_PHOTON, LOSS, LOSS_FROM, LATE_RUN = range(6)
CHIP_FIELDS = 6
# state of the stream, shape (STREAM_FIELDS,)
SYNCED, ORIGIN, BEGUN, RECORDS, PHOTONS, OVERFLOWS, RESYNCS, REPAIRS, LATE, GARBAGE, SET_BACKS = range(11)
STREAM_FIELDS = 11

NEAR = 16
"""Records this many ticks around a wrap may stand on the wrong side of it."""

WINDOW = 64
"""Records of a chip may come this many ticks late; the unit's own disorder is one tick."""

LATE_RECORDS = 8
"""So many late records in a row mean that the one before them was wrong, not they."""

RUN = 8
"""So many records in a row that fit together are taken for the stream again after bytes that are none."""

EVENT_COLUMNS = 5

_PHOTON, _WRAP, _START = int(Kind.PHOTON), int(Kind.WRAP), int(Kind.START)
_OVERFLOW, _DWELL = int(Kind.OVERFLOW), int(Kind.DWELL)
_LOSS, _LATE_EVENT, _SET_BACK, _DWELL_EVENT = int(Event.LOSS), int(Event.LATE), int(Event.SET_BACK), int(Event.DWELL)
_OVERFLOWED, _BROKEN = int(Loss.OVERFLOW), int(Loss.GARBAGE)


@njit(nogil=True, cache=True, inline="always")
def _fine(data, i):  # type: ignore[no-untyped-def]
    return (np.int64(data[i + 4]) << 16) | (np.int64(data[i + 5]) << 8) | np.int64(data[i + 6])


@njit(nogil=True, cache=True, inline="always")
def _coarse(data, i):  # type: ignore[no-untyped-def]
    return (np.int64(data[i + 2]) << 8) | np.int64(data[i + 3])


@njit(nogil=True, cache=True)
def _fits_together(data, i, kinds, fine_limit):  # type: ignore[no-untyped-def]
    """Whether `RUN` records begin at `i` whose coarse counters go on as those of each chip do."""
    last = np.full(2, -1, dtype=np.int64)
    for k in range(i, i + 7 * RUN, 7):
        kind = kinds[data[k], data[k + 1]]
        if kind == 0 or (kind == _PHOTON and _fine(data, k) >= fine_limit):
            return False
        chip, coarse = data[k], _coarse(data, k)
        if last[chip] >= 0:
            step = (coarse - last[chip]) & 0xFFFF
            if 0x8000 <= step < 0x10000 - WINDOW:
                return False
        last[chip] = coarse
    return True


@njit(nogil=True, cache=True)
def _break_off(chips, stream) -> None:  # type: ignore[no-untyped-def]
    stream[SYNCED] = 0
    for chip in range(2):
        if chips[chip, LOSS] == 0:
            chips[chip, LOSS] = _BROKEN
            chips[chip, LOSS_FROM] = chips[chip, LAST_PHOTON]


@njit(nogil=True, cache=True)
def _count_lost_wraps(chips, chip, coarse):  # type: ignore[no-untyped-def]
    """Count the wraps that are among what is lost: one if the counter went back, and those that the other chip saw.

    The other chip is no witness while it has lost records itself.
    """
    before = chips[chip, EPOCH]
    least = NEAR if chips[chip, LOSS] == _OVERFLOWED else 0x8000  # an overflow may last, garbage is short
    if chips[chip, LAST] - (chips[chip, EPOCH] << 16) > coarse + least:
        chips[chip, EPOCH] += 1
    behind = chips[1 - chip, LAST] - ((chips[chip, EPOCH] << 16) + coarse)
    if chips[1 - chip, LOSS] == 0 and behind > 0x8000:
        chips[chip, EPOCH] += (behind + 0x7FFF) >> 16
    return chips[chip, EPOCH] > before


@njit(nogil=True, cache=True)
def _mended_tick(chips, stream, chip, coarse):  # type: ignore[no-untyped-def]
    """Return the tick of a record, on the right side of a wrap that is near."""
    if chips[chip, LOSS] != 0 and _count_lost_wraps(chips, chip, coarse):
        return (chips[chip, EPOCH] << 16) + coarse
    base = chips[chip, EPOCH] << 16
    tick, position = base + coarse, chips[chip, LAST] - base
    if coarse >= 0x10000 - NEAR and position < NEAR and chips[chip, EPOCH] > 0:
        if chips[1 - chip, LAST] - (tick - 0x10000) < 0x8000:  # unless the other chip is at the end of the epoch
            stream[REPAIRS] += 1
            return tick - 0x10000
    elif coarse < NEAR and position >= 0x10000 - NEAR:
        stream[REPAIRS] += 1
        return tick + 0x10000
    return tick


@njit(nogil=True, cache=True)
def _event(events, n, kind, chip, a, b, reason):  # type: ignore[no-untyped-def]
    events[n, 0] = kind
    events[n, 1] = chip
    events[n, 2] = a
    events[n, 3] = b
    events[n, 4] = reason
    return n + 1


@njit(nogil=True, cache=True)
def _plain_photons(  # type: ignore[no-untyped-def]
    data, begin, end, kinds, positions, tick_ps, fine_limit, chips, stream, time_ps, pixel, counts
):
    """Decode photons as long as nothing is special about them: no wrap near, none late; return where that ends.

    It does what `decode` does with such records, from local variables, and therefore several times faster.
    """
    base0, base1 = chips[0, EPOCH] << 16, chips[1, EPOCH] << 16
    last0, last1 = chips[0, LAST] - base0, chips[1, LAST] - base1
    begin0, begin1 = base0 - stream[ORIGIN], base1 - stream[ORIGIN]
    time0, time1, pixel0, pixel1 = time_ps[0], time_ps[1], pixel[0], pixel[1]
    positions0, positions1 = positions[0], positions[1]
    i, k0, k1 = begin, counts[0], counts[1]
    while i + 14 <= end and kinds[data[i + 7], data[i + 8]] != 0 and kinds[data[i], data[i + 1]] == _PHOTON:
        coarse, fine = _coarse(data, i), _fine(data, i)
        if coarse < NEAR or coarse >= 0x10000 - NEAR or fine >= fine_limit:
            break
        if data[i] == 0:
            if coarse < last0 - WINDOW or last0 >= 0x10000 - NEAR:
                break
            last0 = max(last0, coarse)
            time0[k0] = (begin0 + coarse) * tick_ps + fine
            pixel0[k0] = positions0[data[i + 1]]
            k0 += 1
        else:
            if coarse < last1 - WINDOW or last1 >= 0x10000 - NEAR:
                break
            last1 = max(last1, coarse)
            time1[k1] = (begin1 + coarse) * tick_ps + fine
            pixel1[k1] = positions1[data[i + 1]]
            k1 += 1
        i += 7
    if k0 > counts[0]:
        chips[0, LAST] = chips[0, LAST_PHOTON] = base0 + last0
        chips[0, LATE_RUN] = 0
    if k1 > counts[1]:
        chips[1, LAST] = chips[1, LAST_PHOTON] = base1 + last1
        chips[1, LATE_RUN] = 0
    photons = k0 - counts[0] + k1 - counts[1]
    stream[RECORDS] += photons
    stream[PHOTONS] += photons
    counts[0], counts[1] = k0, k1
    return i


@njit(nogil=True, cache=True)
def decode(  # type: ignore[no-untyped-def]
    data, begin, end, at_end, kinds, positions, tick_ps, fine_limit, chips, stream, time_ps, pixel, counts, events
):
    """Decode the records of `data[begin:end]`.

    A record is taken when the next one is there and is one, or at the end of the stream: bytes that are
    no record may begin in the middle of one. After such bytes, the stream goes on where `RUN` records in a
    row fit together.

    Parameters
    ----------
    data : uint8 array
    begin, end : int
        What to decode.
    at_end : bool
        Whether nothing follows.
    kinds : uint8 array, shape (256, 256)
        Kind by the first two bytes.
    positions : uint16 array, shape (2, 256)
        Physical position by chip and id.
    tick_ps, fine_limit : int
        Length of a tick in ps; photons with this fine time in ps or more are no records.
    chips, stream : int64 arrays, shapes (2, CHIP_FIELDS) and (STREAM_FIELDS,)
        State, carried from call to call.
    time_ps, pixel : int64 and uint16 arrays, shape (2, n)
        Outputs by chip, in the order of the stream: time in ps since the start of the stream, position.
    counts : int64 array, shape (2,)
        Output: photons by chip; counted on from what it holds.
    events : int64 array, shape (m, EVENT_COLUMNS)
        Output: what else has happened, see `Event`.

    Returns
    -------
    consumed, event_count : int
        `data[consumed:end]` must be given again, with what follows.
    """
    i, n, most = begin, 0, events.shape[0] - 3
    while n <= most:
        if stream[SYNCED] == 0:
            if i + 7 * RUN > end:
                break
            if _fits_together(data, i, kinds, fine_limit):
                stream[SYNCED] = 1
                stream[RESYNCS] += 1
            else:
                stream[GARBAGE] += 1
                i += 1
            continue
        if stream[BEGUN] != 0 and chips[0, LOSS] == 0 and chips[1, LOSS] == 0:
            i = _plain_photons(
                data, i, end, kinds, positions, tick_ps, fine_limit, chips, stream, time_ps, pixel, counts
            )
        if i + 14 > end and not (at_end and i + 7 <= end):
            break
        chip, kind = np.int64(data[i]), kinds[data[i], data[i + 1]]
        is_last = i + 14 > end
        if (
            kind == 0
            or (kind == _PHOTON and _fine(data, i) >= fine_limit)
            or not (is_last or kinds[data[i + 7], data[i + 8]] != 0)
        ):
            _break_off(chips, stream)
            stream[GARBAGE] += 1
            i += 1
            continue
        stream[RECORDS] += 1
        if kind == _PHOTON or kind >= _DWELL:
            n = _ordinary(data, i, chip, kind, positions, tick_ps, chips, stream, time_ps, pixel, counts, events, n)
        else:
            _take_sign(kind, chip, _coarse(data, i), chips, stream)
        i += 7
    return i, n


@njit(nogil=True, cache=True)
def _take_sign(kind, chip, coarse, chips, stream) -> None:  # type: ignore[no-untyped-def]
    """Take what a chip says of itself: a wrap, an overflow, or the start, from which time counts if it is first."""
    if kind == _OVERFLOW:
        stream[OVERFLOWS] += 1
        if chips[chip, LOSS] == 0:
            chips[chip, LOSS] = _OVERFLOWED
            chips[chip, LOSS_FROM] = chips[chip, LAST_PHOTON]
        return
    if kind == _WRAP:
        chips[chip, EPOCH] += 1
        chips[chip, LAST] = max(chips[chip, LAST], chips[chip, EPOCH] << 16)
        chips[chip, LATE_RUN] = 0
    elif kind == _START:
        if stream[BEGUN] == 0:
            stream[ORIGIN] = coarse
            for each in range(2):
                chips[each, LAST_PHOTON] = coarse
        chips[chip, LAST] = max(chips[chip, LAST], coarse)
    stream[BEGUN] = 1


@njit(nogil=True, cache=True, inline="always")
def _ordinary(  # type: ignore[no-untyped-def]
    data, i, chip, kind, positions, tick_ps, chips, stream, time_ps, pixel, counts, events, n
):
    """Take a photon or a marker of dwell, line or frame; return the number of events."""
    stream[BEGUN] = 1
    coarse, position = _coarse(data, i), chips[chip, LAST] & 0xFFFF
    tick = (chips[chip, EPOCH] << 16) + coarse
    if chips[chip, LOSS] != 0 or coarse < NEAR or coarse >= 0x10000 - NEAR or position >= 0x10000 - NEAR:
        tick = _mended_tick(chips, stream, chip, coarse)
    time = (tick - stream[ORIGIN]) * tick_ps + _fine(data, i)
    if tick < chips[chip, LAST] - WINDOW:
        stream[LATE] += 1
        chips[chip, LATE_RUN] += 1
        n = _event(events, n, _LATE_EVENT, chip, time, 0, 0)
        if chips[chip, LATE_RUN] < LATE_RECORDS:
            return n
        stream[SET_BACKS] += 1
        n = _event(events, n, _SET_BACK, chip, time, counts[chip], 0)
        chips[chip, LAST] = tick
        chips[chip, LAST_PHOTON] = tick
    chips[chip, LATE_RUN] = 0
    chips[chip, LAST] = max(chips[chip, LAST], tick)
    if kind != _PHOTON:
        if kind == _DWELL:
            n = _event(events, n, _DWELL_EVENT, chip, time, 0, 0)
        return n
    if chips[chip, LOSS] != 0:
        since = (chips[chip, LOSS_FROM] - stream[ORIGIN]) * tick_ps
        n = _event(events, n, _LOSS, chip, since, time, chips[chip, LOSS])
        chips[chip, LOSS] = 0
    chips[chip, LAST_PHOTON] = chips[chip, LAST]
    stream[PHOTONS] += 1
    k = counts[chip]
    time_ps[chip, k] = time
    pixel[chip, k] = positions[chip, data[i + 1]]
    counts[chip] = k + 1
    return n
