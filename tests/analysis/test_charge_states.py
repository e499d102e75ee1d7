"""Charge states of a count trace: the chain against enumeration, and what it makes of drawn traces."""

from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import poisson

from acquisition.analysis.charge_assignment import assign_charge_states
from acquisition.analysis.charge_states import (
    HiddenMarkovFit,
    _forward_backward,
    _log_emission,
    best_fit,
    filter_last,
    fit_states,
    select_bins,
)
from acquisition.analysis.settings import AnalysisSettings
from tests.analysis.traces import BIN_S, background_rates, draw_trace, light_rates

START = np.array([0.2, 0.5, 0.3])
TRANSITION = np.array([[0.7, 0.2, 0.1], [0.15, 0.8, 0.05], [0.3, 0.3, 0.4]])
RATES = np.array([[2.0, 5.0], [3.0, 1.0], [0.5, 0.5]])


def everything_by_enumeration(counts: NDArray[np.int64], own: bool) -> tuple[NDArray[np.float64], float, NDArray]:
    """Return probability of each state per bin (without the bin's own counts unless `own`), likelihood, transitions."""
    bins = len(counts)
    probability, transitions, likelihood = np.zeros((bins, 3)), np.zeros((3, 3)), 0.0
    emission = poisson.pmf(counts[:, None, :], RATES[None]).prod(axis=2)
    for path in product(range(3), repeat=bins):
        chain = START[path[0]] * np.prod([TRANSITION[a, b] for a, b in pairwise(path)])
        whole = chain * np.prod([emission[t, state] for t, state in enumerate(path)])
        likelihood += whole
        for a, b in pairwise(path):
            transitions[a, b] += whole
        for t, state in enumerate(path):
            probability[t, state] += whole if own else whole / emission[t, state]
    return probability / probability.sum(axis=1, keepdims=True), likelihood, transitions / likelihood


@pytest.fixture
def chain() -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]], float]:
    counts = np.array([[2, 4], [4, 0], [0, 1], [3, 1], [1, 6], [0, 0]])
    out = {"posterior": np.empty((6, 3)), "others": np.empty((6, 3)), "pairs": np.empty((3, 3))}
    emission = _log_emission(counts, np.ones(6, dtype=bool), RATES)
    value = _forward_backward(emission, TRANSITION, START, out["posterior"], out["others"], out["pairs"])
    return counts, out, float(value)


def test_the_posterior_equals_enumeration_of_all_paths(chain) -> None:
    counts, out, _ = chain
    assert out["posterior"] == pytest.approx(everything_by_enumeration(counts, own=True)[0], rel=1e-9)


def test_the_posterior_of_the_other_bins_equals_enumeration_without_the_bin(chain) -> None:
    counts, out, _ = chain
    assert out["others"] == pytest.approx(everything_by_enumeration(counts, own=False)[0], rel=1e-9)


def test_likelihood_and_transitions_equal_enumeration(chain) -> None:
    counts, out, value = chain
    _, likelihood, transitions = everything_by_enumeration(counts, own=True)
    # the chain leaves out the factorials of the counts
    factorials = np.log([1, 1, 2, 6, 24, 120, 720])[counts].sum()
    assert value - factorials == pytest.approx(np.log(likelihood), rel=1e-9)
    assert out["pairs"] == pytest.approx(transitions, rel=1e-9)


def test_the_chain_runs_through_bins_without_data(chain) -> None:
    counts, _, _ = chain
    valid = np.array([True, True, False, True, True, True])
    posterior, others, pairs = np.empty((6, 3)), np.empty((6, 3)), np.empty((3, 3))
    _forward_backward(_log_emission(counts, valid, RATES), TRANSITION, START, posterior, others, pairs)
    assert posterior[2] == pytest.approx(others[2], rel=1e-9)
    assert np.all(np.isfinite(posterior))


def photons_in_the_right_state(label: NDArray[np.int64], light: NDArray[np.int64]) -> float:
    return float(light[np.arange(len(label)), label].sum() / light.sum())


# section 4 of the science notes, smoothed: the share of photons that come into the right state
@pytest.mark.parametrize(("dwell_s", "right"), [(3.0, 0.996), (1.0, 0.988)])
def test_photons_come_into_the_right_charge_state(dwell_s: float, right: float) -> None:
    trace = draw_trace(7, bins=12_000, dwell_s=dwell_s)
    fit = best_fit(trace.counts, np.ones(12_000, dtype=bool), 3)
    assert len(fit.rates) == 3
    assert photons_in_the_right_state(np.argmax(fit.posterior, axis=1), trace.light) == pytest.approx(right, abs=0.004)


def test_selected_bins_are_purer_than_all_bins() -> None:
    trace = draw_trace(8, bins=12_000, dwell_s=1.0)
    valid = np.ones(12_000, dtype=bool)
    labels = select_bins(best_fit(trace.counts, valid, 3), valid, 0.99)
    chosen = labels >= 0
    assert chosen.mean() > 0.8
    assert photons_in_the_right_state(labels[chosen].astype(int), trace.light[chosen]) > 0.997


def deviation_in_sigma(counts: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviation of the mean of Poisson counts, shape (bins, groups), from their expected value."""
    return np.asarray((counts.mean(axis=0) - expected) / np.sqrt(expected / len(counts)))


def test_selected_bins_have_unbiased_counts_and_delays_but_not_if_they_select_themselves() -> None:
    # so dim that a bin alone says little
    trace = draw_trace(9, bins=20_000, dwell_s=3.0, scale=0.15)
    valid = np.ones(20_000, dtype=bool)
    fit = best_fit(trace.counts, valid, 3)
    expected = light_rates(0.15) + background_rates()
    by_others = select_bins(fit, valid, 0.99)
    itself = np.where(fit.posterior.max(axis=1) > 0.99, np.argmax(fit.posterior, axis=1), -1)
    total = []
    for state in range(3):
        # bins in which the dot was elsewhere are another matter
        pure = trace.share[:, state] > 0.999
        unbiased = trace.counts[(by_others == state) & pure]
        assert len(unbiased) > 2000
        assert np.all(np.abs(deviation_in_sigma(unbiased, expected[state])) < 4.5)
        biased = trace.counts[(itself == state) & pure]
        total.append(np.abs(deviation_in_sigma(biased, expected[state])).max())
    assert max(total) > 5.0


@pytest.mark.parametrize("seed", range(20))
def test_a_dot_that_never_charges_has_one_state(seed: int) -> None:
    rates = light_rates()[0] + background_rates()
    counts = np.random.default_rng(seed).poisson(rates, (400, len(rates))).astype(np.int64)
    assert len(best_fit(counts, np.ones(400, dtype=bool), 3).rates) == 1


@pytest.mark.parametrize("seed", range(6))
def test_bins_with_a_switch_inside_are_no_third_state(seed: int) -> None:
    trace = draw_trace(seed, bins=4000, dwell_s=1.0)
    two = trace.counts[trace.share[:, 2] < 1e-9]
    states = assign_charge_states(two, np.ones(len(two), bool), background_rates(), BIN_S, AnalysisSettings())
    assert states.names == ("neutral", "minus1")


def test_states_are_sorted_by_falling_mean_delay_whatever_their_brightness() -> None:
    rates = light_rates() * np.array([[0.5], [1.0], [2.0]]) + background_rates()
    rng = np.random.default_rng(2)
    state = np.repeat(rng.permutation(np.repeat(np.arange(3), 20)), 25)
    counts = rng.poisson(rates[state]).astype(np.int64)
    fit = best_fit(counts, np.ones(len(counts), dtype=bool), 3)
    assert fit.rates.sum(axis=1) == pytest.approx(rates.sum(axis=1), rel=0.03)


def test_dwell_times_come_from_the_chain() -> None:
    trace = draw_trace(5, bins=12_000, dwell_s=2.0)
    settings = AnalysisSettings()
    states = assign_charge_states(trace.counts, np.ones(12_000, dtype=bool), background_rates(), BIN_S, settings)
    assert states.names == ("neutral", "minus1", "minus2")
    # some 60 visits to each outer state, 120 to the middle one
    assert states.dwell_s == pytest.approx([2.0, 2.0, 2.0], rel=4 / np.sqrt(60))
    assert np.diag(states.confusion).min() > 0.99


def test_a_dark_state_is_no_charge_state() -> None:
    trace = draw_trace(6, bins=6000, dwell_s=1.0)
    off = trace.share[:, 2] > 1e-9
    counts = trace.counts.copy()
    counts[off] = np.random.default_rng(1).poisson(background_rates(), (int(off.sum()), counts.shape[1]))
    states = assign_charge_states(counts, np.ones(6000, dtype=bool), background_rates(), BIN_S, AnalysisSettings())
    assert states.names == ("neutral", "minus1")
    assert np.all(states.labels[off] < 0) or np.mean(states.labels[off] >= 0) < 0.05


@pytest.mark.parametrize("counts", [np.zeros((200, 4), np.int64), np.full((200, 4), 7), np.eye(200, 4, dtype=np.int64)])
def test_traces_without_any_noise_give_finite_states(counts: NDArray[np.int64]) -> None:
    fit = best_fit(counts, np.ones(200, dtype=bool), 3)
    assert np.all(np.isfinite(fit.rates))
    assert np.all(np.isfinite(fit.others))


def test_a_trace_that_is_too_short_has_no_charge_states() -> None:
    counts = draw_trace(1, bins=10, dwell_s=1.0).counts
    states = assign_charge_states(counts, np.ones(10, dtype=bool), background_rates(), BIN_S, AnalysisSettings())
    assert states.names == ()
    assert np.all(states.labels == -1)


def test_bins_without_data_are_in_no_state() -> None:
    trace = draw_trace(4, bins=3000, dwell_s=2.0)
    valid = np.ones(3000, dtype=bool)
    valid[1000:1100] = False
    trace.counts[1000:1100] = 0
    states = assign_charge_states(trace.counts, valid, background_rates(), BIN_S, AnalysisSettings())
    assert len(states.names) == 3
    assert np.all(states.labels[~valid] == -1)


def test_the_newest_bin_is_named_as_it_comes() -> None:
    trace = draw_trace(12, bins=4000, dwell_s=1.0)
    fit = fit_states(trace.counts, np.ones(4000, dtype=bool), 3)
    settled = [t for t in range(100, 4000, 13) if trace.share[t - 2 : t + 1].max(axis=1).min() > 0.999]
    settled = [t for t in settled if np.ptp(trace.share[t - 2 : t + 1].argmax(axis=1)) == 0]
    named = [filter_last(trace.counts[t - 49 : t + 1], fit) == trace.share[t].argmax() for t in settled]
    assert np.mean(named) > 0.99


def test_the_threshold_decides_how_many_bins_are_left_out() -> None:
    others = np.array([[0.995, 0.005], [0.9, 0.1], [0.4, 0.6]])
    fit = HiddenMarkovFit(np.ones((2, 1)), np.eye(2), others, others, 0.0, 0.0)
    valid = np.array([True, True, True])
    assert select_bins(fit, valid, 0.99).tolist() == [0, -1, -1]
    assert select_bins(fit, valid, 0.5).tolist() == [0, 0, 1]
    assert select_bins(fit, np.array([False, True, True]), 0.5).tolist() == [-1, 0, 1]
