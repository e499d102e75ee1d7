"""Random numbers of the bench: one independent generator for each purpose, acquisition and interval."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What random numbers are for."""

    CHARGE = 1
    LIGHT = 2
    BACKGROUND = 3
    DETECTOR = 4
    STAGE = 5
    CAMERA = 6
    POWER = 7


def generator(seed: int, purpose: Purpose, *where: int) -> np.random.Generator:
    """Return the generator for a purpose at a place such as (emitter, point, interval).

    Equal arguments give equal numbers, whatever else has been drawn.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose, *where))))
