"""Fit of the rate constants B', C- and C+ of the microstate model to lifetimes and efficiencies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, brentq, least_squares

from acquisition.analysis.estimate import Estimate
from acquisition.photophysics.microstates import Levels, RateConstants, state_rates

FloatArray = NDArray[np.float64]

CARRIERS = {"X": (1, 1), "X-": (2, 1), "X2-": (3, 1), "BX": (2, 2), "BX-": (3, 2), "BX2-": (4, 2)}
"""Electrons and holes of each state."""

MOST_SCATTER = 0.5


@dataclass(frozen=True, slots=True)
class RateModelFit:
    """Rate constants in 1/us with errors.

    `scatter` is the relative scatter of the states about the model beyond their own errors, chosen
    so that chi2 equals the degrees of freedom (0 if the model fits): the model knows no
    electron-electron repulsion, and precise states must not outweigh its imperfection.
    """

    b_per_us: Estimate
    c_minus_per_us: Estimate
    c_plus_per_us: Estimate
    scatter: float
    chi2: float
    degrees_of_freedom: int

    @property
    def constants(self) -> RateConstants:
        """The values without errors."""
        return RateConstants(self.b_per_us.value, self.c_minus_per_us.value, self.c_plus_per_us.value)


@dataclass(frozen=True, slots=True)
class _Datum:
    """A measured lifetime (ns) or efficiency of a state."""

    state: str
    is_lifetime: bool
    measured: Estimate


def _solve(data: list[_Datum], temperature_k: float, levels: Levels, scatter: float) -> OptimizeResult:
    def residuals(p: FloatArray) -> FloatArray:
        constants = RateConstants(*p)
        rates = {
            name: state_rates(*CARRIERS[name], temperature_k, constants, levels) for name in {d.state for d in data}
        }
        out = []
        for d in data:
            model = rates[d.state].lifetime_ns if d.is_lifetime else rates[d.state].quantum_efficiency
            out.append((model - d.measured.value) / np.hypot(d.measured.error, scatter * d.measured.value))
        return np.array(out)

    start = RateConstants()
    return least_squares(
        residuals,
        [start.b_per_us, start.c_minus_per_us, start.c_plus_per_us],
        bounds=([1e-3, 0.0, 0.0], [np.inf, np.inf, np.inf]),
        x_scale=[50.0, 1.0, 1.0],
    )


def fit_rate_model(
    lifetimes_ns: Mapping[str, Estimate],
    efficiencies: Mapping[str, Estimate],
    temperature_k: float,
    levels: Levels,
) -> RateModelFit | None:
    """Fit B', C- and C+ to the lifetimes and efficiencies of the states that were found.

    Returns
    -------
    RateModelFit or None
        None unless the biexciton and a state with an extra electron were found.
    """
    names = [name for name in CARRIERS if name in lifetimes_ns]
    data = [_Datum(name, True, lifetimes_ns[name]) for name in names]
    data += [_Datum(n, False, efficiencies[n]) for n in names if n in efficiencies and efficiencies[n].error > 0]
    if len(data) < 4 or not {"X-", "X2-"} & set(names) or "BX" not in names:
        return None
    degrees = len(data) - 3

    def excess(scatter: float) -> float:
        return float(2.0 * _solve(data, temperature_k, levels, scatter).cost) - degrees

    scatter = 0.0
    if excess(0.0) > 0:
        scatter = brentq(excess, 0.0, MOST_SCATTER, xtol=1e-4) if excess(MOST_SCATTER) < 0 else MOST_SCATTER
    solution = _solve(data, temperature_k, levels, scatter)
    errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(solution.jac.T @ solution.jac)), 0.0))
    b, c_minus, c_plus = (Estimate(float(v), float(e)) for v, e in zip(solution.x, errors, strict=True))
    return RateModelFit(b, c_minus, c_plus, float(scatter), float(2.0 * solution.cost), degrees)
