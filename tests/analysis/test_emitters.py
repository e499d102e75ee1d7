"""One emitter or several, from gated counts with known truth."""

import numpy as np
import pytest

from acquisition.analysis.emitters import EmitterCount, count_emitters
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.pairs import StateCounts, accidental_pairs, side_peak_kept

PIXELS, BINS, PULSES = 12, 200, 200_000_000
SPECTRUM = np.exp(-(((np.arange(PIXELS) - 5.0) / 3.0) ** 2))
DECAY = np.exp(-np.arange(BINS) * 0.5 / 40.0)
SHAPE = SPECTRUM[:, None] / SPECTRUM.sum() * DECAY[None, :] / DECAY.sum()


def counts(seed: int, g2: float, *, light: float = 6e-3, cascades: float = 0.0) -> StateCounts:
    """Counts in which uncorrelated emitters give this g2, with pairs of cascades in the early bins besides."""
    rng = np.random.default_rng(seed)
    signal, background = light * SHAPE, np.full((PIXELS, BINS), 1.5e-3 / PIXELS / BINS)
    nothing = np.zeros_like(signal)
    no_lags = np.zeros((21, BINS))
    state = StateCounts(PULSES, (signal + background) * PULSES, background, nothing, nothing, no_lags, 2, 4, 0)
    accidental = accidental_pairs(state).sum(axis=0)
    # pairs of independent photons, by the earlier: twice as fast as the light
    by_earlier = DECAY**2 / (DECAY**2).sum()
    signal_pairs = PULSES * light**2 * side_peak_kept(state) * by_earlier
    fast = np.exp(-np.arange(BINS) * 0.5 / 8.0)
    center = rng.poisson(accidental + g2 * signal_pairs / 2 + cascades * fast / fast.sum())
    side = rng.poisson(2 * accidental + signal_pairs, (20, BINS))
    pair_lag = np.concatenate([center[None], side]).astype(float)
    return StateCounts(PULSES, state.photons, background, nothing, nothing, pair_lag, 2, 4, 0)


@pytest.mark.parametrize("seed", range(10))
def test_one_emitter_has_no_pairs_behind_the_gate(seed: int) -> None:
    found = count_emitters([(counts(seed, 0.0, cascades=3000.0), 80, float(np.exp(-5.0)))])
    assert found.verdict == "one"
    assert found.g2_gated is not None
    assert abs(found.g2_gated.value) < 4 * found.g2_gated.error


@pytest.mark.parametrize("seed", range(10))
def test_two_equal_emitters_keep_half_of_theirs(seed: int) -> None:
    found = count_emitters([(counts(seed, 0.5, cascades=3000.0), 80, float(np.exp(-5.0)))])
    assert found.verdict == "several"
    assert found.g2_gated is not None
    assert abs(found.g2_gated.value - 0.5) < 4 * found.g2_gated.error


def test_gated_g2_lies_within_its_errors() -> None:
    pulls = []
    for seed in range(100):
        g2 = count_emitters([(counts(seed, 0.2), 40, 0.0)]).g2_gated
        assert g2 is not None
        pulls.append((g2.value - 0.2) / g2.error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(100)
    assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(200))


def test_an_open_gate_would_take_the_cascades_of_one_emitter_for_several() -> None:
    assert count_emitters([(counts(1, 0.0, cascades=3000.0), 0, 0.0)]).verdict == "several"


def test_a_gate_that_lets_many_cascades_through_is_still_corrected() -> None:
    pulls = []
    for seed in range(60):
        # 40 bins of 0.5 ns at 8 ns: 8 % of the cascades are left
        g2 = count_emitters([(counts(seed, 0.3, cascades=3000.0), 40, float(np.exp(-2.5)))]).g2_gated
        assert g2 is not None
        pulls.append((g2.value - 0.3) / g2.error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(60)
    assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(120))


def test_too_few_late_pairs_for_background_and_cascades_are_no_proof_of_one_emitter() -> None:
    assert count_emitters([(counts(1, 0.0, cascades=3000.0), 80, 0.3)]).verdict == "undecided"


def test_little_light_is_undecided() -> None:
    assert count_emitters([(counts(1, 0.0, light=3e-4), 80, 0.0)]).verdict == "undecided"


def test_no_light_is_undecided_and_has_no_g2() -> None:
    found = count_emitters([(counts(1, 0.0, light=0.0), 80, 0.0)])
    assert found.verdict == "undecided"
    assert found.g2_gated is None


def test_charge_states_are_judged_together() -> None:
    parts = [(counts(seed, 0.5, light=2.5e-3), 80, 0.0) for seed in range(6)]
    alone, together = count_emitters(parts[:1]), count_emitters(parts)
    assert alone.g2_gated is not None
    assert together.g2_gated is not None
    assert together.g2_gated.error == pytest.approx(alone.g2_gated.error / np.sqrt(6), rel=0.25)


@pytest.mark.parametrize(("verdict", "with_slow_pairs"), [("one", "undecided"), ("several", "several")])
def test_pairs_that_live_too_long_are_not_those_of_one_emitter(verdict: str, with_slow_pairs: str) -> None:
    found = EmitterCount(verdict, Estimate(0.02, 0.01))
    assert found.with_slow_pairs(()) == found
    assert found.with_slow_pairs(("neutral",)) == EmitterCount(with_slow_pairs, Estimate(0.02, 0.01), ("neutral",))
