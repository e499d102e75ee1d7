"""How many bytes photons take on the disk, as measured with the formats of this program."""

from collections.abc import Sequence
from dataclasses import dataclass

SEGMENT_BYTES_PER_PHOTON = 10.0
"""While a run goes on: pulse, delay and pixel of a photon in a segment."""

SEGMENT_BYTES_PER_S = 40.0
"""Header of a block, of which there is one each second."""

FILE_BYTES_PER_PHOTON = 7.0
"""In photons.h5, compressed; measured with the default array, whose dark counts are most of the photons."""


@dataclass(frozen=True, slots=True)
class DataSize:
    """Bytes of a run.

    Attributes
    ----------
    segments : float
        While it goes on.
    files : float
        Afterwards, in photons.h5 of all points.
    peak : float
        At most, when the files are made: all segments and the largest file, whose segments go afterwards.
    """

    segments: float
    files: float
    peak: float


def data_size(photons: Sequence[float], durations_s: Sequence[float]) -> DataSize:
    """Return what points of so many photons and so long take on the disk."""
    segments = [
        SEGMENT_BYTES_PER_PHOTON * count + SEGMENT_BYTES_PER_S * duration_s
        for count, duration_s in zip(photons, durations_s, strict=True)
    ]
    files = [FILE_BYTES_PER_PHOTON * count for count in photons]
    # the files are made one after the other at the end; the segments of a point go when its file is there
    return DataSize(sum(segments), sum(files), sum(segments) + max(files, default=0.0))
