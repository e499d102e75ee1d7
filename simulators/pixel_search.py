"""The compiled search for the pixels of photons that are drawn from a cumulated distribution."""

import numba
import numpy as np
from numpy.typing import NDArray

_GUIDES = 1024
"""Equal shares of a distribution for which it is looked up once where the search begins."""


@numba.njit(nogil=True, cache=True)
def first_above(pixel_cdf: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the first pixel whose cumulated share is above each share in [0, 1), the last pixel if there is none."""
    last = len(pixel_cdf) - 1
    guide = np.empty(_GUIDES, np.int64)
    pixel = 0
    for k in range(_GUIDES):
        while pixel < last and pixel_cdf[pixel] <= k / _GUIDES:
            pixel += 1
        guide[k] = pixel
    found = np.empty(len(share), np.int64)
    for n in range(len(share)):
        pixel = guide[int(share[n] * _GUIDES)]
        while pixel < last and pixel_cdf[pixel] <= share[n]:
            pixel += 1
        found[n] = pixel
    return found
