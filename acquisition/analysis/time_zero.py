"""Time zero and width of the instrument response, from the rise of the decay itself."""

from dataclasses import dataclass

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray
from scipy.special import erf, erfc

from acquisition.analysis.selection import find_time_zero_bin

REACH_NS = 4.0
"""The rise is fitted this far to either side."""

MOST_SIGMA_NS = 2.0


@dataclass(frozen=True, slots=True)
class TimeZero:
    """Time zero in ns of the delay axis, and the sigma of the instrument response function in ns."""

    time_ns: float
    error_ns: float
    irf_sigma_ns: float


def _rise(edges_ns: NDArray[np.float64], zero: float, sigma: float, rate: float) -> NDArray[np.float64]:
    """Integral of an exponential decay convolved with a Gaussian, per bin between `edges_ns`."""
    t = edges_ns - zero
    z = t / (np.sqrt(2.0) * sigma)
    tail = np.exp(np.minimum(rate * sigma * rate * sigma / 2 - rate * t, 500.0))
    cumulative = 0.5 * (1.0 + erf(z)) - 0.5 * tail * erfc(rate * sigma / np.sqrt(2.0) - z)
    return np.asarray(np.maximum(np.diff(cumulative), 0.0))


def fit_time_zero(delay: NDArray[np.int64], bin_ns: float) -> TimeZero:
    """Fit the rise of a delay histogram by an exponential convolved with a Gaussian response.

    Parameters
    ----------
    delay : int64 array, shape (bins,)
        Delay histogram of the region of interest over one laser period.
    bin_ns : float
        Width of a bin in ns.

    Returns
    -------
    TimeZero
        Maximum-likelihood values (Poisson counts). If the rise is too weak to be fitted, the bin
        in which it lies, with half a bin as error and sigma.
    """
    coarse, significance = find_time_zero_bin(delay)
    reach = max(6, round(REACH_NS / bin_ns))
    first, end = max(0, coarse - reach), min(len(delay), coarse + reach)
    fallback = TimeZero(coarse * bin_ns, bin_ns / 2, bin_ns / 2)
    if significance < 8.0 or coarse - first < 4 or end - coarse < 4:
        return fallback
    counts = delay[first:end].astype(float)
    edges = np.arange(first, end + 1, dtype=np.float64) * np.float64(bin_ns)
    floor = max(float(np.mean(counts[: max(1, (coarse - first) // 2)])), 1e-3)
    height = max(float(counts.max()) - floor, 1.0)

    def cash(zero: float, sigma: float, rate: float, amplitude: float, background: float) -> float:
        model = amplitude * _rise(edges, zero, sigma, rate) / (rate * bin_ns) + background + 1e-9
        return float(2.0 * np.sum(model - counts * np.log(model)))

    fit = Minuit(cash, coarse * bin_ns, 0.15, 0.03, height, floor)
    fit.errordef = Minuit.LIKELIHOOD * 2
    fit.limits["zero"] = (edges[0], edges[-1])
    fit.limits["sigma"] = (bin_ns / 20, MOST_SIGMA_NS)
    fit.limits["rate"] = (1e-4, 5.0)
    fit.limits["amplitude"] = fit.limits["background"] = (1e-6, None)
    fit.migrad()
    if not fit.valid:
        return fallback
    return TimeZero(fit.values["zero"], fit.errors["zero"], fit.values["sigma"])
