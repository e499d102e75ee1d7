"""Whether light has become less: over that of the beginning, and per minute."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

LEAST_BINS = 50
"""Bins of the history from which a drift is told: 5 s."""


def bleaching(
    counts: float,
    exposed_s: float,
    first_counts: float,
    first_s: float,
    background_cps: float | None,
    background_error_cps: float = 0.0,
) -> dict[str, float] | None:
    """Return the present rate over that of the beginning, with the error of counting.

    With n and t the rates now and then, b the background: v = (n - b) / (t - b), and as b is in both,
    the error of v is sqrt(dn^2 + (v dt)^2 + ((1 - v) db)^2) / (t - b).

    Parameters
    ----------
    counts, exposed_s : float
        Photons now, and in which time in s.
    first_counts, first_s : float
        Those of the beginning.
    background_cps : float or None
        Rate without the emitter in counts/s, which both are reduced by; None: not known.
    background_error_cps : float
        Its error.

    Returns
    -------
    dict or None
        ``value`` and ``error``; None if there was no light at the beginning.
    """
    background = background_cps or 0.0
    now_cps, then_cps = counts / exposed_s - background, first_counts / first_s - background
    then_error_cps = sqrt(max(first_counts, 1.0)) / first_s
    if then_cps <= 3 * then_error_cps:
        return None
    now_error_cps, value = sqrt(max(counts, 1.0)) / exposed_s, now_cps / then_cps
    error_cps = sqrt(now_error_cps**2 + (value * then_error_cps) ** 2 + ((1 - value) * background_error_cps) ** 2)
    return {"value": value, "error": error_cps / then_cps}


def rate_share_per_min(history: NDArray[np.float64]) -> dict[str, float | None]:
    """Return the slope of a straight line through the rate, over its mean, with the error from the scatter.

    Parameters
    ----------
    history : float64 array, shape (bins, 3)
        Time in s, counts and exposed time in s of each bin.

    Returns
    -------
    dict
        ``rate_share_per_min`` and ``rate_share_per_min_error``; None of too short a history.
    """
    nothing: dict[str, float | None] = {"rate_share_per_min": None, "rate_share_per_min_error": None}
    if len(history) < LEAST_BINS:
        return nothing
    time_s, counts, exposed_s = history.T
    rate, away_s = counts / exposed_s, time_s - time_s.mean()
    spread = float(away_s @ away_s)
    if rate.mean() <= 0 or spread <= 0:
        return nothing
    slope = float(away_s @ rate) / spread
    rest = rate - rate.mean() - slope * away_s
    error = sqrt(float(rest @ rest) / (len(rate) - 2) / spread)
    per_min = 60.0 / float(rate.mean())
    return {"rate_share_per_min": slope * per_min, "rate_share_per_min_error": error * per_min}
