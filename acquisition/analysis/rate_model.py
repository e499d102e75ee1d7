"""Fit of the rate constants B', C- and C+ of the microstate model to the rates of the states.

As in Arens et al., ACS Nano 2026, 20, 3845: B' from radiative rates, C- and C+ from nonradiative
ones. The model knows no electron-electron repulsion, which lowers the radiative rates of states with
three and four electrons; B' is therefore taken from states with at most two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from acquisition.analysis.estimate import Estimate
from acquisition.photophysics.microstates import Levels, RateConstants, state_rates

FloatArray = NDArray[np.float64]

CARRIERS = {"X": (1, 1), "X-": (2, 1), "X2-": (3, 1), "BX": (2, 2), "BX-": (3, 2), "BX2-": (4, 2)}
"""Electrons and holes of each state."""

MOST_ELECTRONS_FOR_B = 2

MOST_SCATTER = 1.0


@dataclass(frozen=True, slots=True)
class RateModelFit:
    """Rate constants in 1/us with errors.

    `scatter` is the relative scatter of the rates about the model beyond their own errors (the larger
    of radiative and nonradiative), chosen so that chi2 does not exceed the degrees of freedom: precise
    states must not outweigh the imperfection of the model.
    """

    b_per_us: Estimate
    c_minus_per_us: Estimate
    c_plus_per_us: Estimate
    scatter: float
    degrees_of_freedom: int

    @property
    def constants(self) -> RateConstants:
        """The values without errors; none is below zero."""
        values = (self.b_per_us.value, self.c_minus_per_us.value, self.c_plus_per_us.value)
        return RateConstants(*(max(value, 0.0) for value in values))


@dataclass(frozen=True, slots=True, eq=False)
class _LinearFit:
    values: FloatArray
    errors: FloatArray
    scatter: float
    degrees_of_freedom: int

    def estimate(self, index: int) -> Estimate:
        """Return one of the fitted constants."""
        return Estimate(float(self.values[index]), float(self.errors[index]))


def fit_rate_model(
    radiative_per_us: Mapping[str, Estimate],
    nonradiative_per_us: Mapping[str, Estimate],
    temperature_k: float,
    levels: Levels,
) -> RateModelFit | None:
    """Fit B', C- and C+ to the rates of the states that were found.

    Parameters
    ----------
    radiative_per_us, nonradiative_per_us : mapping of Estimate
        Rates by state; those with error 0 are assumed ones and left out of C- and C+.
    temperature_k : float
    levels : Levels

    Returns
    -------
    RateModelFit or None
        None unless there are a biexciton and an exciton with extra electrons.
    """
    unit = RateConstants(1.0, 0.0, 0.0)
    for_b = [n for n in CARRIERS if n in radiative_per_us and CARRIERS[n][0] <= MOST_ELECTRONS_FOR_B]
    for_c = [n for n in CARRIERS if n in nonradiative_per_us and nonradiative_per_us[n].error > 0]
    holes = {CARRIERS[name][1] for name in for_c}
    if not for_b or holes != {1, 2}:
        return None
    radiative = np.array([[state_rates(*CARRIERS[n], temperature_k, unit, levels).radiative_per_us] for n in for_b])
    auger = np.array([_auger(*CARRIERS[name]) for name in for_c])
    b = _fit(radiative, [radiative_per_us[name] for name in for_b])
    c = _fit(auger, [nonradiative_per_us[name] for name in for_c])
    return RateModelFit(
        b_per_us=b.estimate(0),
        c_minus_per_us=c.estimate(0),
        c_plus_per_us=c.estimate(1),
        scatter=max(b.scatter, c.scatter),
        degrees_of_freedom=b.degrees_of_freedom + c.degrees_of_freedom,
    )


def _auger(electrons: int, holes: int) -> tuple[float, float]:
    """Coefficients of C- and C+ in the Auger rate."""
    pairs = electrons * holes
    return pairs * (electrons - 1.0), pairs * (holes - 1.0)


def _fit(design: FloatArray, measured: list[Estimate]) -> _LinearFit:
    """Weighted linear least squares with as much relative scatter as chi2 asks for."""
    value = np.array([one.value for one in measured])
    error = np.array([max(one.error, 1e-9 * abs(one.value), 1e-12) for one in measured])
    degrees = len(value) - design.shape[1]

    def solve(scatter: float) -> tuple[FloatArray, FloatArray, float]:
        sigma = np.hypot(error, scatter * value)
        weighted = design / sigma[:, None]
        covariance = np.linalg.pinv(weighted.T @ weighted)
        found = covariance @ (weighted.T @ (value / sigma))
        chi2 = float(np.sum(((value - design @ found) / sigma) ** 2))
        return found, np.sqrt(np.maximum(np.diag(covariance), 0.0)), chi2

    scatter = 0.0
    if degrees > 0 and solve(0.0)[2] > degrees:
        most = solve(MOST_SCATTER)[2]
        scatter = MOST_SCATTER
        if most < degrees:
            scatter = float(brentq(lambda s: solve(s)[2] - degrees, 0.0, MOST_SCATTER, xtol=1e-5))
    found, errors, _ = solve(scatter)
    return _LinearFit(found, errors, scatter, degrees)
