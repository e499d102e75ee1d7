"""Compiled loops over the photons of a block; their jitted helpers live here too.

All arrays of a block are read-only and all others writable, so each kernel compiles once.
"""

import numpy as np
from numba import njit

RING_SIZE = 1 << 14
"""Photons that are remembered for pairs, a power of two; more within the largest lag are not paired."""


@njit(nogil=True, cache=True, inline="always")
def _corrected(delay_ps, offset_ps, period_ps):  # type: ignore[no-untyped-def]
    corrected = delay_ps - offset_ps
    if corrected < 0:
        corrected += period_ps
    elif corrected >= period_ps:
        corrected -= period_ps
    return corrected


@njit(nogil=True, cache=True, inline="always")
def _bin_of(delay, per_bin):  # type: ignore[no-untyped-def]
    """Floor of delay / width, four times faster than a division; the half keeps it away from the edges."""
    return np.int64((delay + 0.5) * per_bin)


@njit(nogil=True, cache=True)
def survey_block(pixel, delay_ps, offset_ps, period_ps, bin_ps, pixel_delay) -> None:  # type: ignore[no-untyped-def]
    """Add the photons of a block to the pixel x delay map `pixel_delay` (int64, writable)."""
    last = pixel_delay.shape[1] - 1
    per_bin = 1.0 / bin_ps
    for i in range(pixel.shape[0]):
        p = pixel[i]
        delay = _corrected(np.int64(delay_ps[i]), offset_ps[p], period_ps)
        pixel_delay[p, min(_bin_of(delay, per_bin), last)] += 1


@njit(nogil=True, cache=True, inline="always")
def _is_pair(pixel_a, pixel_b, delay_a, delay_b, near_pixels, near_ps):  # type: ignore[no-untyped-def]
    distance = abs(pixel_a - pixel_b)
    return distance != 0 and not (distance <= near_pixels and abs(delay_a - delay_b) < near_ps)


@njit(nogil=True, cache=True)
def accumulate_block(  # type: ignore[no-untyped-def]
    pulse,
    pixel,
    delay_ps,
    labels,
    offset_ps,
    used,
    group_of_bin,
    integers,
    pixel_delay,
    fine_delay,
    trace,
    trace_delay_ps,
    pair_lag,
    first,
    second,
    cascades,
    ring,
    cursor,
) -> None:
    """Feed every accumulator with one pass over the photons of a block.

    Parameters
    ----------
    pulse, pixel, delay_ps : int64, uint16, uint32 arrays, shape (n,)
        The photons, ascending in pulse; read-only.
    labels : int8 array
        Charge state of each trace bin, -1 for none; empty: all photons belong to state 0.
    offset_ps : int64 array, shape (pixels,)
    used : bool array, shape (pixels,)
        Region of interest without masked pixels.
    group_of_bin : int16 array, shape (bins,)
        Delay group of each bin of the map, -1 outside the window.
    integers : int64 array
        period_ps, bin_ps, fine_ps, pulses per trace bin, near_pixels, near_ps, first trace bin kept.
    pixel_delay, fine_delay, trace, trace_delay_ps, pair_lag, first, second, cascades : int64 arrays
        Outputs, shapes (states, pixels, bins), (fine bins,), (trace bins, groups), (trace bins,),
        (states, lags, bins), (states, pixels, bins) twice, (states,).
    ring : int64 array, shape (ring size, 4)
        Pulse, pixel, delay and state of the latest selected photons; the size is a power of two.
    cursor : int64 array, shape (2,)
        Number of photons ever put into the ring; number of them that share the latest pulse.
    """
    period_ps, bin_ps, fine_ps, pulses_per_bin, near_pixels, near_ps, first_bin = integers
    last_bin = pixel_delay.shape[2] - 1
    last_fine = fine_delay.shape[0] - 1
    mask = ring.shape[0] - 1
    per_bin, per_fine = 1.0 / bin_ps, 1.0 / fine_ps
    time_bin, bin_end, state = np.int64(-1), np.int64(-1), np.int64(0)
    for i in range(pulse.shape[0]):
        if pulse[i] >= bin_end:
            time_bin = pulse[i] // pulses_per_bin
            bin_end = (time_bin + 1) * pulses_per_bin
            if labels.shape[0] > 0:
                state = np.int64(labels[time_bin]) if time_bin < labels.shape[0] else np.int64(-1)
        p = np.int64(pixel[i])
        delay = _corrected(np.int64(delay_ps[i]), offset_ps[p], period_ps)
        delay_bin = min(_bin_of(delay, per_bin), last_bin)
        if state >= 0:
            pixel_delay[state, p, delay_bin] += 1
        if not used[p]:
            continue
        fine_delay[min(_bin_of(delay, per_fine), last_fine)] += 1
        group = group_of_bin[delay_bin]
        if group < 0:
            continue
        trace[time_bin - first_bin, group] += 1
        trace_delay_ps[time_bin - first_bin] += delay
        if state < 0:
            continue
        count = cursor[0]
        if count > 0 and ring[(count - 1) & mask, 0] == pulse[i]:
            cursor[1] += 1
        else:
            _close_pulse(ring, cursor, near_pixels, near_ps, cascades)
            cursor[1] = 1
        photon = (pulse[i], p, delay, state)
        _pair_with_earlier(photon, ring, count, delay_bin, per_bin, near_pixels, near_ps, pair_lag, first, second)
        slot = count & mask
        ring[slot, 0] = pulse[i]
        ring[slot, 1] = p
        ring[slot, 2] = delay
        ring[slot, 3] = state
        cursor[0] = count + 1


@njit(nogil=True, cache=True)
def _pair_with_earlier(  # type: ignore[no-untyped-def]
    photon, ring, count, delay_bin, per_bin, near_pixels, near_ps, pair_lag, first, second
) -> None:
    """Count the pairs of a photon (pulse, pixel, delay, state) with those before it in the ring."""
    pulse, pixel, delay, state = photon
    size, max_lag, last_bin = ring.shape[0], pair_lag.shape[1] - 1, first.shape[2] - 1
    for back in range(1, min(count, size) + 1):
        j = (count - back) & (size - 1)
        lag = pulse - ring[j, 0]
        if lag > max_lag:
            break
        if ring[j, 3] != state or not _is_pair(pixel, ring[j, 1], delay, ring[j, 2], near_pixels, near_ps):
            continue
        other_bin = min(_bin_of(ring[j, 2], per_bin), last_bin)
        pair_lag[state, lag, min(delay_bin, other_bin)] += 1
        if lag > 0:
            continue
        if delay < ring[j, 2]:
            first[state, pixel, delay_bin] += 1
            second[state, ring[j, 1], other_bin] += 1
        else:
            first[state, ring[j, 1], other_bin] += 1
            second[state, pixel, delay_bin] += 1


@njit(nogil=True, cache=True)
def _close_pulse(ring, cursor, near_pixels, near_ps, cascades) -> None:  # type: ignore[no-untyped-def]
    """Count a cascade if the latest pulse in the ring has exactly two photons that are a pair."""
    if cursor[1] != 2:
        return
    mask = ring.shape[0] - 1
    a = (cursor[0] - 1) & mask
    b = (cursor[0] - 2) & mask
    if _is_pair(ring[a, 1], ring[b, 1], ring[a, 2], ring[b, 2], near_pixels, near_ps):
        cascades[ring[a, 3]] += 1


@njit(nogil=True, cache=True)
def close_last_pulse(ring, cursor, near_pixels, near_ps, cascades) -> None:  # type: ignore[no-untyped-def]
    """Count the cascade of the last pulse of a stream."""
    _close_pulse(ring, cursor, near_pixels, near_ps, cascades)
    cursor[1] = 0
