"""Accidental pairs and g2: formulas against independent signal and background drawn pulse by pulse."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.analysis.pairs import (
    StateCounts,
    accidental_pairs,
    cascade_kept,
    cascade_kept_by_pixel,
    g2_of,
    independent_pairs,
    side_peak_kept,
)
from acquisition.photophysics.cascade import center_over_side
from tests.photophysics.test_cascade import neutral_dot

FloatArray = NDArray[np.float64]

PIXELS, BINS, BIN_NS = 12, 60, 0.5
NEAR_PIXELS, NEAR_BINS = 2, 4
SPECTRUM = np.exp(-(((np.arange(PIXELS) - 5.0) / 2.5) ** 2))
SPECTRUM = SPECTRUM / SPECTRUM.sum()
DECAY = np.exp(-np.arange(BINS) * BIN_NS / 8.0)
DECAY = DECAY / DECAY.sum()


def light(per_pulse: float) -> FloatArray:
    return np.asarray(per_pulse * SPECTRUM[:, None] * DECAY[None, :])


def dark(per_pulse: float) -> FloatArray:
    return np.full((PIXELS, BINS), per_pulse / PIXELS / BINS)


def counts_of(
    signal: FloatArray,
    background: FloatArray,
    *,
    pulses: int = 1,
    near: tuple[int, int] = (NEAR_PIXELS, NEAR_BINS),
    first: FloatArray | None = None,
    pair_lag: FloatArray | None = None,
) -> StateCounts:
    nothing = np.zeros_like(signal)
    lags = np.zeros((21, signal.shape[1])) if pair_lag is None else pair_lag
    first = nothing if first is None else first
    return StateCounts(pulses, (signal + background) * pulses, background, first, nothing, lags, *near, 0)


@dataclass(frozen=True)
class Source:
    """Photons of many pulses, at most one per pulse: pulse, pixel and delay in bins (not whole)."""

    pulse: NDArray[np.int64]
    pixel: NDArray[np.int64]
    delay: FloatArray


def draw(rng: np.random.Generator, density: FloatArray, pulses: int) -> Source:
    """Draw at most one photon per pulse, uniform within its bin."""
    pulse = np.flatnonzero(rng.random(pulses) < density.sum())
    cell = rng.choice(density.size, len(pulse), p=(density / density.sum()).ravel())
    pixel, bin_number = np.divmod(cell, density.shape[1])
    return Source(pulse, pixel, bin_number + rng.random(len(pulse)))


def drawn_pairs(a: Source, b: Source) -> tuple[FloatArray, int]:
    """Pairs of one pulse that pass the cuts, by the earlier photon; and how many there are without cuts."""
    _, i, j = np.intersect1d(a.pulse, b.pulse, return_indices=True)
    distance = np.abs(a.pixel[i] - b.pixel[j])
    apart = np.abs(a.delay[i] - b.delay[j])
    kept = (distance > 0) & ~((distance <= NEAR_PIXELS) & (apart < NEAR_BINS))
    a_first = a.delay[i] < b.delay[j]
    pixel = np.where(a_first, a.pixel[i], b.pixel[j])[kept]
    delay = np.where(a_first, a.delay[i], b.delay[j])[kept]
    edges = (np.arange(PIXELS + 1) - 0.5, np.arange(BINS + 1))
    return np.histogram2d(pixel, delay, edges)[0], len(i)


def test_accidental_pairs_are_those_of_independent_photons() -> None:
    rng = np.random.default_rng(1)
    pulses = 4_000_000
    signal, background = light(0.2), dark(0.25)
    # background comes in two halves, so that it also meets itself
    emitter = draw(rng, signal, pulses)
    one, two = draw(rng, background / 2, pulses), draw(rng, background / 2, pulses)
    drawn = sum(drawn_pairs(a, b)[0] for a, b in ((emitter, one), (emitter, two), (one, two)))
    # of B^2/2 the two halves have B^2/4
    halves = independent_pairs(background, background, NEAR_PIXELS, NEAR_BINS) / 2
    expected = accidental_pairs(counts_of(signal, background, pulses=pulses)) - halves * pulses
    assert abs(drawn.sum() - expected.sum()) < 4 * np.sqrt(expected.sum())
    for axis in (0, 1):
        found, mean = drawn.sum(axis=axis), expected.sum(axis=axis)
        chi2 = np.mean((found - mean) ** 2 / mean)
        assert chi2 == pytest.approx(1.0, abs=5 * np.sqrt(2 / len(found)))


def test_without_cuts_accidental_pairs_are_sb_plus_half_of_b_squared() -> None:
    # many pixels, so that few pairs share one
    pixels = 2000
    signal, background = np.full((pixels, 40), 0.3 / pixels / 40), np.full((pixels, 40), 0.7 / pixels / 40)
    pairs = accidental_pairs(counts_of(signal, background, near=(0, 0))).sum()
    assert pairs == pytest.approx((0.3 * 0.7 + 0.7**2 / 2) * (1 - 1 / pixels), rel=1e-9)


def test_pairs_on_one_pixel_are_left_out() -> None:
    one = np.zeros((3, 10))
    one[1] = 0.1
    assert independent_pairs(one, one, 0, 0).sum() == pytest.approx(0.0, abs=1e-15)


def test_the_crosstalk_cut_removes_near_pairs_only() -> None:
    earlier, later = np.zeros((8, 30)), np.zeros((8, 30))
    earlier[3, 5] = 1.0
    later[:, 7] = 1.0
    assert independent_pairs(earlier, later, 2, 4)[3, 5] == pytest.approx(8 - 1 - 4)
    assert independent_pairs(earlier, later, 1, 4)[3, 5] == pytest.approx(8 - 1 - 2)
    later[:] = 0.0
    later[:, 20] = 1.0
    assert independent_pairs(earlier, later, 2, 4)[3, 5] == pytest.approx(7)


def test_side_peaks_keep_the_drawn_share() -> None:
    rng = np.random.default_rng(2)
    signal = light(0.4)
    drawn, pairs = drawn_pairs(draw(rng, signal, 2_000_000), draw(rng, signal, 2_000_000))
    kept = side_peak_kept(counts_of(signal, dark(0.0)))
    assert abs(drawn.sum() - kept * pairs) < 4 * np.sqrt(pairs * kept * (1 - kept))
    assert kept < 0.9


def test_cascades_keep_the_drawn_share() -> None:
    rng = np.random.default_rng(3)
    pairs, lifetime_ns = 400_000, 20.0
    first, second = (rng.choice(PIXELS, pairs, p=SPECTRUM) for _ in range(2))
    apart_ns = lifetime_ns * rng.standard_exponential(pairs)
    distance = np.abs(first - second)
    drawn = np.mean((distance > 0) & ~((distance <= NEAR_PIXELS) & (apart_ns < NEAR_BINS * BIN_NS)))
    kept = cascade_kept(counts_of(light(0.1), dark(0.0)), lifetime_ns, NEAR_BINS * BIN_NS)
    assert abs(drawn - kept) < 4 * np.sqrt(kept * (1 - kept) / pairs)


def test_a_state_without_light_loses_nothing() -> None:
    nothing = counts_of(light(0.0), dark(0.1))
    assert side_peak_kept(nothing) == 1.0
    assert cascade_kept(nothing, 20.0, 2.0) == 1.0


def test_neighbouring_pulses_would_subtract_the_signal() -> None:
    """The numbers of section 4: a neutral dot with 20.3 cascades per second among 47.8 pairs."""
    signal, background = 300 / 40_000, 60 * 250 * 200e-9
    accidental = 1e6 * (signal * background + background**2 / 2)
    neighbours = 1e6 * (signal + background) ** 2 / 2
    cascades = 1e6 * center_over_side(neutral_dot(0.2)) * signal**2 / 2
    assert cascades == pytest.approx(20.3, rel=0.04)
    assert accidental == pytest.approx(27.5, rel=0.04)
    assert neighbours == pytest.approx(57.8, rel=0.06)
    assert cascades + accidental - neighbours < 0 < cascades


def drawn_counts(seed: int, cascades_per_pulse: float, pulses: int = 20_000_000) -> StateCounts:
    """Counts of a state with this many cascades, with Poisson noise in the centre and the side peaks."""
    rng = np.random.default_rng(seed)
    signal, background = light(0.012), dark(0.01)
    state = counts_of(signal, background, pulses=pulses)
    kept = cascade_kept(state, 20.0, NEAR_BINS * BIN_NS)
    mean = accidental_pairs(state) + kept * cascades_per_pulse * pulses * light(1.0)
    center = rng.poisson(mean).astype(float)
    # a side peak holds S^2 + 2 S B + B^2 pairs
    side = 2 * accidental_pairs(state).sum(axis=0) + pulses * 0.012**2 * side_peak_kept(state) * DECAY
    pair_lag = np.concatenate([center.sum(axis=0)[None], rng.poisson(side, (20, BINS))])
    return counts_of(signal, background, pulses=pulses, first=center, pair_lag=pair_lag)


@pytest.mark.parametrize("g2", [0.0, 0.7])
def test_g2_is_found_within_its_errors(g2: float) -> None:
    pulls = []
    for seed in range(80):
        state = drawn_counts(seed, g2 * 0.012**2 / 2)
        found = g2_of(state, cascade_kept(state, 20.0, NEAR_BINS * BIN_NS))
        assert found is not None
        pulls.append((found.center_over_side.value - g2) / found.center_over_side.error)
    # the mean of n pulls scatters by 1/sqrt(n), their width by 1/sqrt(2 n)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(80)
    assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(160))


def test_side_peaks_without_signal_give_no_g2() -> None:
    assert g2_of(counts_of(light(0.0), dark(0.01), pulses=10_000), 1.0) is None


def test_a_gate_leaves_the_late_photons_only() -> None:
    state = drawn_counts(1, 1e-5).from_bin(20)
    assert state.photons.shape == state.background.shape == state.first.shape == (PIXELS, BINS - 20)
    assert state.pair_lag.shape == (21, BINS - 20)
    assert state.signal.sum() == pytest.approx(light(0.012)[:, 20:].sum(), rel=1e-6)


def test_first_photons_are_lost_where_later_ones_are_bright() -> None:
    rng = np.random.default_rng(4)
    pairs, lifetime_ns = 600_000, 20.0
    first, second = rng.integers(0, PIXELS, pairs), rng.choice(PIXELS, pairs, p=SPECTRUM)
    distance = np.abs(first - second)
    near_in_time = lifetime_ns * rng.standard_exponential(pairs) < NEAR_BINS * BIN_NS
    kept = (distance > 0) & ~((distance <= NEAR_PIXELS) & near_in_time)
    drawn = np.bincount(first[kept], minlength=PIXELS) / np.bincount(first, minlength=PIXELS)
    expected = cascade_kept_by_pixel(counts_of(light(0.1), dark(0.0)), lifetime_ns, NEAR_BINS * BIN_NS)
    error = np.sqrt(expected * (1 - expected) / (pairs / PIXELS)) + 1e-9
    assert np.all(np.abs(drawn - expected) < 4.5 * error)
    assert expected.max() - expected.min() > 0.1
