"""Emitters in a map of counts: where they lie, how bright they are, and how well both are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_ROUNDS = 100
REACH = 1.2
"""Places at most so many widths (FWHM) away are fitted together with a spot."""


@dataclass(frozen=True, slots=True, eq=False)
class CountMap:
    """Counts at places.

    Attributes
    ----------
    x_um, y_um : float64 arrays, shape (places,)
    counts : float64 array, shape (places,)
    exposed_s : float64 array, shape (places,)
        Time of each count.

    Raises
    ------
    ValueError
        If the lengths differ, or a time is not above 0.
    """

    x_um: FloatArray
    y_um: FloatArray
    counts: FloatArray
    exposed_s: FloatArray

    def __post_init__(self) -> None:
        if not len(self.x_um) == len(self.y_um) == len(self.counts) == len(self.exposed_s):
            raise ValueError("places, counts and times differ in length")
        if len(self.exposed_s) and self.exposed_s.min() <= 0:
            raise ValueError("each place must have been looked at for some time")

    def part(self, chosen: NDArray[np.bool_]) -> "CountMap":
        """Return some of the places."""
        return CountMap(self.x_um[chosen], self.y_um[chosen], self.counts[chosen], self.exposed_s[chosen])


@dataclass(frozen=True, slots=True)
class Spot:
    """An emitter as a Gaussian of known width on a flat background; errors are standard errors.

    Attributes
    ----------
    x_um, y_um, x_error_um, y_error_um : float
    count_rate_cps, count_rate_error_cps : float
        In its middle, without the background.
    background_cps : float
    """

    x_um: float
    y_um: float
    x_error_um: float
    y_error_um: float
    count_rate_cps: float
    count_rate_error_cps: float
    background_cps: float

    @property
    def significance(self) -> float:
        """Brightness over its error."""
        return self.count_rate_cps / self.count_rate_error_cps


def count_map(rows: Sequence[tuple[float, float, float, float]]) -> CountMap:
    """Return the map of rows of x in um, y in um, counts and time in s."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return CountMap(*(np.ascontiguousarray(column) for column in table.T))


def fit_spot(
    counted: CountMap, fwhm_um: float, start_um: tuple[float, float], flicker: float = 0.0, most_um: float | None = None
) -> Spot | None:
    """Fit a Gaussian of known width on a flat background.

    The weights are those of Poisson counts and of an emitter whose brightness differs from place to place.

    Parameters
    ----------
    counted : CountMap
        At least five places.
    fwhm_um : float
        Full width at half maximum of the image of an emitter.
    start_um : tuple of float
        Where it is looked for.
    flicker : float
        Relative standard deviation of the brightness, from place to place.
    most_um : float, optional
        How far from there it may lie; by default one width.

    Returns
    -------
    Spot or None
        None if there is none, or too few places.
    """
    most_um = fwhm_um if most_um is None else most_um
    if len(counted.counts) < 5:
        return None
    rate = counted.counts / counted.exposed_s
    floor = float(np.percentile(rate, 20))
    values = np.array([max(float(rate.max()) - floor, 1e-3), *start_um, max(floor, 1e-3)])
    for _ in range(MOST_ROUNDS):
        model, slopes = _model(counted, fwhm_um, values)
        variance = np.maximum(model, 0.5) + (flicker * (model - values[3] * counted.exposed_s)) ** 2
        information = slopes.T @ (slopes / variance[:, None])
        try:
            step = np.linalg.solve(information, slopes.T @ ((counted.counts - model) / variance))
        except np.linalg.LinAlgError:
            return None
        step[1:3] = np.clip(step[1:3], -0.3 * fwhm_um, 0.3 * fwhm_um)
        values = values + step
        values[0], values[3] = max(values[0], 1e-6), max(values[3], 0.0)
        if np.hypot(values[1] - start_um[0], values[2] - start_um[1]) > most_um:
            return None
        if np.all(np.abs(step) < 1e-4 * np.array([values[0], fwhm_um, fwhm_um, values[0] + values[3]])):
            break
    errors = np.sqrt(np.diagonal(np.linalg.pinv(information)))
    if not np.all(np.isfinite(values)) or not np.all(np.isfinite(errors)) or errors[0] <= 0:
        return None
    return Spot(
        *(float(part) for part in (values[1], values[2], errors[1], errors[2], values[0], errors[0], values[3]))
    )


def _model(counted: CountMap, fwhm_um: float, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the expected counts and their derivatives, shape (places, 4), by amplitude, x, y and background."""
    rate_cps, x_um, y_um, background_cps = values
    steep = 8 * log(2) / fwhm_um**2
    dx, dy, time_s = counted.x_um - x_um, counted.y_um - y_um, counted.exposed_s
    shape = np.exp(-steep / 2 * (dx**2 + dy**2))
    slopes = np.stack(
        [shape, rate_cps * shape * steep * dx, rate_cps * shape * steep * dy, np.ones_like(shape)], axis=1
    )
    return time_s * (rate_cps * shape + background_cps), time_s[:, None] * slopes


def find_spots(counted: CountMap, fwhm_um: float, sigma: float, flicker: float = 0.0) -> list[Spot]:
    """Return the emitters in a map, the brightest first.

    Places where the counts around, weighted like the image of an emitter, exceed the median background
    by `sigma` standard deviations, and by more than at any other place within a width, are fitted.

    Parameters
    ----------
    counted : CountMap
        Places no more than about half a width apart.
    fwhm_um : float
        Full width at half maximum of the image of an emitter; nearer ones cannot be told apart.
    sigma : float
        How far above the background an emitter must be.
    flicker : float
        As of `fit_spot`.
    """
    if len(counted.counts) < 5:
        return []
    background_cps = float(np.median(counted.counts / counted.exposed_s))
    scores = _scores(counted, fwhm_um, background_cps)
    found: list[Spot] = []
    for index in np.flatnonzero(scores > sigma):
        x_um, y_um = float(counted.x_um[index]), float(counted.y_um[index])
        distance_um = np.hypot(counted.x_um - x_um, counted.y_um - y_um)
        if scores[index] < scores[distance_um <= fwhm_um].max():
            continue
        spot = fit_spot(counted.part(distance_um <= REACH * fwhm_um), fwhm_um, (x_um, y_um), flicker)
        if spot is not None and spot.significance > sigma / 2 and not _known(spot, found, fwhm_um):
            found.append(spot)
    return sorted(found, key=lambda spot: -spot.count_rate_cps)


def _scores(counted: CountMap, fwhm_um: float, background_cps: float) -> FloatArray:
    """Return by how many standard deviations the counts around each place exceed the background."""
    expected = np.maximum(background_cps * counted.exposed_s, 0.5)
    steep = 4 * log(2) / fwhm_um**2
    scores = np.zeros(len(expected))
    for index in range(len(expected)):
        distance2 = (counted.x_um - counted.x_um[index]) ** 2 + (counted.y_um - counted.y_um[index]) ** 2
        weight = np.exp(-steep * distance2)
        excess = float(weight @ (counted.counts - expected))
        scores[index] = excess / sqrt(float(weight**2 @ expected))
    return scores


def _known(spot: Spot, others: Sequence[Spot], fwhm_um: float) -> bool:
    return any(np.hypot(spot.x_um - other.x_um, spot.y_um - other.y_um) < fwhm_um / 2 for other in others)
