"""The time tags of a SPAD Lambda as bytes: what stands where in a record of the binary stream, and what it means."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivers.spad_array.device_calibration import MASTER_PIXELS, SLAVE_PIXELS

RECORD_BYTES = 7
"""Chip, id, 2 bytes coarse counter and 3 bytes fine time in ps, both big-endian."""

SLAVE, MASTER = 0, 1

COARSE_VALUES = 65_536
FINE_VALUES = 1 << 24


class Kind(IntEnum):
    """What a record is."""

    INVALID = 0
    PHOTON = 1
    WRAP = 2
    START = 3
    OVERFLOW = 4
    DWELL = 5
    OTHER_MARKER = 6


class Event(IntEnum):
    """What the decoder reports besides photons; columns of an event: kind, chip, and two numbers.

    `LOSS`: times in ps of the last photon of the chip before and of the first one after, reason in a
    fifth column. `LATE`: time of a record that came too late. `SET_BACK`: time at which the chip goes
    on, and the number of its photons of this call before that. `DWELL`: time of the marker.
    """

    LOSS = 0
    LATE = 1
    SET_BACK = 2
    DWELL = 3


class Loss(IntEnum):
    """Why photons of a chip may be missing."""

    NONE = 0
    OVERFLOW = 1
    GARBAGE = 2


LOSS_REASONS = {
    Loss.OVERFLOW: "FIFO of the {chip} chip overflowed",
    Loss.GARBAGE: "bytes in the stream that are no records",
}

CHIP_NAMES = ("slave", "master")

WRAP_ID, START_ID, OVERFLOW_ID = 234, 239, 247
FIRST_MARKER_ID, LAST_MARKER_ID = 225, 231
"""224 and a bit mask: 1 dwell, 2 line, 4 frame."""


def kind_table() -> NDArray[np.uint8]:
    """Return the kind of a record by its first two bytes, shape (256, 256)."""
    table = np.zeros((256, 256), dtype=np.uint8)
    for chip, pixels in ((SLAVE, SLAVE_PIXELS), (MASTER, MASTER_PIXELS)):
        table[chip, :pixels] = Kind.PHOTON
        table[chip, WRAP_ID] = Kind.WRAP
        table[chip, START_ID] = Kind.START
        table[chip, OVERFLOW_ID] = Kind.OVERFLOW
        for marker in range(FIRST_MARKER_ID, LAST_MARKER_ID + 1):
            table[chip, marker] = Kind.DWELL if marker & 1 else Kind.OTHER_MARKER
    return table
