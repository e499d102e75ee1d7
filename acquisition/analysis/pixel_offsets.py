"""Time offsets of the pixels, from the rise of the decay in each of them.

A pixel that tags late has more photons behind a delay gate than its share of the spectrum, by
exp(offset / lifetime). Spectra of gated photons are corrected for that where no calibration is known.
"""

import numpy as np
from numpy.typing import NDArray

BEFORE_NS = 1.5
"""The rise lies within this time on either side of time zero; offsets are a few tenths of a ns."""

AFTER_NS = 3.0
"""Photons up to this delay normalise the rise: early enough for the decays of the pixels to be alike."""


def pixel_offsets_ns(
    pixel_delay: NDArray[np.int64], level: NDArray[np.float64], time_zero_bin: int, bin_ns: float
) -> NDArray[np.float64]:
    """Return by how much each pixel tags later than the mean.

    The share of the photons around time zero among those until shortly after it falls with the
    offset. Each offset is drawn towards zero by the ratio of its own variance to the scatter of all,
    so that noise is not taken for offsets.

    Parameters
    ----------
    pixel_delay : int64 array, shape (pixels, bins)
        Photons per pixel and delay.
    level : float64 array, shape (pixels,)
        Background counts per bin.
    time_zero_bin : int
        Bin in which the decay rises.
    bin_ns : float
        Width of a bin in ns.

    Returns
    -------
    float64 array, shape (pixels,)
        In ns; zero if the rise lies too near to the end of the period, or too few pixels have light.
    """
    nothing = np.zeros(len(pixel_delay))
    first = time_zero_bin - round(BEFORE_NS / bin_ns)
    middle, end = time_zero_bin + round(BEFORE_NS / bin_ns), time_zero_bin + round(AFTER_NS / bin_ns)
    if first < 1 or end >= pixel_delay.shape[1] or not first < time_zero_bin < middle < end:
        return nothing
    counts = pixel_delay[:, first - 1 : end + 1].astype(float)
    net = counts - level[:, None]
    until, width = middle - first, end - first

    def share(shift: int) -> float:
        rise = net.sum(axis=0)[1 + shift : 1 + shift + width]
        return float(rise[:until].sum() / rise.sum())

    whole = net[:, 1:-1].sum(axis=1)
    lit = whole > 10.0 * np.sqrt(np.maximum(counts[:, 1:-1].sum(axis=1), 1.0))
    if lit.sum() < 5:
        return nothing
    slope_per_ns = (share(-1) - share(1)) / (2.0 * bin_ns)
    if slope_per_ns >= 0:
        return nothing
    mean = share(0)
    net, counts, whole = net[lit, 1:-1], counts[lit, 1:-1], whole[lit]
    offset = (net[:, :until].sum(axis=1) / whole - mean) / slope_per_ns
    weight = np.where(np.arange(width) < until, 1.0 - mean, -mean)
    variance = (counts @ weight**2) / (whole * slope_per_ns) ** 2
    scatter = max(float(np.average((offset**2 - variance), weights=1.0 / variance)), 0.0)
    nothing[lit] = offset * scatter / (scatter + variance)
    return nothing
