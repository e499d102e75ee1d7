"""Gaps of a photon stream: pulses whose photons may be lost, and which therefore count as no time at all."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import PhotonBlock


def outside_gaps(block: PhotonBlock) -> tuple[NDArray[np.bool_], int]:
    """Return which photons of a block lie outside its gaps, and the number of pulses that do."""
    keep = np.zeros(len(block), dtype=bool)
    pulses = 0
    for begin, end in _stretches(block):
        keep[slice(*np.searchsorted(block.pulse, [begin, end]))] = True
        pulses += end - begin
    return keep, pulses


def unbroken_stretches(block: PhotonBlock) -> Iterator[tuple[slice, bool]]:
    """Yield the photons of a block between its gaps, in order, and whether a gap lies before them.

    The last stretch is there, without photons, also where the block ends with a gap.
    """
    reached = block.first_pulse
    for begin, end in _stretches(block):
        yield slice(*np.searchsorted(block.pulse, [begin, end])), begin > reached
        reached = end
    if reached < block.end_pulse:
        yield slice(len(block), len(block)), True


def _stretches(block: PhotonBlock) -> Iterator[tuple[int, int]]:
    """Yield the pulses [begin, end) of a block that lie outside its gaps; none of them is empty."""
    reached = block.first_pulse
    for gap in sorted(block.gaps, key=lambda gap: gap.first_pulse):
        if gap.end_pulse <= max(gap.first_pulse, reached):
            continue
        if gap.first_pulse > reached:
            yield reached, min(gap.first_pulse, block.end_pulse)
        reached = min(gap.end_pulse, block.end_pulse)
    if reached < block.end_pulse:
        yield reached, block.end_pulse
