"""Photons of a nanocrystal at repetition rates so high that pulses find it still excited.

The number of excitons is followed event by event in a compiled loop that releases the GIL.
"""

from math import exp

import numba
import numpy as np
from numpy.typing import NDArray

from simulators.emission import Stage, draw_pixels

OVERLAP_LIFETIMES = 14.0
"""Laser period in lifetimes above which pulses are independent: a pulse finds 1e-6 of the excitons still there."""


def pulses_overlap(cascade: tuple[Stage, ...], period_ps: float) -> bool:
    """Whether a pulse may find the nanocrystal still excited by the one before."""
    return period_ps < OVERLAP_LIFETIMES * max(stage.lifetime_ps for stage in cascade)


def draw_overlapping_photons(
    cascade: tuple[Stage, ...],
    excitations_per_pulse: float,
    rng: np.random.Generator,
    begin_pulse: int,
    end_pulse: int,
    period_ps: float,
    excitons: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Return the detected photons of the pulses [begin_pulse, end_pulse).

    Each pulse adds a Poisson number of excitons to those that are left, up to the number of stages.

    Parameters
    ----------
    excitons : int
        Excitons that are left when the first pulse comes.

    Returns
    -------
    time_ps : float64 array, shape (n,)
        Time of emission after pulse 0, ascending.
    pixel : int64 array, shape (n,)
        Pixel that absorbs the photon.
    excitons : int
        Excitons that are left at the end.
    """
    lifetime_ps = np.array([0.0] + [stage.lifetime_ps for stage in cascade])
    seen = np.array([0.0] + [stage.detection_probability for stage in cascade])
    mean = excitations_per_pulse * (end_pulse - begin_pulse) * float(seen.max())
    capacity = int(mean + 10 * mean**0.5) + 100
    time_ps, stage = np.empty(capacity), np.empty(capacity, np.int64)
    count, excitons = _follow(
        rng, lifetime_ps, seen, excitations_per_pulse, begin_pulse, end_pulse, period_ps, excitons, time_ps, stage
    )
    pixel = np.empty(count, np.int64)
    for number, each in enumerate(cascade, 1):
        here = np.flatnonzero(stage[:count] == number)
        pixel[here] = draw_pixels(rng, each.pixel_cdf, len(here))
    return time_ps[:count], pixel, excitons


@numba.njit(nogil=True, cache=True)
def _follow(
    rng: np.random.Generator,
    lifetime_ps: NDArray[np.float64],
    seen: NDArray[np.float64],
    mean: float,
    begin_pulse: int,
    end_pulse: int,
    period_ps: float,
    excitons: int,
    time_ps: NDArray[np.float64],
    stage: NDArray[np.int64],
) -> tuple[int, int]:
    """Fill in time and stage of the detected photons; return their number and the excitons left."""
    count = 0
    any_exciton = -np.expm1(-mean)
    pulse = begin_pulse - 1 + rng.geometric(any_exciton)
    now_ps = begin_pulse * period_ps
    while True:
        stop_ps = min(pulse, end_pulse) * period_ps
        while excitons > 0:
            now_ps += lifetime_ps[excitons] * rng.standard_exponential()
            if now_ps >= stop_ps:
                break
            if rng.random() < seen[excitons]:
                if count == len(time_ps):
                    raise RuntimeError("more photons than expected")
                time_ps[count] = now_ps
                stage[count] = excitons
                count += 1
            excitons -= 1
        if pulse >= end_pulse:
            return count, excitons
        now_ps = stop_ps
        excitons = min(len(seen) - 1, excitons + _positive_poisson(rng, mean, any_exciton))
        pulse += rng.geometric(any_exciton)


@numba.njit(nogil=True, cache=True)
def _positive_poisson(rng: np.random.Generator, mean: float, any_exciton: float) -> int:
    """Draw from a Poisson distribution under the condition that the number is not zero."""
    left = rng.random() * any_exciton
    number = 1
    weight = mean * exp(-mean)
    while left >= weight and weight > 0:
        left -= weight
        number += 1
        weight *= mean / number
    return number
