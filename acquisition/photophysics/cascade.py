"""Photons of one excitation pulse: a Poisson number of excitons that decay one after the other.

All delay distributions of such a cascade are sums of exponentials with the rates of its stages
(hypoexponential distributions), so they are kept as coefficients of those exponentials.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def exciton_probabilities(excitations_per_pulse: float, most: int) -> FloatArray:
    """Return the probabilities of 0 ... `most` excitons: Poisson, the rest counted as `most`."""
    mu = excitations_per_pulse
    probability = np.array([exp(-mu) * mu**n / factorial(n) for n in range(most + 1)])
    probability[most] += 1.0 - probability.sum()
    return probability


def hypoexponential_weights(rates: FloatArray) -> FloatArray:
    """Return c with density(t) = sum_j c_j rates_j exp(-rates_j t) of a sum of exponential times.

    c_j = prod_{i != j} rates_i / (rates_i - rates_j). Equal rates are moved apart by parts in 1e6,
    for which the formula stays exact to about 1e-6.
    """
    rates = rates * (1.0 + 1e-6 * np.arange(len(rates)))
    difference = rates[:, None] - rates[None, :]
    np.fill_diagonal(difference, 1.0)
    ratio = rates[:, None] / difference
    np.fill_diagonal(ratio, 1.0)
    return np.asarray(ratio.prod(axis=0))


@dataclass(frozen=True, eq=False)
class Cascade:
    """Decay of a dot in one charge state; stage n is the state with n excitons.

    Attributes
    ----------
    lifetime_ns : float64 array, shape (stages,)
        Lifetimes of the stages 1, 2, ... in ns.
    yield_ : float64 array, shape (stages,)
        Probability that a decay of the stage gives a photon that counts (efficiency times share).
    excitations_per_pulse : float
        Mean number of excitons per pulse (Poisson).
    """

    lifetime_ns: FloatArray
    yield_: FloatArray
    excitations_per_pulse: float

    @property
    def stages(self) -> int:
        """Largest number of excitons."""
        return len(self.lifetime_ns)

    @cached_property
    def rate_per_ns(self) -> FloatArray:
        """Rates of the stages in 1/ns."""
        return np.asarray(1.0 / self.lifetime_ns * (1.0 + 1e-6 * np.arange(self.stages)))

    @cached_property
    def probability(self) -> FloatArray:
        """Probability of 0, 1, ... excitons."""
        return exciton_probabilities(self.excitations_per_pulse, self.stages)

    @cached_property
    def _weights(self) -> FloatArray:
        """weights[n, m, j]: exponentials of the time from the start of stage n to the decay of stage m."""
        size = self.stages + 1
        weights = np.zeros((size, size, self.stages))
        for n in range(1, size):
            for m in range(1, n + 1):
                weights[n, m, m - 1 : n] = hypoexponential_weights(self.rate_per_ns[m - 1 : n])
        return weights

    @cached_property
    def singles(self) -> FloatArray:
        """Photons per pulse carried by each exponential: density(t) = sum_j singles_j k_j exp(-k_j t)."""
        total = np.zeros(self.stages)
        for n in range(1, self.stages + 1):
            for m in range(1, n + 1):
                total += self.probability[n] * self.yield_[m - 1] * self._weights[n, m]
        return total

    def singles_by_stage(self, window_ns: float = np.inf) -> FloatArray:
        """Return the photons per pulse within the window that come from each stage."""
        inside = 1.0 - np.exp(-self.rate_per_ns * window_ns)
        total = np.zeros(self.stages)
        for n in range(1, self.stages + 1):
            for m in range(1, n + 1):
                total[m - 1] += self.probability[n] * self.yield_[m - 1] * float(self._weights[n, m] @ inside)
        return total

    def first_photon_density(self, time_ns: FloatArray, window_ns: float = np.inf) -> FloatArray:
        """Return the density per ns of the earlier photon of pairs that both lie in the window.

        Parameters
        ----------
        time_ns : float64 array, shape (n,)
            Delay of the earlier photon in ns.
        window_ns : float
            Both photons come before this delay.

        Returns
        -------
        float64 array, shape (n,)
            Pairs per pulse and ns; photons of the cascade beyond the pair may or may not be seen.
        """
        decay = self.rate_per_ns * np.exp(-np.outer(np.maximum(time_ns, 0.0), self.rate_per_ns))
        left_ns = np.maximum(window_ns - time_ns, 0.0)
        inside = 1.0 - np.exp(-np.outer(left_ns, self.rate_per_ns))
        density = np.zeros(len(time_ns))
        for n in range(2, self.stages + 1):
            for m in range(2, n + 1):
                later = sum(self.yield_[j - 1] * (inside @ self._weights[m - 1, j]) for j in range(1, m))
                density += self.probability[n] * self.yield_[m - 1] * (decay @ self._weights[n, m]) * later
        return np.where((time_ns >= 0) & (time_ns <= window_ns), density, 0.0)

    def first_photon_share(self) -> FloatArray:
        """Return the share of each stage among the earlier photons of pairs."""
        share = np.zeros(self.stages)
        for n in range(2, self.stages + 1):
            for m in range(2, n + 1):
                share[m - 1] += self.probability[n] * self.yield_[m - 1] * self.yield_[: m - 1].sum()
        return np.asarray(share / share.sum()) if share.sum() > 0 else share

    def pairs(self, window_ns: float = np.inf) -> float:
        """Return the pairs of photons per pulse that both lie in the window."""
        total = 0.0
        for n in range(2, self.stages + 1):
            for m in range(2, n + 1):
                for j in range(1, m):
                    share = 1.0
                    if np.isfinite(window_ns):
                        share = float(self._weights[n, j] @ (1.0 - np.exp(-self.rate_per_ns * window_ns)))
                    total += self.probability[n] * self.yield_[m - 1] * self.yield_[j - 1] * share
        return total


def center_over_side(cascade: Cascade, window_ns: float = np.inf) -> float:
    """Return the background-free g2 of one emitter at zero lag over that at other lags.

    The centre has 2 x pairs (ordered), a side peak the square of the photons per pulse
    (Nair et al., Nano Lett. 2011, 11, 1136, extended to any mean excitation).
    """
    singles = float(cascade.singles_by_stage(window_ns).sum())
    return float(2.0 * cascade.pairs(window_ns) / singles**2)
