"""Mean decays of a dot that is excited again and again and then loses its excitons one after the other.

The numbers of excitons follow a Markov chain; its transition matrices (exponentials of the generator)
hold at any repetition rate, also where a pulse finds excitons that the one before has left.
"""

from functools import lru_cache
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

FloatArray = NDArray[np.float64]


class DecayChain:
    """A dot with 0 ... n excitons under periodic pulses.

    Parameters
    ----------
    lifetimes_ns : float64 array, shape (stages,)
        Lifetimes of 1, 2, ... excitons.
    excitations_per_pulse : float
        Mean number of excitons that a pulse adds (Poisson, up to the number of stages).
    period_ns : float
        Time between pulses.
    """

    def __init__(self, lifetimes_ns: FloatArray, excitations_per_pulse: float, period_ns: float) -> None:
        rates = np.concatenate([[0.0], 1.0 / lifetimes_ns])
        self._rates = tuple(rates.tolist())
        self._generator = _generator(self._rates)
        self._period_ns = period_ns
        self._at_pulse = _steady_state(_added(len(rates), excitations_per_pulse), _transition(self._rates, period_ns))

    def decays(self, edges_ns: FloatArray, time_zero_ns: float) -> FloatArray:
        """Return the decays of each stage per pulse between delays; delay `time_zero_ns` is the pulse.

        Parameters
        ----------
        edges_ns : float64 array, shape (bins + 1,)
            Ascending delays from 0 to the period; evenly spaced but for the last.

        Returns
        -------
        float64 array, shape (stages, bins)
        """
        after_ns = edges_ns - time_zero_ns
        wrapped = after_ns < 0
        cumulated = np.empty((len(self._generator) - 1, len(edges_ns)))
        cumulated[:, ~wrapped] = self._decayed(after_ns[~wrapped])
        whole = self._decayed(np.array([self._period_ns]))
        cumulated[:, wrapped] = self._decayed(after_ns[wrapped] + self._period_ns) - whole
        return np.diff(cumulated, axis=1)

    def follow(self, within_ns: FloatArray) -> FloatArray:
        """Return the probability that stage b decays within a time if there are m excitons at its start.

        Returns
        -------
        float64 array, shape (stages + 1, stages, times)
            Axes: m = 0, 1, ...; b - 1; time.
        """
        reached = _at_least(self._transitions(within_ns))  # times, stage, start
        start = _at_least(np.eye(len(self._generator))[None])
        return np.asarray(np.moveaxis(start - reached, 0, -1).swapaxes(0, 1))

    def _decayed(self, times_ns: FloatArray) -> FloatArray:
        """Decays of each stage since the pulse, shape (stages, times)."""
        left = _at_least(self._transitions(times_ns)) @ self._at_pulse
        return np.asarray((_at_least(np.eye(len(self._generator))[None])[0] @ self._at_pulse)[:, None] - left.T)

    def _transitions(self, times_ns: FloatArray) -> FloatArray:
        """Transition matrices after each time, shape (times, to, from)."""
        ascending, place = np.unique(times_ns, return_inverse=True)
        steps_ns = np.round(np.diff(ascending, prepend=0.0), 9)
        found = np.empty((len(ascending), *self._generator.shape))
        last = np.eye(len(self._generator))
        begins = np.flatnonzero(np.diff(steps_ns, prepend=np.nan))  # of stretches of equal steps
        for begin, end in zip(begins, np.append(begins, len(ascending))[1:], strict=True):
            found[begin:end] = _powers(_transition(self._rates, float(steps_ns[begin])), end - begin) @ last
            last = found[end - 1]
        return found[place]


def _generator(rates_per_ns: tuple[float, ...]) -> FloatArray:
    """Return the generator of the chain from the rates at which 0, 1, 2 ... excitons become one less."""
    rates = np.array(rates_per_ns)
    return np.asarray(np.diag(-rates) + np.diag(rates[1:], 1))


@lru_cache(maxsize=10_000)
def _transition(rates_per_ns: tuple[float, ...], time_ns: float) -> FloatArray:
    """Return the transition matrix after a time; kept, since the same dots are looked at again and again."""
    matrix = np.asarray(expm(_generator(rates_per_ns) * time_ns))
    matrix.flags.writeable = False
    return matrix


def _powers(matrix: FloatArray, count: int) -> FloatArray:
    """Return the powers 1 ... `count` of a matrix, by doubling."""
    powers = matrix[None]
    while len(powers) < count:
        powers = np.concatenate([powers, powers[-1] @ powers])
    return np.asarray(powers[:count])


def exponential_between(edges_ns: FloatArray, lifetime_ns: float, period_ns: float) -> FloatArray:
    """Return the share of a periodic exponential decay between edges; times from the pulse, negative ones before it."""
    cumulated = -np.expm1(-edges_ns.clip(min=0) / lifetime_ns)
    before = edges_ns < 0
    cumulated[before] = np.exp(-period_ns / lifetime_ns) - np.exp(-(edges_ns[before] + period_ns) / lifetime_ns)
    return np.asarray(np.diff(cumulated) / -np.expm1(-period_ns / lifetime_ns))


def _at_least(matrices: FloatArray) -> FloatArray:
    """Sum over the numbers of excitons from 1, 2, ... on, along the axis `to`."""
    return np.asarray(np.cumsum(matrices[:, ::-1], axis=1)[:, ::-1][:, 1:])


def _added(states: int, mean: float) -> FloatArray:
    """Transition matrix (to, from) of a pulse: a Poisson number is added, the rest counted as the most."""
    matrix = np.zeros((states, states))
    for start in range(states):
        weight = exp(-mean)
        for number in range(start, states - 1):
            matrix[number, start] = weight
            weight *= mean / (number - start + 1)
        matrix[-1, start] = 1.0 - matrix[:-1, start].sum()
    return matrix


def _steady_state(pulse: FloatArray, between: FloatArray) -> FloatArray:
    """Return the distribution just after a pulse that repeats itself from pulse to pulse."""
    round_trip = pulse @ between
    system = np.vstack([round_trip - np.eye(len(pulse)), np.ones(len(pulse))])
    wanted = np.concatenate([np.zeros(len(pulse)), [1.0]])
    return np.asarray(np.linalg.lstsq(system, wanted, rcond=None)[0])
