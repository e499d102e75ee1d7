"""Samples, instruments and expectations that the tests of the simulators share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.config.shipped import find_config
from acquisition.config.yaml_file import load_config
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.laser import SimulatedLaser
from simulators.optics import EfficiencyPoint, Optics
from simulators.sample import Sample
from simulators.shutter import SimulatedShutter
from simulators.spad_array import SimulatedSpadArray

QUIET = DetectorSettings(
    dark_rate_median_cps=0, hot_pixels=0, crosstalk_probability=0, dead_time_ns=0, jitter_fwhm_ps=0, offset_sigma_ps=0
)
"""A detector that adds nothing but its time zero and its time bins."""

ALL_PHOTONS = Optics(
    collection_efficiency=1.0, detection_efficiency=(EfficiencyPoint(wavelength_nm=500, efficiency=1.0),)
)
"""Optics that lose only the photons outside the array's wavelengths."""


def shipped_sample(name: str = "cdse_cds_table") -> Sample:
    return load_config(find_config("samples", name), Sample)


@dataclass(frozen=True)
class Instruments:
    bench: Bench
    laser: SimulatedLaser
    shutter: SimulatedShutter
    array: SimulatedSpadArray


def shining(
    sample: Sample,
    seed: int = 1,
    *,
    intensity_percent: float = 20.0,
    rate_hz: float = 1e6,
    detector: DetectorSettings | None = None,
    optics: Optics | None = None,
) -> Instruments:
    """Return connected instruments, ready to acquire, with laser light on the sample."""
    bench = Bench(sample, seed, optics=optics)
    laser, shutter = SimulatedLaser("laser", bench), SimulatedShutter("shutter", bench)
    array = SimulatedSpadArray("spad_array", bench, detector)
    for device in (laser, shutter, array):
        device.connect()
    laser.set_repetition_rate_hz(rate_hz)
    laser.set_intensity_percent(intensity_percent)
    laser.set_emission(True)
    shutter.set_open(True)
    array.set_bias(True)
    return Instruments(bench, laser, shutter, array)


@dataclass(frozen=True)
class Photons:
    pulse: NDArray[np.int64]
    pixel: NDArray[np.uint16]
    delay_ps: NDArray[np.uint32]


def acquire(array: SimulatedSpadArray, duration_s: float) -> Photons:
    blocks = list(array.photons(duration_s))
    return Photons(
        np.concatenate([block.pulse for block in blocks]),
        np.concatenate([block.pixel for block in blocks]),
        np.concatenate([block.delay_ps for block in blocks]),
    )


def sigmas(found: float, expected: float) -> float:
    """Return how many standard deviations of counting `found` counts lie off."""
    return abs(found - expected) / expected**0.5
