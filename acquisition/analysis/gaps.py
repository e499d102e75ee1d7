"""Gaps of a photon stream: pulses whose photons may be lost, and which therefore count as no time at all."""

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import PhotonBlock


def outside_gaps(block: PhotonBlock) -> tuple[NDArray[np.bool_], int]:
    """Return which photons of a block lie outside its gaps, and the number of pulses that do."""
    keep = np.ones(len(block), dtype=bool)
    pulses, reached = block.end_pulse - block.first_pulse, block.first_pulse
    for gap in sorted(block.gaps, key=lambda gap: gap.first_pulse):
        begin, end = max(gap.first_pulse, reached), min(gap.end_pulse, block.end_pulse)
        if end > begin:
            keep[slice(*np.searchsorted(block.pulse, [begin, end]))] = False
            pulses -= end - begin
            reached = end
    return keep, pulses
