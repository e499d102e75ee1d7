"""One pass over a recording: how much it holds, and check sums that tell whether a copy is the same."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import PhotonRecording
from acquisition.storage.blocks import join_gaps
from acquisition.storage.errors import StorageError
from acquisition.storage.steps import from_steps, to_steps
from drivers.interfaces.photons import Gap, PhotonBlock

VIRTUAL_PERIOD_PS = 1_000_000
"""Period that stands for the laser's where a stream is not pulsed."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotonSurvey:
    """What a whole recording holds.

    Attributes
    ----------
    photons, end_pulse : int
        Number of photons, and of the pulses covered.
    counts : int64 array, one entry per pixel
        Photons of each pixel.
    longest_delay_ps : int
        Largest delay in ps, 0 without photons.
    stepped : bool
        Whether all delays are multiples of the delay resolution, rounded to 1 ps.
    gaps : tuple of Gap
        Pulses in which photons may have been lost.
    checksums : tuple of int
        CRC-32 of pulses, pixels and delays.
    """

    photons: int
    end_pulse: int
    counts: NDArray[np.int64]
    longest_delay_ps: int
    stepped: bool
    gaps: tuple[Gap, ...]
    checksums: tuple[int, int, int]

    def same_as(self, other: "PhotonSurvey") -> bool:
        """Whether two recordings hold the same photons, pulses and gaps."""
        mine = (self.photons, self.end_pulse, self.gaps, self.checksums)
        return mine == (other.photons, other.end_pulse, other.gaps, other.checksums)


def survey_recording(recording: PhotonRecording) -> PhotonSurvey:
    """Read a recording once, in bounded memory.

    Raises
    ------
    StorageError
        If a pixel, or a delay of a stream that is not pulsed, is outside what the stream info says.
    """
    info = recording.info
    counts = np.zeros(info.pixel_count, np.int64)
    photons, end_pulse, longest, stepped = 0, 0, 0, True
    gaps: list[Gap] = []
    sums = (0, 0, 0)
    for block in recording.blocks():
        if not info.pulsed:
            block = in_time_order(block)
        _check_range(block, info.pixel_count, info.pulsed)
        photons, end_pulse = photons + len(block), block.end_pulse
        gaps.extend(block.gaps)
        counts += np.bincount(block.pixel, minlength=info.pixel_count)
        longest = max(longest, int(block.delay_ps.max(initial=0)))
        steps = to_steps(block.delay_ps, info.delay_resolution_ps)
        stepped = stepped and np.array_equal(from_steps(steps, info.delay_resolution_ps), block.delay_ps)
        sums = (_crc(block.pulse, sums[0]), _crc(block.pixel, sums[1]), _crc(block.delay_ps, sums[2]))
    return PhotonSurvey(photons, end_pulse, counts, longest, stepped, join_gaps(gaps), sums)


def in_time_order(block: PhotonBlock) -> PhotonBlock:
    """Return a block of a stream without pulses with its photons in order of absolute time."""
    time_ps = block.pulse * VIRTUAL_PERIOD_PS + block.delay_ps
    if not np.any(time_ps[1:] < time_ps[:-1]):
        return block
    order = np.argsort(time_ps, kind="stable")
    return PhotonBlock(
        block.pulse[order],
        block.pixel[order],
        block.delay_ps[order],
        block.first_pulse,
        block.end_pulse,
        block.gaps,
    )


def _crc(column: NDArray[np.integer], before: int) -> int:
    return zlib.crc32(np.ascontiguousarray(column).data, before)


def _check_range(block: PhotonBlock, pixel_count: int, pulsed: bool) -> None:
    highest = int(block.pixel.max(initial=0))
    if highest >= max(pixel_count, 1):
        raise StorageError(f"a photon is in pixel {highest}, but the detector has {pixel_count} pixels (from 0)")
    longest = int(block.delay_ps.max(initial=0))
    if not pulsed and longest >= VIRTUAL_PERIOD_PS:
        raise StorageError(
            f"a delay of {longest} ps in a stream that is not pulsed; allowed is less than {VIRTUAL_PERIOD_PS} ps"
        )
