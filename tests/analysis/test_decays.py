"""Lifetimes from histograms that are drawn from the forward model, and what wrong models make of them."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.analysis.decay_bins import coarse_bins, exponential_in_bins
from acquisition.analysis.decays import DecayData, DecayFit, Multiexcitons, fit_decays
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.state_fits import multiexcitons
from acquisition.photophysics.microstates import Levels
from tests.analysis.pulls import Pulls

FloatArray = NDArray[np.float64]

PERIOD_NS, WINDOW_NS, ZERO_NS, BIN_NS, SIGMA_NS = 1000.0, 160.0, 21.3, 0.5, 0.17
MU = 0.2
DATA_SETS = 60

# lifetime of X and BX in ns, efficiency of BX over that of X
STATES = {"neutral": (59.0, 11.2, 0.73), "minus1": (28.0, 7.5, 0.67 / 0.88), "minus2": (20.0, 5.8, 0.60 / 0.79)}
PULSES, LIGHT, DARK = 200_000_000, 7.5e-3, 44 * 250e-6
"""200 s in one state: light and dark counts per pulse, over the whole period."""

PAIRS = {"neutral": (2900.0, 4000.0), "minus1": (2400.0, 3500.0), "minus2": (1900.0, 3200.0)}
"""True and accidental pairs in that time."""


def multi(name: str, multiexciton: str = "cascade") -> Multiexcitons:
    return multiexcitons(name, AnalysisSettings(multiexciton=multiexciton), 293.0, Levels())


@lru_cache
def means(name: str) -> DecayData:
    """Expected histograms of a state, over a whole period."""
    lifetime_x, lifetime_bx, ratio = STATES[name]
    cascade = multi(name).cascade(lifetime_x, lifetime_bx, 1.0, ratio, MU)
    edges = np.arange(0.0, PERIOD_NS + BIN_NS / 2, BIN_NS) - ZERO_NS
    shares = cascade.singles / cascade.singles.sum()
    decay = sum(
        share * exponential_in_bins(edges, float(tau), PERIOD_NS, SIGMA_NS)
        for share, tau in zip(shares, cascade.lifetime_ns, strict=True)
    )
    fine = np.arange(0.0, WINDOW_NS + 0.01, 0.02)
    density = cascade.first_photon_density(0.5 * (fine[1:] + fine[:-1]), WINDOW_NS)
    first_edges = np.arange(ZERO_NS - 2.3, ZERO_NS + WINDOW_NS, BIN_NS) - ZERO_NS
    first = np.histogram(0.5 * (fine[1:] + fine[:-1]), first_edges, weights=density)[0]
    shape = np.exp(-np.maximum(first_edges[:-1], 0.0) / 40.0) + 0.3
    pairs, accidental = PAIRS[name][0] * first / first.sum(), PAIRS[name][1] * shape / shape.sum()
    return DecayData(
        edges_ns=edges,
        counts=PULSES * (LIGHT * decay + DARK * BIN_NS / PERIOD_NS),
        first_edges_ns=first_edges,
        first_counts=pairs + accidental,
        accidental=accidental,
        period_ns=PERIOD_NS,
        window_ns=WINDOW_NS,
        irf_sigma_ns=SIGMA_NS,
    )


def drawn(name: str, seed: int) -> DecayData:
    rng, mean = np.random.default_rng(seed), means(name)
    return replace(
        mean,
        counts=rng.poisson(mean.counts).astype(float),
        first_counts=rng.poisson(mean.first_counts).astype(float),
    )


def fitted(data: DecayData, name: str, multiexciton: str = "cascade") -> DecayFit:
    fit = fit_decays(data, multi(name, multiexciton), MU, STATES[name][2])
    assert fit is not None
    return fit


def true_fast_over_slow(name: str) -> float:
    lifetime_x, lifetime_bx, ratio = STATES[name]
    singles = multi(name).cascade(lifetime_x, lifetime_bx, 1.0, ratio, MU).singles
    return float(singles[1] / singles[0])


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("neutral", "minus1")]


@pytest.mark.parametrize("name", ["minus2", *SLOW])
def test_lifetimes_and_amplitudes_lie_within_their_errors(name: str) -> None:
    pulls, goodness, drawn_together, stated = Pulls(), [], [], []
    for seed in range(DATA_SETS):
        data = drawn(name, seed)
        fit = fitted(data, name)
        pulls.add("X", fit.lifetime_x_ns, STATES[name][0])
        pulls.add("BX", fit.lifetime_bx_ns, STATES[name][1])
        pulls.add("fast over slow", fit.fast_over_slow, true_fast_over_slow(name))
        goodness.append(fit.cash_per_bin)
        pairs = data.first_counts.sum()
        drawn_together.append([fit.lifetime_x_ns.value, pulls["BX"][-1], fit.fast_over_slow.value, pairs])
        stated.append(fit.covariance_with_pairs / np.sqrt(np.diag(fit.covariance) * pairs))
    pulls.assert_right()
    assert np.mean(goodness) == pytest.approx(1.0, abs=0.05)
    # the number of pairs and what is fitted to their decay are correlated, as the fit says
    correlation = np.corrcoef(np.array(drawn_together).T)[3, :3]
    assert np.mean(stated, axis=0) == pytest.approx(correlation, abs=4 / np.sqrt(DATA_SETS))
    assert np.mean(stated, axis=0)[1] > 0.15


@pytest.mark.parametrize("name", STATES)
def test_without_noise_the_truth_is_found(name: str) -> None:
    fit = fitted(means(name), name)
    assert fit.lifetime_x_ns.value == pytest.approx(STATES[name][0], rel=1e-3)
    assert fit.lifetime_bx_ns is not None
    assert fit.lifetime_bx_ns.value == pytest.approx(STATES[name][1], rel=3e-3)
    assert fit.fast_over_slow.value == pytest.approx(true_fast_over_slow(name), rel=0.01)


@pytest.mark.parametrize("name", STATES)
def test_without_triexcitons_in_the_model_biexcitons_come_out_too_short(name: str) -> None:
    # 8 % of first photons with a bit more than a third of the lifetime: 0.92 + 0.08 * 0.37 = 0.95
    fit = fitted(means(name), name, "cap2")
    assert fit.lifetime_bx_ns is not None
    assert 0.92 < fit.lifetime_bx_ns.value / STATES[name][1] < 0.98


def test_the_biexciton_is_known_to_the_stated_precision() -> None:
    # science notes, section 4: 4.4 % after 200 s for the doubly charged biexciton
    fit = fitted(drawn("minus2", 1), "minus2")
    assert fit.lifetime_bx_ns is not None
    assert fit.lifetime_bx_ns.error / fit.lifetime_bx_ns.value == pytest.approx(0.044, abs=0.01)


def test_ignored_accidental_pairs_would_lengthen_the_biexciton() -> None:
    data = means("neutral")
    fit = fitted(replace(data, accidental=np.zeros_like(data.accidental)), "neutral")
    assert fit.lifetime_bx_ns is not None
    assert fit.lifetime_bx_ns.value > 1.3 * 11.2


def test_too_few_pairs_leave_the_biexciton_out() -> None:
    data = drawn("neutral", 2)
    fit = fitted(replace(data, first_counts=np.round(data.accidental)), "neutral")
    assert fit.lifetime_bx_ns is None
    assert fit.lifetime_x_ns.value == pytest.approx(59.0, abs=5 * fit.lifetime_x_ns.error)


@pytest.mark.parametrize("scale", [0.0, 1e-9])
def test_too_little_light_gives_no_fit(scale: float) -> None:
    dark = PULSES * DARK * BIN_NS / PERIOD_NS * np.ones_like(means("neutral").counts)
    light = means("neutral").counts - dark
    counts = np.random.default_rng(1).poisson(dark + scale * light).astype(float)
    data = replace(means("neutral"), counts=counts, first_counts=means("neutral").accidental)
    assert fit_decays(data, multi("neutral"), MU, 0.75) is None


def test_an_empty_histogram_gives_no_fit() -> None:
    data = means("neutral")
    empty = replace(data, counts=np.zeros_like(data.counts), first_counts=np.zeros_like(data.first_counts))
    assert fit_decays(empty, multi("neutral"), MU, 0.75) is None


def test_a_decay_of_another_kind_is_called_a_poor_fit_and_has_wider_errors() -> None:
    data = means("neutral")
    strange = data.counts + 4e5 * exponential_in_bins(data.edges_ns, 200.0, PERIOD_NS, SIGMA_NS)
    fit = fitted(replace(data, counts=strange), "neutral")
    assert fit.cash_per_bin > 1.5
    assert fit.lifetime_x_ns.error > 1.2 * fitted(data, "neutral").lifetime_x_ns.error


def test_the_exponential_is_periodic_and_sums_to_one() -> None:
    edges = np.linspace(0.0, 50.0, 101)
    share = exponential_in_bins(edges, 30.0, 50.0, 0.0)
    assert share.sum() == pytest.approx(1.0)
    # what an earlier pulse left continues the decay
    assert share[-1] * np.exp(-0.5 / 30.0) == pytest.approx(share[0] * np.exp(-50.0 / 30.0), rel=1e-9)


def test_a_gaussian_response_scales_the_tail_of_an_exponential() -> None:
    rng = np.random.default_rng(5)
    drawn_ns = 8.0 * rng.standard_exponential(2_000_000) + 0.8 * rng.standard_normal(2_000_000)
    edges = np.arange(4.0, 60.0, 2.0)
    found = np.histogram(drawn_ns, edges)[0]
    expected = 2_000_000 * exponential_in_bins(edges, 8.0, 1000.0, 0.8)
    assert np.mean((found - expected) ** 2 / expected) == pytest.approx(1.0, abs=5 * np.sqrt(2 / len(found)))


def test_merged_bins_keep_all_counts_and_widen_with_delay() -> None:
    data = means("neutral")
    edges, counts, used = coarse_bins(data.edges_ns, data.counts, 1.0)
    assert counts.sum() == pytest.approx(data.counts.sum())
    assert np.all(np.diff(edges) > 0)
    assert np.diff(edges)[used][-2] > 10 * BIN_NS
    around = (edges[:-1] < 0.9) & (edges[1:] > -0.9)
    assert not used[around].any()
