"""Decay histograms: the share of an exponential in each bin, and bins that widen with delay."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def exponential_in_bins(edges_ns: FloatArray, lifetime_ns: float, period_ns: float, sigma_ns: float) -> FloatArray:
    """Return the share of a periodic exponential decay that falls into each bin.

    Convolved with a Gaussian response of `sigma_ns`, at delays beyond its reach; photons of earlier
    pulses are included.
    """
    k = 1.0 / lifetime_ns
    position = np.mod(edges_ns[:-1], period_ns)
    width = np.diff(edges_ns)
    scale = np.exp(0.5 * (k * sigma_ns) ** 2) / -np.expm1(-k * period_ns)
    return np.asarray(scale * np.exp(-k * position) * -np.expm1(-k * width))


def coarse_bins(
    edges_ns: FloatArray, counts: FloatArray, guard_ns: float
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Merge bins so that they widen with delay, and leave out those around time zero.

    Returns
    -------
    edges_ns, counts : float64 arrays
        Edges and counts of the merged bins.
    used : bool array
        False for the bins around time zero.
    """
    step = edges_ns[1] - edges_ns[0]
    start = int(np.searchsorted(edges_ns, guard_ns))
    before = int(np.searchsorted(edges_ns, -guard_ns - step))
    size = np.maximum(1, ((edges_ns - guard_ns) / 25.0).astype(int))
    cuts = [0] + ([before] if before > 0 else []) + [start]
    position = start
    while position < len(counts):
        position = min(len(counts), position + int(size[position]))
        cuts.append(position)
    unique = np.unique(cuts)
    merged = np.add.reduceat(counts, unique[:-1])
    used = ~((edges_ns[unique[:-1]] < guard_ns - 1e-9) & (edges_ns[unique[1:]] > -guard_ns - step + 1e-9))
    return edges_ns[unique], merged, used
