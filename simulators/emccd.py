"""The sensor of the simulated camera: electrons, their multiplication, and the counts that are read out."""

from math import exp2
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius, Seconds, quantity

FULL_SCALE = 65_535
"""Highest count of a pixel (16 bits)."""

DARK_REFERENCE_C = -70.0
DARK_DOUBLING_C = 6.0
"""Rise of the sensor's temperature that doubles its dark current."""

PerSecond = Annotated[float, quantity("1/s", "a rate", "0.001 1/s", "per_s")]


class SensorSettings(ConfigModel):
    """Noise and range of an EMCCD; electrons are counted before the multiplication where not said otherwise.

    The dark current holds at -70 degC. Clock-induced charge is in electrons per pixel and frame. The read
    noise (standard deviation) and the electrons per count are those of the output amplifier, after the
    multiplication.
    """

    rows: int = Field(ge=1, le=2048, default=200)
    columns: int = Field(ge=1, le=2048, default=512)
    dark_current_per_s: PerSecond = Field(ge=0, le=1e4, default=0.001)
    clock_induced_charge: float = Field(ge=0, le=10, default=0.005)
    read_noise_electrons: float = Field(ge=0, le=1000, default=50.0)
    electrons_per_count: float = Field(gt=0, le=1000, default=5.0)
    bias_counts: float = Field(ge=0, le=10_000, default=500.0)
    highest_em_gain: float = Field(gt=1, le=1000, default=300.0)
    readout_s: Seconds = Field(ge=0, le=60, default=0.01)
    ambient_c: Celsius = Field(ge=-50, le=60, default=20.0)
    lowest_c: Celsius = Field(ge=-120, le=20, default=-80.0)
    cooling_time_constant_s: Seconds = Field(gt=0, le=3600, default=60.0)

    def dark_electrons_per_s(self, temperature_c: float) -> float:
        """Return the dark current of a pixel in electrons per second."""
        return self.dark_current_per_s * exp2((temperature_c - DARK_REFERENCE_C) / DARK_DOUBLING_C)


def read_out(
    rng: np.random.Generator, settings: SensorSettings, expected_electrons: NDArray[np.float64], em_gain: float
) -> NDArray[np.uint16]:
    """Return the counts of a frame.

    The multiplication of each electron is a birth process of mean g: the number that comes out of n
    electrons is negative binomial with mean n g and variance n g (g - 1). For high gain that is the gamma
    distribution of Basden, Haniff and Mackay, MNRAS 2003, 345, 985, with excess noise factor sqrt(2 - 1/g).

    Parameters
    ----------
    expected_electrons : float64 array, shape (rows, columns)
        Mean number of electrons of each pixel from light and dark current.
    """
    electrons = rng.poisson(expected_electrons + settings.clock_induced_charge).astype(np.float64)
    if em_gain > 1:
        some = electrons > 0
        electrons[some] += rng.negative_binomial(electrons[some], 1 / em_gain)
    electrons += settings.read_noise_electrons * rng.standard_normal(electrons.shape)
    counts = np.rint(electrons / settings.electrons_per_count + settings.bias_counts)
    return np.clip(counts, 0, FULL_SCALE).astype(np.uint16)
