"""What the compiled pass over the avalanches of a SPAD array works on; beside it, so that no program has to compile."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PENDING_CAPACITY = 4096
"""Afterpulses that may be waiting at one moment."""


class Response(NamedTuple):
    """What the array is like; times in ps, arrays with one entry per pixel.

    Attributes
    ----------
    dark_gap_ps : float
        Mean time between dark counts of the whole array; infinite if there are none.
    alias_share, alias_other : float64 and int64 arrays
        Alias table of the share of each pixel in the dark counts.
    shift_ps : float64 array
        Time from an avalanche to its tag without jitter; more than 6 sigma of the jitter.
    """

    dark_gap_ps: float
    alias_share: NDArray[np.float64]
    alias_other: NDArray[np.int64]
    shift_ps: NDArray[np.float64]
    crosstalk_probability: float
    dead_time_ps: float
    jitter_sigma_ps: float
    afterpulse_probability: float
    afterpulse_lifetime_ps: float
    period_ps: float
    resolution_ps: float


class Memory(NamedTuple):
    """What the array carries from one interval to the next; times in ps since the interval's start.

    Attributes
    ----------
    free_ps : float64 array, shape (pixels,)
        When each pixel can count again.
    pending_ps, pending_pixel : float64 and int64 arrays, shape (PENDING_CAPACITY,)
        Afterpulses to come, in the first `pending_count[0]` entries.
    pending_count : int64 array, shape (1,)
    """

    free_ps: NDArray[np.float64]
    pending_ps: NDArray[np.float64]
    pending_pixel: NDArray[np.int64]
    pending_count: NDArray[np.int64]


class Tags(NamedTuple):
    """Time tags: laser pulse (int64), pixel (uint16) and delay in ps (uint32), each of shape (capacity,)."""

    pulse: NDArray[np.int64]
    pixel: NDArray[np.uint16]
    delay_ps: NDArray[np.uint32]


def new_memory(pixel_count: int) -> Memory:
    """Return the memory of an array that has not counted anything yet."""
    pending = np.empty(PENDING_CAPACITY), np.empty(PENDING_CAPACITY, np.int64)
    return Memory(np.full(pixel_count, -np.inf), *pending, np.zeros(1, np.int64))
