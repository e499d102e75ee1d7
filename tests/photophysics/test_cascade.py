"""Formulas of the cascade against photons drawn one by one."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.photophysics.cascade import (
    Cascade,
    center_over_side,
    exciton_probabilities,
)
from acquisition.photophysics.microstates import state_rates

FloatArray = NDArray[np.float64]


def neutral_dot(excitations_per_pulse: float, most: int = 4) -> Cascade:
    """The neutral states of the paper's table; three and four excitons follow the biexciton as the model says."""
    model = [state_rates(n, n) for n in (2, 3, 4)]
    lifetime_ns = [59.0, *(11.2 * rates.lifetime_ns / model[0].lifetime_ns for rates in model)]
    efficiency = [1.0, *(0.73 * rates.quantum_efficiency / model[0].quantum_efficiency for rates in model)]
    return Cascade(np.array(lifetime_ns[:most]), np.array(efficiency[:most]), excitations_per_pulse)


@dataclass(frozen=True)
class Drawn:
    """Pulses drawn one by one: when each stage decays (NaN: not passed), and whether it emits."""

    decay_ns: FloatArray
    emits: NDArray[np.bool_]

    @property
    def pulses(self) -> int:
        return len(self.decay_ns)

    def photons_ns(self) -> FloatArray:
        return self.decay_ns[self.emits]

    def first_of_pairs_ns(self, window_ns: float) -> FloatArray:
        stages = self.decay_ns.shape[1]
        seen = self.emits & (self.decay_ns < window_ns)
        pairs = ((later, earlier) for later, earlier in combinations(range(stages), 2))
        return np.concatenate([self.decay_ns[seen[:, a] & seen[:, b], b] for a, b in pairs])


def draw(cascade: Cascade, pulses: int, seed: int) -> Drawn:
    rng = np.random.default_rng(seed)
    excitons = np.minimum(rng.poisson(cascade.excitations_per_pulse, pulses), cascade.stages)
    excitons = excitons[excitons > 0]
    decay_ns = np.full((pulses, cascade.stages), np.nan)
    time_ns = np.zeros(len(excitons))
    for stage in reversed(range(cascade.stages)):
        passes = excitons > stage
        time_ns[passes] += cascade.lifetime_ns[stage] * rng.standard_exponential(int(passes.sum()))
        decay_ns[: len(excitons)][passes, stage] = time_ns[passes]
    emits = (rng.random(decay_ns.shape) < cascade.yield_) & np.isfinite(decay_ns)
    return Drawn(decay_ns, emits)


def chi2_per_bin(found: FloatArray, expected: FloatArray) -> float:
    return float(np.mean((found - expected) ** 2 / expected))


def decay_integral(cascade: Cascade, edges_ns: FloatArray) -> FloatArray:
    return -np.diff(np.exp(-np.outer(edges_ns, cascade.rate_per_ns)) @ cascade.singles)


@pytest.fixture(scope="module", params=[0.2, 0.6])
def bright(request: pytest.FixtureRequest) -> tuple[Cascade, Drawn]:
    cascade = neutral_dot(request.param)
    return cascade, draw(cascade, 1_000_000, seed=11)


def test_the_number_of_excitons_is_poisson_with_the_rest_in_the_last() -> None:
    probability = exciton_probabilities(0.6, 4)
    assert probability.sum() == pytest.approx(1.0)
    assert probability[:3] == pytest.approx(np.exp(-0.6) * np.array([1.0, 0.6, 0.18]))
    assert probability[2] < 0.18 < probability[1]
    assert probability[4] > np.exp(-0.6) * 0.6**4 / 24


def test_equal_lifetimes_give_the_sum_of_gamma_densities() -> None:
    cascade = Cascade(np.full(3, 10.0), np.array([1.0, 0.0, 0.0]), 1e3)
    t = np.linspace(5.0, 60.0, 30)
    density = (np.exp(-np.outer(t, cascade.rate_per_ns)) * cascade.rate_per_ns) @ cascade.singles
    # three excitons for sure, of which the last is seen
    assert density == pytest.approx(0.1**3 * t**2 / 2 * np.exp(-0.1 * t), rel=0.02)


def test_the_decay_of_all_photons_is_the_drawn_one(bright: tuple[Cascade, Drawn]) -> None:
    cascade, drawn = bright
    edges_ns = np.concatenate([np.arange(0.0, 30.0, 1.0), np.arange(30.0, 300.0, 10.0)])
    found = np.histogram(drawn.photons_ns(), edges_ns)[0]
    chi2 = chi2_per_bin(found, decay_integral(cascade, edges_ns) * drawn.pulses)
    assert chi2 == pytest.approx(1.0, abs=5 * np.sqrt(2 / len(found)))


def test_photons_of_each_stage_within_a_window_are_the_drawn_ones(bright: tuple[Cascade, Drawn]) -> None:
    cascade, drawn = bright
    found = (drawn.emits & (drawn.decay_ns < 40.0)).sum(axis=0)
    expected = cascade.singles_by_stage(40.0) * drawn.pulses
    assert np.all(np.abs(found - expected) < 4.5 * np.sqrt(expected))


def test_singles_of_an_endless_window_are_the_amplitudes(bright: tuple[Cascade, Drawn]) -> None:
    cascade, _ = bright
    assert cascade.singles_by_stage().sum() == pytest.approx(cascade.singles.sum())


@pytest.mark.parametrize("window_ns", [60.0, 400.0])
def test_the_earlier_photons_of_pairs_are_the_drawn_ones(bright: tuple[Cascade, Drawn], window_ns: float) -> None:
    cascade, drawn = bright
    edges_ns = np.linspace(0.0, 40.0, 41)
    middle_ns = 0.5 * (edges_ns[1:] + edges_ns[:-1])
    found = np.histogram(drawn.first_of_pairs_ns(window_ns), edges_ns)[0]
    density = [cascade.first_photon_density(middle_ns + shift, window_ns) for shift in (-0.289, 0.289)]
    expected = np.mean(density, axis=0) * drawn.pulses
    assert chi2_per_bin(found, expected) == pytest.approx(1.0, abs=5 * np.sqrt(2 / len(found)))


def test_a_short_window_shortens_the_decay_of_first_photons(bright: tuple[Cascade, Drawn]) -> None:
    cascade, _ = bright
    t = np.array([2.0, 30.0])
    short, long = cascade.first_photon_density(t, 60.0), cascade.first_photon_density(t, 400.0)
    assert short[1] / short[0] < 0.75 * long[1] / long[0]


@pytest.mark.parametrize("window_ns", [60.0, np.inf])
def test_pairs_in_a_window_are_the_drawn_ones(bright: tuple[Cascade, Drawn], window_ns: float) -> None:
    cascade, drawn = bright
    found, expected = len(drawn.first_of_pairs_ns(window_ns)), cascade.pairs(window_ns) * drawn.pulses
    # pairs of one pulse come together: at most 6 of 4 photons, so the variance is below 6 times Poisson
    assert abs(found - expected) < 4 * np.sqrt(1.5 * expected)


def test_the_density_of_first_photons_integrates_to_the_pairs() -> None:
    cascade = neutral_dot(0.3)
    t = np.linspace(0.0, 120.0, 240_001)
    density = cascade.first_photon_density(t, 120.0)
    assert np.trapezoid(density, t) == pytest.approx(cascade.pairs(120.0), rel=1e-4)


def test_first_photons_lie_in_the_window_only() -> None:
    density = neutral_dot(0.3).first_photon_density(np.array([-1.0, 5.0, 99.0, 101.0]), 100.0)
    assert density[0] == 0.0
    assert density[3] == 0.0
    assert np.all(density[1:3] > 0)


def test_triexcitons_supply_eight_percent_of_first_photons_at_usual_and_a_fifth_at_strong_excitation() -> None:
    assert neutral_dot(0.2).first_photon_share()[2:].sum() == pytest.approx(0.08, abs=0.015)
    assert neutral_dot(0.6).first_photon_share()[2:].sum() == pytest.approx(0.21, abs=0.03)


def test_the_share_of_first_photons_is_the_drawn_one(bright: tuple[Cascade, Drawn]) -> None:
    cascade, drawn = bright
    pairs = np.array([sum((drawn.emits[:, a] & drawn.emits[:, b]).sum() for a in range(b)) for b in range(4)])
    expected = cascade.first_photon_share() * pairs.sum()
    assert np.all(np.abs(pairs - expected)[1:] < 5 * np.sqrt(1.5 * expected[1:]))


@pytest.mark.parametrize("most", [2, 4])
def test_weak_excitation_gives_the_efficiency_ratio(most: int) -> None:
    assert center_over_side(neutral_dot(0.001, most)) == pytest.approx(0.73, abs=0.001)


def test_higher_multiexcitons_change_the_sign_of_the_correction() -> None:
    # 0.736 and 0.679 with a triexciton of 4.1 ns and 0.58, which the table's scale to 0.57
    assert center_over_side(neutral_dot(0.2)) == pytest.approx(0.736, abs=0.002)
    assert center_over_side(neutral_dot(0.2, most=2)) == pytest.approx(0.679, abs=0.0005)


@pytest.mark.parametrize("most", [2, 4])
def test_g2_at_strong_excitation_is_the_drawn_one(most: int) -> None:
    cascade = neutral_dot(0.6, most)
    drawn = draw(cascade, 1_000_000, seed=5)
    photons = drawn.emits.sum(axis=1)
    found = 2 * (photons * (photons - 1) / 2).mean() / photons.mean() ** 2
    pairs_error = 2 * np.sqrt(np.var(photons * (photons - 1) / 2) / drawn.pulses) / photons.mean() ** 2
    singles_error = 2 * found * np.sqrt(np.var(photons) / drawn.pulses) / photons.mean()
    assert abs(found - center_over_side(cascade)) < 4 * np.hypot(pairs_error, singles_error)


def test_a_dot_that_makes_one_exciton_at_most_has_no_pairs() -> None:
    single = Cascade(np.array([59.0]), np.array([1.0]), 0.2)
    assert single.pairs() == 0.0
    assert single.first_photon_share().sum() == 0.0
    assert center_over_side(single) == 0.0
