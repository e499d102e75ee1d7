"""Photon streams for the tests of the analysis, held in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo


@dataclass(frozen=True)
class MemoryRecording:
    """A recording whose blocks are there already."""

    info: PhotonStreamInfo
    stored: Sequence[PhotonBlock]
    calibration: Calibration = field(default_factory=Calibration)
    simulated: bool | None = True
    conditions: Mapping[str, float] = field(default_factory=lambda: {"temperature_c": 20.0})

    def blocks(self) -> Iterator[PhotonBlock]:
        return iter(self.stored)


@dataclass(frozen=True)
class Stream:
    """Photons of the pulses [0, end_pulse), ascending in pulse."""

    pulse: NDArray[np.int64]
    pixel: NDArray[np.uint16]
    delay_ps: NDArray[np.uint32]
    end_pulse: int

    def cut(self, pulses: Sequence[int] = (), gaps: Sequence[Gap] = ()) -> list[PhotonBlock]:
        """Return the stream in blocks that end at these pulses; a gap belongs to the block it begins in."""
        edges = [0, *sorted(pulses), self.end_pulse]
        return [self._block(begin, end, gaps) for begin, end in pairwise(edges)]

    def _block(self, begin: int, end: int, gaps: Sequence[Gap]) -> PhotonBlock:
        part = slice(*np.searchsorted(self.pulse, [begin, end]))
        inside = tuple(gap for gap in gaps if begin <= gap.first_pulse < end)
        arrays = (self.pulse[part].copy(), self.pixel[part].copy(), self.delay_ps[part].copy())
        return PhotonBlock(*arrays, begin, end, inside)

    def shuffled(self, rng: np.random.Generator) -> "Stream":
        """Return the stream with another order within each pulse."""
        order = np.lexsort((rng.random(len(self.pulse)), self.pulse))
        return Stream(self.pulse[order], self.pixel[order], self.delay_ps[order], self.end_pulse)


def stream_of(
    pulse: NDArray[np.int64], pixel: NDArray[np.int64], delay_ps: NDArray[np.float64], end_pulse: int, step_ps: float
) -> Stream:
    """Return a stream of these photons, sorted, with delays rounded down to the steps of a detector."""
    order = np.argsort(pulse, kind="stable")
    steps = np.round(np.floor(delay_ps[order] / step_ps) * step_ps).astype(np.uint32)
    return Stream(pulse[order].astype(np.int64), pixel[order].astype(np.uint16), steps, end_pulse)


def dark_stream(seed: int, *, info: PhotonStreamInfo, pulses: int, photons: int) -> Stream:
    """Return dark counts: uniform in pulse, pixel and delay."""
    rng = np.random.default_rng(seed)
    delay_ps = rng.random(photons) * info.period_ps
    pixel = rng.integers(0, info.pixel_count, photons)
    return stream_of(rng.integers(0, pulses, photons), pixel, delay_ps, pulses, info.delay_resolution_ps)
