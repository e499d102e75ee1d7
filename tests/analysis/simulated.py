"""Recordings of the simulated rig, held in memory, with the truth beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from acquisition.analysis.recording import Calibration
from simulators.optics import Optics
from simulators.sample import Sample
from tests.analysis.recordings import MemoryRecording
from tests.simulators.worlds import shining, shipped_sample


@dataclass(frozen=True)
class Simulated:
    """A recording and what the bench knows."""

    recording: MemoryRecording
    truth: Mapping[str, Any]


def calibration_of(optics: Optics) -> Calibration:
    """What is known of the default array: wavelengths and relative efficiency."""
    efficiency = optics.pixel_efficiency()
    return Calibration(wavelength_nm=optics.wavelength_nm(), relative_efficiency=efficiency / np.max(efficiency))


def record(
    sample: Sample | str = "cdse_cds_table",
    seconds: float = 60.0,
    seed: int = 1,
    *,
    intensity_percent: float = 20.0,
    rate_hz: float = 1e6,
) -> Simulated:
    """Record a sample with the default array."""
    sample = shipped_sample(sample) if isinstance(sample, str) else sample
    world = shining(sample, seed, intensity_percent=intensity_percent, rate_hz=rate_hz)
    info = world.array.stream_info()
    blocks = list(world.array.photons(seconds))
    return Simulated(MemoryRecording(info, blocks, calibration_of(world.bench.optics)), world.bench.truth())


@lru_cache(maxsize=1)
def minute() -> Simulated:
    """A minute of the default sample, which several tests look at."""
    return record()
