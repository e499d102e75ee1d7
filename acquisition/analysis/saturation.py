"""The mean number of excitations per laser pulse, from how late light saturates with the intensity.

Each pulse that excites a dot at all ends in one single exciton, so that late light follows the probability of any
excitation, 1 - exp(-mu), for Poisson numbers of mean mu = slope * intensity. One thing is added: the single exciton
that is left by a biexciton was born later, so that its late light is stronger, by 1 / (1 - tau_BX / tau_X).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from acquisition.analysis.estimate import Estimate

FloatArray = NDArray[np.float64]

LEAST_POINTS = 3
MOST_SCATTER = 3.0
MOST_ROUNDS = 200
MOST_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Births:
    """How much stronger late light is when the last exciton was born of others, by the lifetimes of those.

    After the others have decayed, the delay of the last photon is a sum of exponential times; its late part is that
    of the exciton alone times the product of 1 / (1 - tau / tau_X) over the lifetimes tau of the others.

    Attributes
    ----------
    biexciton, triexciton : float
        Their lifetimes over that of the exciton, below 1.
    """

    biexciton: float = 0.19
    triexciton: float = 0.07

    def late_light(self, mean: FloatArray) -> FloatArray:
        """Return the late light per pulse for mean numbers of excitations, 1 for a pulse with one excitation."""
        one, two = mean * np.exp(-mean), mean**2 / 2 * np.exp(-mean)
        more = -np.expm1(-mean) - one - two
        after_two = 1 / (1 - self.biexciton)
        return np.asarray(one + after_two * (two + more / (1 - self.triexciton)))


@dataclass(frozen=True, slots=True)
class Saturation:
    """Fit of a power series.

    Attributes
    ----------
    excitations_per_pulse_per_percent : Estimate
        Slope of mu against the intensity in percent.
    counts_per_exciton : Estimate
        Late counts of a pulse that makes one excitation.
    chi2, degrees_of_freedom : float, int
        Of the fit with Poisson errors only.
    scatter : float
        Relative standard deviation from point to point beyond counting, e.g. from charging; included in the errors.
    """

    excitations_per_pulse_per_percent: Estimate
    counts_per_exciton: Estimate
    chi2: float
    degrees_of_freedom: int
    scatter: float


def fit_saturation(
    intensity_percent: FloatArray,
    counts: FloatArray,
    pulses: FloatArray,
    background_per_pulse: float,
    background_error: float,
    births: Births | None = None,
) -> Saturation:
    """Fit counts per pulse by background + saturated * late light of mean slope * intensity.

    If the points scatter more than Poisson counts do, that scatter is estimated from them, put into their weights,
    and the errors are widened for its being estimated (Student's variance).

    Parameters
    ----------
    intensity_percent, counts, pulses : float64 arrays, shape (points,)
        At least three points at different intensities.
    background_per_pulse, background_error : float
        Measured without light.
    births : Births, optional
        Lifetimes; by default those of the paper's neutral dot, 11.2 and 4.1 of 59 ns.

    Raises
    ------
    ValueError
        If there are too few points, or no light above the background.
    """
    if len(set(intensity_percent.tolist())) < LEAST_POINTS:
        raise ValueError(f"a power series needs at least {LEAST_POINTS} different intensities above 0")
    signal = counts - background_per_pulse * pulses
    if signal.sum() < 5 * np.sqrt(counts.sum()):
        raise ValueError("there is no late light above the dark counts; measure longer or at more intensity")
    data = _Series(intensity_percent, counts, pulses, background_per_pulse, background_error, births or Births())
    values = poisson = data.fit(0.0)
    chi2, free = data.chi2(values, 0.0), len(counts) - 2
    scatter = 0.0
    if chi2 > free:

        def excess(tried: float) -> float:
            return data.chi2(data.fit(tried, poisson), tried) - free

        scatter = float(brentq(excess, 0.0, MOST_SCATTER, xtol=2e-4)) if excess(MOST_SCATTER) < 0 else MOST_SCATTER
        values = data.fit(scatter, poisson)
    errors = data.errors(values, scatter)
    if scatter > 0:
        errors *= np.sqrt(free / (free - 2)) if free > 2 else 3.0
    slope, saturated = np.exp(values[:2])
    return Saturation(
        Estimate(float(slope), float(slope * errors[0])),
        Estimate(float(saturated), float(saturated * errors[1])),
        float(chi2),
        free,
        scatter,
    )


class _Series:
    """The data of a fit: its parameters are log slope, log saturated, and by how many errors the background is off."""

    def __init__(
        self,
        intensity: FloatArray,
        counts: FloatArray,
        pulses: FloatArray,
        background: float,
        error: float,
        births: Births,
    ) -> None:
        self._births = births
        self._intensity, self._counts, self._pulses = intensity, counts, pulses
        self._background, self._error = background, max(error, 1e-12)

    def fit(self, scatter: float, start: FloatArray | None = None) -> FloatArray:
        """Return the parameters; the weights are those of the model."""
        rate = np.maximum(self._counts / self._pulses - self._background, 1e-12)
        values = (
            start
            if start is not None
            else np.array([np.log(1.0 / self._intensity.max()), np.log(2.0 * rate.max()), 0.0])
        )
        for _ in range(MOST_ROUNDS):
            sigma = self._sigma(values, scatter)
            slopes = self._slopes(values, sigma)
            step = -np.linalg.lstsq(slopes, self._residuals(values, sigma), rcond=None)[0]
            step[:2] = np.clip(step[:2], -MOST_STEP, MOST_STEP)
            values = values + step
            values[:2] = np.clip(values[:2], [-20.0, -60.0], [5.0, 5.0])
            if np.all(np.abs(step) < 1e-6):
                break
        return values

    def chi2(self, values: FloatArray, scatter: float) -> float:
        """Return the sum of squares of the points and of the background."""
        return float((self._residuals(values, self._sigma(values, scatter)) ** 2).sum())

    def errors(self, values: FloatArray, scatter: float) -> FloatArray:
        """Return the standard errors of the parameters."""
        sigma = self._sigma(values, scatter)
        slopes = self._slopes(values, sigma)
        return np.asarray(np.sqrt(np.diagonal(np.linalg.pinv(slopes.T @ slopes))))

    def _slopes(self, values: FloatArray, sigma: FloatArray) -> FloatArray:
        """Return the derivatives of the residuals, shape (points + 1, 3)."""
        return np.stack(
            [
                (self._residuals(values + step, sigma) - self._residuals(values - step, sigma)) / (2 * step.max())
                for step in np.diag([1e-4, 1e-4, 1e-2])
            ],
            axis=1,
        )

    def _light(self, values: FloatArray) -> FloatArray:
        return np.asarray(
            self._pulses * np.exp(values[1]) * self._births.late_light(np.exp(values[0]) * self._intensity)
        )

    def _dark(self, values: FloatArray) -> FloatArray:
        return np.asarray(self._pulses * (self._background + self._error * values[2]))

    def _sigma(self, values: FloatArray, scatter: float) -> FloatArray:
        light = self._light(values)
        return np.asarray(np.sqrt(np.maximum(light + self._dark(values), 1.0) + (scatter * light) ** 2))

    def _residuals(self, values: FloatArray, sigma: FloatArray) -> FloatArray:
        points = (self._counts - self._light(values) - self._dark(values)) / sigma
        return np.append(points, values[2])
