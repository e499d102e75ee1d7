"""Photons as they are expected, without chance: for steps that count photons and decide by them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

FloatArray = NDArray[np.float64]


def expected_blocks(
    per_pulse: FloatArray, edges_ns: FloatArray, pulses: int, info: PhotonStreamInfo
) -> Iterator[PhotonBlock]:
    """Yield blocks of at most one second whose photons are as many and as spread as is expected.

    Parts of photons are carried on from bin to bin and from pixel to pixel, so that each sum over
    neighbouring bins is right to one photon.

    Parameters
    ----------
    per_pulse : float64 array, shape (pixels, bins)
        Mean counts per pulse.
    edges_ns : float64 array, shape (bins + 1,)
        Edges of the delay bins; photons stand in their middle.
    pulses : int
        Laser pulses to cover.
    info : PhotonStreamInfo
        Of the stream.
    """
    delay_ps = np.rint(500.0 * (edges_ns[1:] + edges_ns[:-1])).astype(np.uint32)
    cumulated = np.cumsum(per_pulse)
    in_a_block = max(1, round(1e12 / info.period_ps))
    for first in range(0, pulses, in_a_block):
        end = min(first + in_a_block, pulses)
        whole = np.floor(cumulated * (end - first) + 0.5).astype(np.int64)
        counts: NDArray[np.int64] = np.diff(whole, prepend=np.int64(0))
        place = np.repeat(np.arange(len(counts)), counts)
        pixel, delay_bin = np.divmod(place, per_pulse.shape[1])
        pulse = first + (np.arange(len(place)) * (end - first)) // max(len(place), 1)
        yield PhotonBlock(pulse, pixel.astype(np.uint16), delay_ps[delay_bin], first, end)
