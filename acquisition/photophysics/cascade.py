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
        """Rates of the stages in 1/ns; equal ones are moved apart by parts in 1e6, which changes nothing else."""
        return np.asarray(1.0 / self.lifetime_ns * (1.0 + 1e-6 * np.arange(self.stages)))

    @cached_property
    def probability(self) -> FloatArray:
        """Probability of 0, 1, ... excitons."""
        return exciton_probabilities(self.excitations_per_pulse, self.stages)

    @cached_property
    def _yield(self) -> FloatArray:
        """Yield by number of excitons, 0 of which give none."""
        return np.concatenate([[0.0], self.yield_])

    @cached_property
    def _weights(self) -> FloatArray:
        """weights[n, m, j]: exponentials of the time from the start of stage n to the decay of stage m.

        A sum of exponential times with rates k_i has the density sum_j c_j k_j exp(-k_j t) with
        c_j = prod_{i != j} k_i / (k_i - k_j).
        """
        size, rates = self.stages + 1, self.rate_per_ns
        difference = rates[:, None] - rates[None, :]
        np.fill_diagonal(difference, 1.0)
        ratio = rates[:, None] / difference
        np.fill_diagonal(ratio, 1.0)
        weights = np.zeros((size, size, self.stages))
        for m in range(1, size):
            weights[m:, m, m - 1 :] = np.tril(np.cumprod(ratio[m - 1 :, m - 1 :], axis=0))
        return weights

    def _inside(self, window_ns: float) -> FloatArray:
        """inside[n, m]: probability that stage m decays within the window if n excitons were made."""
        if not np.isfinite(window_ns):
            return np.tril(np.ones((self.stages + 1, self.stages + 1)))
        return np.asarray(self._weights @ -np.expm1(-self.rate_per_ns * window_ns))

    @cached_property
    def singles(self) -> FloatArray:
        """Photons per pulse carried by each exponential: density(t) = sum_j singles_j k_j exp(-k_j t)."""
        return np.asarray(np.tensordot(np.outer(self.probability, self._yield), self._weights, 2))

    def singles_by_stage(self, window_ns: float = np.inf) -> FloatArray:
        """Return the photons per pulse within the window that come from each stage."""
        return np.asarray((self.probability @ self._inside(window_ns) * self._yield)[1:])

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
        inside = -np.expm1(-np.outer(np.maximum(window_ns - time_ns, 0.0), self.rate_per_ns))
        # of the stages m = 1, 2, ...: its decay, and the photons of the stages below it that follow in the window
        earlier = decay @ np.tensordot(self.probability, self._weights, 1)[1:].T
        later = inside @ np.tensordot(self._weights, self._yield, ([1], [0]))[:-1].T
        return np.where((time_ns >= 0) & (time_ns <= window_ns), (earlier * later) @ self.yield_, 0.0)

    def first_photon_share(self) -> FloatArray:
        """Return the share of each stage among the earlier photons of pairs."""
        made = np.cumsum(self.probability[::-1])[::-1][1:]
        share = made * self.yield_ * (np.cumsum(self.yield_) - self.yield_)
        return np.asarray(share / share.sum()) if share.sum() > 0 else share

    def pairs(self, window_ns: float = np.inf) -> float:
        """Return the pairs of photons per pulse that both lie in the window."""
        earlier = np.cumsum(self._yield)
        # of n excitons: the later photon from stage m, in the window, the earlier from any stage above
        above = np.maximum(earlier[:, None] - earlier[None, :], 0.0)
        return float(self.probability @ (self._inside(window_ns) * above) @ self._yield)


def center_over_side(cascade: Cascade, window_ns: float = np.inf) -> float:
    """Return the background-free g2 of one emitter at zero lag over that at other lags.

    The centre has 2 x pairs (ordered), a side peak the square of the photons per pulse
    (Nair et al., Nano Lett. 2011, 11, 1136, extended to any mean excitation).
    """
    singles = float(cascade.singles_by_stage(window_ns).sum())
    return float(2.0 * cascade.pairs(window_ns) / singles**2)
