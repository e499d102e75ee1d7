"""Putting photons in order of time, fast because they are spread over their interval."""

import numba
import numpy as np
from numpy.typing import NDArray

_PER_PART = 8192
"""So many times fit into a processor's cache together with their places."""


@numba.njit(nogil=True, cache=True)
def time_order(time_ps: NDArray[np.float64], length_ps: float) -> NDArray[np.int64]:
    """Return the order that sorts times; equal times stay in the order in which they are.

    The times are dealt into parts that fit into the cache, those of each part into as many stretches as there
    are of them, and each is then moved past the few that come after it. What is later than the interval counts
    to its end.

    Parameters
    ----------
    time_ps : float64 array, shape (n,)
        Not negative.
    length_ps : float
        Above 0.

    Returns
    -------
    int64 array, shape (n,)
        As ``numpy.argsort(time_ps, kind="stable")``.
    """
    count = len(time_ps)
    parts = count // _PER_PART + 1
    order, dealt_ps = np.empty(count, np.int64), np.empty(count)
    ends = _deal(time_ps, np.arange(count), 0.0, length_ps, parts, dealt_ps, order)
    part_order, part_ps = np.empty(count, np.int64), np.empty(count)
    begin = 0
    for part in range(parts):
        end = ends[part]
        here = slice(begin, end)
        part_begin_ps, part_length_ps = part * length_ps / parts, length_ps / parts
        _deal(
            dealt_ps[here],
            order[here],
            part_begin_ps,
            part_length_ps,
            end - begin,
            part_ps[here],
            part_order[here],
        )
        begin = end
    _move_past(part_ps, part_order)
    return part_order


@numba.njit(nogil=True, cache=True)
def _deal(
    time_ps: NDArray[np.float64],
    place: NDArray[np.int64],
    begin_ps: float,
    length_ps: float,
    stretches: int,
    dealt_ps: NDArray[np.float64],
    dealt_place: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Deal times and their places into equal stretches of time; return where each stretch ends."""
    scale = stretches / length_ps
    ends = np.zeros(stretches + 1, np.int64)
    for time in time_ps:
        ends[min(stretches - 1, max(0, int((time - begin_ps) * scale))) + 1] += 1
    for stretch in range(stretches):
        ends[stretch + 1] += ends[stretch]
    for n in range(len(time_ps)):
        stretch = min(stretches - 1, max(0, int((time_ps[n] - begin_ps) * scale)))
        to = ends[stretch]
        dealt_ps[to], dealt_place[to] = time_ps[n], place[n]
        ends[stretch] += 1
    return ends


@numba.njit(nogil=True, cache=True)
def _move_past(time_ps: NDArray[np.float64], place: NDArray[np.int64]) -> None:
    """Sort times that are nearly sorted, and their places with them."""
    for n in range(1, len(time_ps)):
        moved_ps, moved = time_ps[n], place[n]
        k = n
        while k > 0 and time_ps[k - 1] > moved_ps:
            time_ps[k], place[k] = time_ps[k - 1], place[k - 1]
            k -= 1
        time_ps[k], place[k] = moved_ps, moved
