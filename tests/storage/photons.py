"""Photon blocks for the tests of storage."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from acquisition.analysis.recording import Calibration
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=320)


def make_blocks(count: int, photons: int = 200, pulses: int = 1000, seed: int = 1) -> list[PhotonBlock]:
    """Return blocks that follow each other; every other one has a gap."""
    rng = np.random.default_rng(seed)
    return [
        PhotonBlock(
            np.sort(rng.integers(0, pulses, photons)) + number * pulses,
            rng.integers(0, INFO.pixel_count, photons).astype(np.uint16),
            (rng.integers(0, 50_000, photons) * 20).astype(np.uint32),
            number * pulses,
            (number + 1) * pulses,
            (Gap(number * pulses + 3, number * pulses + 5, "overflow"),) if number % 2 else (),
        )
        for number in range(count)
    ]


def join(blocks: Iterable[PhotonBlock]) -> PhotonBlock:
    """Return all blocks as one, after a check that each starts where the one before ended."""
    parts: Sequence[PhotonBlock] = list(blocks)
    assert all(one.end_pulse == other.first_pulse for one, other in itertools.pairwise(parts))
    return PhotonBlock(
        np.concatenate([part.pulse for part in parts]),
        np.concatenate([part.pixel for part in parts]),
        np.concatenate([part.delay_ps for part in parts]),
        parts[0].first_pulse,
        parts[-1].end_pulse,
    )


def same_photons(one: PhotonBlock, other: PhotonBlock) -> bool:
    """Whether two blocks cover the same pulses with the same photons in the same order."""
    return (
        (one.first_pulse, one.end_pulse) == (other.first_pulse, other.end_pulse)
        and np.array_equal(one.pulse, other.pulse)
        and np.array_equal(one.pixel, other.pixel)
        and np.array_equal(one.delay_ps, other.delay_ps)
    )


class MemoryRecording:
    """A recording in memory."""

    def __init__(
        self,
        blocks: Iterable[PhotonBlock],
        calibration: Calibration | None = None,
        *,
        info: PhotonStreamInfo = INFO,
        simulated: bool | None = None,
        conditions: Mapping[str, float] | None = None,
    ) -> None:
        self._blocks = list(blocks)
        self.info = info
        self.calibration = calibration or Calibration()
        self.simulated = simulated
        self.conditions = dict(conditions or {})

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks."""
        return iter(self._blocks)

    @staticmethod
    def dark(first_pulse: int, end_pulse: int) -> PhotonBlock:
        """Return a block without photons."""
        empty = np.empty(0, np.int64)
        return PhotonBlock(empty, empty.astype(np.uint16), empty.astype(np.uint32), first_pulse, end_pulse)
