"""What a SPAD array makes of photons and dark counts: crosstalk, afterpulses, dead time, jitter, time tags.

One compiled pass over one interval of the stream; it releases the GIL.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from simulators.avalanche_data import Memory, Response, Tags


@numba.njit(nogil=True, cache=True)
def detect_interval(
    rng: np.random.Generator,
    photon_ps: NDArray[np.float64],
    photon_pixel: NDArray[np.int64],
    length_ps: float,
    array: Response,
    memory: Memory,
    tags: Tags,
    count: int,
) -> int:
    """Turn the photons and dark counts of one interval into time tags, ascending in pulse.

    A pixel whose last avalanche lies less than the dead time back neither counts nor makes
    crosstalk (non-paralysable). Crosstalk makes an avalanche at the same moment in a neighbour.

    Parameters
    ----------
    rng : numpy Generator
        Source of all random numbers of the interval.
    photon_ps, photon_pixel : float64 and int64 arrays, shape (n,)
        Absorbed photons, ascending in time since the interval's start, all inside it.
    length_ps : float
        Length of the interval, a whole number of laser periods.
    array : Response
    memory : Memory
        Updated for the next interval.
    tags : Tags
        The first `count` entries are tags carried over from the interval before; filled up.
        Pulses count from the interval's start and may lie beyond its end.

    Returns
    -------
    int
        Number of tags.

    Raises
    ------
    RuntimeError
        If the tags or the pending afterpulses outgrow their arrays.
    """
    free_ps, pending_ps, pending_pixel, pending = memory
    dead_time_ps, shift_ps, dark_gap_ps = array.dead_time_ps, array.shift_ps, array.dark_gap_ps
    alias_share, alias_other, crosstalk = array.alias_share, array.alias_other, array.crosstalk_probability
    next_photon = 0
    next_dark_ps = dark_gap_ps * rng.standard_exponential()
    skip = rng.geometric(crosstalk) if crosstalk > 0 else -1
    while True:
        waiting = _first(pending_ps, pending[0])
        pending_next_ps = pending_ps[waiting] if waiting >= 0 else np.inf
        photon_next_ps = photon_ps[next_photon] if next_photon < len(photon_ps) else np.inf
        now_ps = min(next_dark_ps, photon_next_ps, pending_next_ps)
        if now_ps >= length_ps:
            break
        if now_ps == next_dark_ps:
            next_dark_ps += dark_gap_ps * rng.standard_exponential()
            here = _draw_pixel(rng, alias_share, alias_other)
        elif now_ps == photon_next_ps:
            here = photon_pixel[next_photon]
            next_photon += 1
        else:
            here = _take(pending_ps, pending_pixel, pending, waiting)
        if now_ps < free_ps[here]:
            continue
        # the avalanche itself (side 0), then crosstalk to either neighbour
        for side in (0, -1, 1):
            pixel = here + side
            if side != 0:
                skip -= 1
                if skip != 0:
                    continue
                skip = rng.geometric(crosstalk)
                if pixel < 0 or pixel >= len(free_ps) or now_ps < free_ps[pixel]:
                    continue
            free_ps[pixel] = now_ps + dead_time_ps
            if array.afterpulse_probability > 0 and rng.random() < array.afterpulse_probability:
                release_ps = free_ps[pixel] + array.afterpulse_lifetime_ps * rng.standard_exponential()
                _add(pending_ps, pending_pixel, pending, release_ps, pixel)
            tag_ps = now_ps + shift_ps[pixel] + array.jitter_sigma_ps * rng.standard_normal()
            count = _insert(tags, count, max(0.0, tag_ps), pixel, array.period_ps, array.resolution_ps)
    free_ps[:] -= length_ps
    pending_ps[: pending[0]] -= length_ps
    return count


@numba.njit(nogil=True, cache=True)
def _draw_pixel(rng: np.random.Generator, share: NDArray[np.float64], other: NDArray[np.int64]) -> int:
    """Draw from an alias table."""
    draw = rng.random() * len(share)
    place = int(draw)
    return place if draw - place < share[place] else int(other[place])


@numba.njit(nogil=True, cache=True)
def _first(times_ps: NDArray[np.float64], count: int) -> int:
    """Return the place of the earliest of `count` times, -1 if there is none."""
    first = -1
    for k in range(count):
        if first < 0 or times_ps[k] < times_ps[first]:
            first = k
    return first


@numba.njit(nogil=True, cache=True)
def _add(
    times_ps: NDArray[np.float64], pixels: NDArray[np.int64], count: NDArray[np.int64], time_ps: float, pixel: int
) -> None:
    if count[0] == len(times_ps):
        raise RuntimeError("too many pending afterpulses")
    times_ps[count[0]] = time_ps
    pixels[count[0]] = pixel
    count[0] += 1


@numba.njit(nogil=True, cache=True)
def _take(times_ps: NDArray[np.float64], pixels: NDArray[np.int64], count: NDArray[np.int64], place: int) -> int:
    """Remove a pending afterpulse and return its pixel."""
    pixel = int(pixels[place])
    count[0] -= 1
    times_ps[place] = times_ps[count[0]]
    pixels[place] = pixels[count[0]]
    return pixel


@numba.njit(nogil=True, cache=True)
def _insert(tags: Tags, count: int, time_ps: float, pixel: int, period_ps: float, resolution_ps: float) -> int:
    """Insert a tag from the end, as jitter and offsets disturb the order only a little; return the new count."""
    pulses, pixels, delays_ps = tags
    if count == len(pulses):
        raise RuntimeError("more tags than expected")
    pulse = int(time_ps / period_ps)
    rest_ps = max(0.0, time_ps - pulse * period_ps)
    k = count
    while k > 0 and pulses[k - 1] > pulse:
        pulses[k] = pulses[k - 1]
        pixels[k] = pixels[k - 1]
        delays_ps[k] = delays_ps[k - 1]
        k -= 1
    pulses[k] = pulse
    pixels[k] = pixel
    delays_ps[k] = round(np.floor(rest_ps / resolution_ps) * resolution_ps)
    return count + 1
