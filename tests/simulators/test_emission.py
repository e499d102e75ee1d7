import numpy as np
import pytest
from scipy import stats

from simulators.emission import (
    draw_photons,
    draw_successes,
    exciton_number_probabilities,
    pulse_table,
    stages,
)
from simulators.optics import Optics
from simulators.sample import STATES
from tests.simulators.worlds import ALL_PHOTONS, shipped_sample, sigmas

EMITTER = shipped_sample().emitters[0]
PERIOD_PS = 1e7
CHARGES = [0, 1, 2]


def photon_number_distribution(charge: int, mean: float, most: int, optics: Optics) -> np.ndarray:
    """Return the probabilities of 0, 1, 2 ... detected photons per pulse, by convolution of the stages."""
    made, total = exciton_number_probabilities(mean, most), np.zeros(most + 1)
    seen = [stage.detection_probability for stage in stages(EMITTER, charge, most, 20.0, optics)]
    for n in range(most + 1):
        distribution = np.array([1.0])
        for probability in seen[:n]:
            distribution = np.convolve(distribution, [1 - probability, probability])
        total[: n + 1] += made[n] * distribution
    return total


def drawn(charge: int, mean: float, most: int, pulses: int, optics: Optics = ALL_PHOTONS, seed: int = 1):
    """Return the photons by pulse: pulse, delay in ps and pixel, ascending in time."""
    table = pulse_table(stages(EMITTER, charge, most, 20.0, optics), mean)
    time_ps, pixel = draw_photons(table, np.random.default_rng(seed), 0, pulses, PERIOD_PS)
    order = np.argsort(time_ps)
    pulse = (time_ps[order] / PERIOD_PS).astype(np.int64)
    return pulse, time_ps[order] - pulse * PERIOD_PS, pixel[order]


def pairs(pulse: np.ndarray, delay_ps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and second delay of the pulses with exactly two photons."""
    _, begin, count = np.unique(pulse, return_index=True, return_counts=True)
    two = begin[count == 2]
    return delay_ps[two], delay_ps[two + 1]


@pytest.mark.parametrize("most", [2, 4])
@pytest.mark.parametrize("mean", [0.2, 0.6])
@pytest.mark.parametrize("charge", CHARGES)
def test_the_table_has_the_exact_probabilities(charge: int, mean: float, most: int) -> None:
    table = pulse_table(stages(EMITTER, charge, most, 20.0, Optics()), mean)
    probability = np.diff(table.pattern_cdf, prepend=0.0) * table.any_probability
    photons = np.array([int(pattern).bit_count() for pattern in table.detected])
    found = np.bincount(photons, probability, most + 1)
    expected = photon_number_distribution(charge, mean, most, Optics())
    assert found[1:] == pytest.approx(expected[1:], rel=1e-9)
    assert table.any_probability == pytest.approx(1 - expected[0], rel=1e-9)


@pytest.mark.parametrize("mean", [0.2, 0.6])
@pytest.mark.parametrize("charge", CHARGES)
def test_singles_and_pairs_come_at_the_exact_rates(charge: int, mean: float) -> None:
    pulses = 20_000_000
    pulse, _, _ = drawn(charge, mean, 4, pulses, Optics(collection_efficiency=0.4))
    _, count = np.unique(pulse, return_counts=True)
    expected = pulses * photon_number_distribution(charge, mean, 4, Optics(collection_efficiency=0.4))
    found = np.bincount(count, minlength=5)
    assert all(sigmas(found[n], expected[n]) < 4 for n in (1, 2, 3))


def test_a_neutral_dot_makes_twenty_cascades_a_second() -> None:
    table = pulse_table(stages(EMITTER, 0, 4, 20.0, Optics()), 0.2)
    probability = np.diff(table.pattern_cdf, prepend=0.0) * table.any_probability
    assert 1e6 * probability[table.detected == 0b11].sum() == pytest.approx(20.3, rel=0.02)


@pytest.mark.parametrize(("mean", "share"), [(0.2, 0.08), (0.6, 0.21)])
def test_triexcitons_supply_their_share_of_first_photons(mean: float, share: float) -> None:
    microstates = shipped_sample("cdse_cds_microstate").emitters[0]
    table = pulse_table(stages(microstates, 0, 4, 20.0, Optics()), mean)
    probability = np.diff(table.pattern_cdf, prepend=0.0)
    two = np.array([int(pattern).bit_count() == 2 for pattern in table.detected])
    found = probability[two & (table.detected >= 4)].sum() / probability[two].sum()
    assert found == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(("most", "expected"), [(4, 0.736), (2, 0.679)])
def test_pulsed_g2_has_the_known_bias_at_finite_excitation(most: int, expected: float) -> None:
    distribution = photon_number_distribution(0, 0.2, most, Optics())
    numbers = np.arange(most + 1)
    g2 = (distribution * numbers * (numbers - 1)).sum() / (distribution * numbers).sum() ** 2
    assert g2 == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize("charge", CHARGES)
def test_the_biexciton_photon_comes_first_and_the_exciton_starts_when_the_biexciton_has_decayed(charge: int) -> None:
    pulse, delay_ps, _ = drawn(charge, 0.3, 2, 2_000_000)
    first_ps, second_ps = pairs(pulse, delay_ps)
    table = EMITTER.photophysics.states
    exciton, biexciton = (next(k for k, v in STATES.items() if v == (n, charge)) for n in (1, 2))
    waited_ps = second_ps - first_ps
    assert len(first_ps) > 10_000
    assert stats.kstest(first_ps / 1e3 / table[biexciton].lifetime_ns, "expon").pvalue > 1e-3
    assert stats.kstest(waited_ps / 1e3 / table[exciton].lifetime_ns, "expon").pvalue > 1e-3
    assert abs(np.corrcoef(first_ps, waited_ps)[0, 1]) < 4 / len(first_ps) ** 0.5


@pytest.mark.parametrize("charge", CHARGES)
def test_efficiencies_are_those_of_the_states(charge: int) -> None:
    pulses, mean = 3_000_000, 0.4
    pulse, _, _ = drawn(charge, mean, 2, pulses)
    _, count = np.unique(pulse, return_counts=True)
    exciton, biexciton = (
        next(v for k, v in EMITTER.photophysics.states.items() if STATES[k] == (n, charge)) for n in (1, 2)
    )
    none, one, two = exciton_number_probabilities(mean, 2)
    caught = [
        s.detection_probability / e.quantum_efficiency
        for s, e in zip(stages(EMITTER, charge, 2, 20.0, ALL_PHOTONS), (exciton, biexciton), strict=True)
    ]
    assert min(caught) > 0.97
    expected_pairs = pulses * two * exciton.quantum_efficiency * biexciton.quantum_efficiency * caught[0] * caught[1]
    expected_photons = pulses * (
        (one + two) * exciton.quantum_efficiency * caught[0] + two * biexciton.quantum_efficiency * caught[1]
    )
    assert none == pytest.approx(np.exp(-mean))
    assert sigmas((count == 2).sum(), expected_pairs) < 4
    assert abs(count.sum() - expected_photons) < 4 * (count**2).sum() ** 0.5


def test_exciton_photons_alone_have_the_lifetime_of_the_exciton() -> None:
    pulse, delay_ps, _ = drawn(0, 0.2, 1, 1_000_000)
    assert len(np.unique(pulse)) == len(pulse)
    assert stats.kstest(delay_ps / 59e3, "expon").pvalue > 1e-3


def test_photons_fall_on_pixels_as_the_two_lines_say() -> None:
    optics = Optics()
    (exciton,) = stages(EMITTER, 0, 1, 20.0, optics)
    lines = 0.7609 * optics.lorentzian_shares(1.78, 0.05) + 0.2391 * optics.lorentzian_shares(1.837, 0.05)
    shares = lines * optics.pixel_efficiency()
    assert np.diff(exciton.pixel_cdf, prepend=0.0) == pytest.approx(shares / shares.sum(), rel=1e-3)
    _, _, pixel = drawn(0, 0.2, 1, 50_000_000, optics)
    expected = np.diff(exciton.pixel_cdf, prepend=0.0) * len(pixel)
    enough = expected > 20
    chi2 = ((np.bincount(pixel, minlength=320) - expected)[enough] ** 2 / expected[enough]).sum()
    assert stats.chi2(enough.sum()).sf(chi2) > 1e-3


@pytest.mark.parametrize("probability", [1e-6, 0.008, 0.7, 1.0])
def test_successes_are_independent_and_at_the_right_rate(probability: float) -> None:
    rng, trials = np.random.default_rng(3), 200_000
    found = [draw_successes(rng, probability, trials) for _ in range(20)]
    counts = np.array([len(positions) for positions in found])
    assert all(np.all(np.diff(positions) > 0) for positions in found)
    assert all(positions[0] >= 0 and positions[-1] < trials for positions in found if len(positions))
    deviation = abs(counts.sum() - 20 * trials * probability)
    assert deviation <= 4 * (20 * trials * probability * (1 - probability)) ** 0.5 + 0.5
    if probability == 1.0:
        assert np.array_equal(found[0], np.arange(trials))


def test_nothing_is_drawn_without_excitation_or_without_pulses() -> None:
    assert len(drawn(0, 0.0, 4, 1_000_000)[0]) == 0
    assert len(drawn(0, 0.2, 4, 0)[0]) == 0
