"""Charge state of each bin of the count trace: a hidden Markov chain over counts and delays.

Each state emits Poisson counts in several delay groups, so a bin is judged by its rate and by its
decay together: counts alone tell only half of the bins right, the delays of a bin carry the information.
Bins are selected by what all *other* bins say, which leaves the photons of a selected bin unbiased.
"""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.cluster.vq import ClusterError, kmeans2

ITERATIONS = 200
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class HiddenMarkovFit:
    """Result of fitting a number of states.

    Attributes
    ----------
    rates : float64 array, shape (states, groups)
        Mean counts per bin and delay group, states sorted by falling mean delay group.
    transition : float64 array, shape (states, states)
        Probability per bin of going from row to column.
    posterior : float64 array, shape (bins, states)
        Probability of each state given all bins.
    others : float64 array, shape (bins, states)
        Probability of each state given all bins but the one in question.
    log_likelihood, bic : float
        Log likelihood and Bayesian information criterion (smaller is better).
    """

    rates: NDArray[np.float64]
    transition: NDArray[np.float64]
    posterior: NDArray[np.float64]
    others: NDArray[np.float64]
    log_likelihood: float
    bic: float


@njit(nogil=True, cache=True)
def _forward_backward(log_emission, transition, start, posterior, others, pairs) -> float:  # type: ignore[no-untyped-def]
    """Fill posterior, leave-one-out posterior and expected transitions; return the log likelihood."""
    bins, states = log_emission.shape
    forward = np.empty((bins, states))
    emission = np.empty((bins, states))
    scale = np.empty(bins)
    log_likelihood = 0.0
    for t in range(bins):
        highest = log_emission[t, 0]
        for k in range(1, states):
            highest = max(highest, log_emission[t, k])
        total = 0.0
        for k in range(states):
            value = start[k]
            if t > 0:
                value = 0.0
                for j in range(states):
                    value += forward[t - 1, j] * transition[j, k]
            others[t, k] = value
            emission[t, k] = np.exp(log_emission[t, k] - highest)
            forward[t, k] = value * emission[t, k]
            total += forward[t, k]
        scale[t] = total
        for k in range(states):
            forward[t, k] /= total
        log_likelihood += np.log(total) + highest
    _backward(forward, emission, scale, transition, posterior, others, pairs)
    return log_likelihood


@njit(nogil=True, cache=True)
def _backward(forward, emission, scale, transition, posterior, others, pairs) -> None:  # type: ignore[no-untyped-def]
    """Second half of it: `others` comes with what the bins before predict."""
    bins, states = forward.shape
    backward, earlier = np.ones(states), np.zeros(states)
    pairs[:] = 0.0
    for t in range(bins - 1, -1, -1):
        total, total_others = 0.0, 0.0
        for k in range(states):
            posterior[t, k] = forward[t, k] * backward[k]
            others[t, k] *= backward[k]
            total += posterior[t, k]
            total_others += others[t, k]
        for k in range(states):
            posterior[t, k] /= total
            others[t, k] /= total_others
        if t == 0:
            break
        for j in range(states):
            earlier[j] = 0.0
            for k in range(states):
                weight = transition[j, k] * emission[t, k] * backward[k] / scale[t]
                earlier[j] += weight
                pairs[j, k] += forward[t - 1, j] * weight
        backward[:] = earlier


def _log_emission(
    counts: NDArray[np.int64] | NDArray[np.float64], valid: NDArray[np.bool_], rates: NDArray[np.float64]
) -> NDArray[np.float64]:
    log_emission = counts @ np.log(rates.T) - rates.sum(axis=1)
    log_emission[~valid] = 0.0
    return np.ascontiguousarray(log_emission, dtype=np.float64)


def _start_rates(counts: NDArray[np.int64], valid: NDArray[np.bool_], states: int, seed: int) -> NDArray[np.float64]:
    """Cluster the smoothed square roots of the counts; those have equal variances."""
    used = counts[valid].astype(float)
    kernel = np.ones(min(5, len(used)))
    norm = np.convolve(np.ones(len(used)), kernel, mode="same")
    smooth = np.stack([np.convolve(column, kernel, mode="same") / norm for column in used.T], axis=1)
    rng = np.random.default_rng(seed)
    # a trace without noise has fewer different bins than states: jitter far below counting noise keeps them apart
    points = np.sqrt(smooth) + 1e-6 * rng.standard_normal(smooth.shape)
    try:
        _, label = kmeans2(points, states, iter=30, minit="++", rng=rng, missing="raise")
    except ClusterError:
        label = rng.integers(states, size=len(points))
    overall = used.mean(axis=0) + 1e-3
    rates = [used[label == k].mean(axis=0) + 1e-3 if np.any(label == k) else overall for k in range(states)]
    return np.asarray(rates)


def _expectation_maximisation(
    counts: NDArray[np.int64], valid: NDArray[np.bool_], rates: NDArray[np.float64]
) -> HiddenMarkovFit:
    bins, states = len(counts), len(rates)
    counts_float = counts.astype(np.float64)
    transition = np.full((states, states), 0.02 / max(states - 1, 1))
    np.fill_diagonal(transition, 0.98 if states > 1 else 1.0)
    start = np.full(states, 1.0 / states)
    posterior, others = np.empty((bins, states)), np.empty((bins, states))
    pairs = np.empty((states, states))
    previous = -np.inf
    log_likelihood = previous
    for _ in range(ITERATIONS):
        emission = _log_emission(counts_float, valid, rates)
        log_likelihood = float(_forward_backward(emission, transition, start, posterior, others, pairs))
        if log_likelihood - previous < TOLERANCE * max(1.0, abs(previous)) * 1e-3:
            break
        previous = log_likelihood
        weight = posterior[valid]
        rates = (weight.T @ counts_float[valid] + 1e-3) / (weight.sum(axis=0)[:, None] + 1e-3)
        transition = (pairs + 1e-6) / (pairs + 1e-6).sum(axis=1, keepdims=True)
        start = posterior[0]
    order = np.argsort(-(rates @ np.arange(rates.shape[1])) / rates.sum(axis=1))
    parameters = states * rates.shape[1] + states * (states - 1)
    return HiddenMarkovFit(
        rates=rates[order],
        transition=transition[np.ix_(order, order)],
        posterior=posterior[:, order],
        others=others[:, order],
        log_likelihood=log_likelihood,
        bic=parameters * float(np.log(max(int(valid.sum()), 2))) - 2.0 * log_likelihood,
    )


def fit_states(counts: NDArray[np.int64], valid: NDArray[np.bool_], states: int, starts: int = 3) -> HiddenMarkovFit:
    """Fit a hidden Markov chain of `states` states by expectation maximisation.

    Parameters
    ----------
    counts : int64 array, shape (bins, groups)
        Counts per bin and delay group.
    valid : bool array, shape (bins,)
        False for bins without data (gaps, the broken bin at the end); the chain runs through them.
    states : int
        Number of states.
    starts : int
        Number of starts, of which the best is kept.
    """
    fits = [
        _expectation_maximisation(counts, valid, _start_rates(counts, valid, states, seed)) for seed in range(starts)
    ]
    return max(fits, key=lambda fit: fit.log_likelihood)


def best_fit(counts: NDArray[np.int64], valid: NDArray[np.bool_], max_states: int) -> HiddenMarkovFit:
    """Fit 1 ... `max_states` states and return the fit with the smallest BIC."""
    best = fit_states(counts, valid, 1, starts=1)
    for states in range(2, max_states + 1):
        if int(valid.sum()) < 8 * states:
            break
        fit = fit_states(counts, valid, states)
        if fit.bic < best.bic:
            best = fit
    return best


def filter_last(counts: NDArray[np.int64], fit: HiddenMarkovFit, valid: NDArray[np.bool_] | None = None) -> int:
    """Return the most probable state of the last bin, given `counts` up to it and a fitted chain.

    Bins that are not `valid` (shape (bins,); all by default), such as those in gaps, say nothing.
    """
    bins, states = len(counts), len(fit.rates)
    emission = _log_emission(counts, np.ones(bins, dtype=bool) if valid is None else valid, fit.rates)
    posterior, others, pairs = np.empty((bins, states)), np.empty((bins, states)), np.empty((states, states))
    _forward_backward(emission, fit.transition, np.full(states, 1.0 / states), posterior, others, pairs)
    return int(np.argmax(posterior[-1]))


def label_bins(
    counts: NDArray[np.int64], fit: HiddenMarkovFit, threshold: float, valid: NDArray[np.bool_] | None = None
) -> NDArray[np.int8]:
    """Return the state of each bin of a piece of trace by a chain that was fitted before, -1 where in doubt.

    Parameters
    ----------
    counts : int64 array, shape (bins, groups)
        Counts per bin and delay group.
    fit : HiddenMarkovFit
        Of any trace with these groups.
    threshold : float
        As of `select_bins`.
    valid : bool array, shape (bins,), optional
        Bins with data; all by default. The others, such as those in gaps, say nothing and have no state.
    """
    bins, states = len(counts), len(fit.rates)
    valid = np.ones(bins, dtype=bool) if valid is None else valid
    posterior, others, pairs = np.empty((bins, states)), np.empty((bins, states)), np.empty((states, states))
    emission = _log_emission(counts, valid, fit.rates)
    _forward_backward(emission, fit.transition, np.full(states, 1.0 / states), posterior, others, pairs)
    return select_bins(replace(fit, posterior=posterior, others=others), valid, threshold)


def select_bins(fit: HiddenMarkovFit, valid: NDArray[np.bool_], threshold: float) -> NDArray[np.int8]:
    """Return the state of each bin, -1 where the *other* bins leave a doubt.

    Choosing by the bin's own photons would keep bright bins of a state and drop dim ones. What the
    others say is independent of them, so rates and decays of the chosen bins are unbiased; bins
    with a switch inside lie between different neighbours and drop out.
    """
    state = np.argmax(fit.others, axis=1).astype(np.int8)
    sure = fit.others.max(axis=1) > threshold
    state[~(sure & valid)] = -1
    return np.asarray(state)
