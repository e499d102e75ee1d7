"""Expected counts against drawn photons, and against the closed formulas of the cascade."""

from collections.abc import Mapping

import numpy as np
import pytest

from acquisition.photophysics.cascade import Cascade
from simulators.decay_chain import DecayChain, exponential_between
from simulators.detector import DetectorSettings
from simulators.expectation import Stream, StreamExpectation
from simulators.light import Excitation
from simulators.optics import Optics
from simulators.sample import Background, Sample
from tests.simulators.worlds import QUIET, Instruments, shining, shipped_sample, sigmas

TABLE = shipped_sample()
LIFETIMES_NS = np.array([59.0, 11.2, 4.0, 2.0])
REGION, WINDOW = slice(107, 151), (38, 363)


def expectation(
    sample: Sample = TABLE, detector: DetectorSettings = QUIET, rate_hz: float = 1e6, intensity: float = 0.2
) -> StreamExpectation:
    return StreamExpectation(Stream(sample, Optics(), detector, Excitation(intensity, 20.0), 1e9 / rate_hz))


def occupied(world: Instruments) -> Mapping[int, float]:
    """Time in each charge state of the first emitter, in s."""
    point = world.bench.truth()["points"][-1]
    starts = [start for start, _ in point["charge_path"]] + [point["duration_s"]]
    times = dict.fromkeys((0, 1, 2), 0.0)
    for (_, charge), length in zip(point["charge_path"], np.diff(starts), strict=True):
        times[-charge] += length
    return times


def test_decays_of_pulses_far_apart_are_those_of_a_cascade() -> None:
    seen = np.array([0.04, 0.03, 0.02, 0.01])
    cascade = Cascade(LIFETIMES_NS, seen, 0.2)
    chain = DecayChain(LIFETIMES_NS, 0.2, 5000.0)
    decays = chain.decays(np.array([0.0, 100.0, 5000.0]), 0.0)
    np.testing.assert_allclose(seen * decays[:, 0], cascade.singles_by_stage(100.0), rtol=1e-5)
    np.testing.assert_allclose(seen * decays.sum(axis=1), cascade.singles_by_stage(), rtol=1e-5)


def test_decays_before_the_pulse_in_the_histogram_are_late_ones_of_the_pulse_before() -> None:
    chain = DecayChain(LIFETIMES_NS, 0.2, 200.0)
    at_zero = chain.decays(np.arange(0.0, 200.5, 0.5), 0.0)
    shifted = chain.decays(np.arange(0.0, 200.5, 0.5), 21.5)
    np.testing.assert_allclose(np.roll(at_zero, 43, axis=1), shifted, rtol=1e-9, atol=1e-15)


def test_at_fast_rates_as_many_excitons_decay_as_are_made() -> None:
    # lifetimes so short that none of the four stages ever overflows
    chain = DecayChain(np.array([40.0, 0.02, 0.01, 0.01]), 0.05, 12.5)
    decays = chain.decays(np.linspace(0.0, 12.5, 26), 0.0)
    assert decays.sum() == pytest.approx(0.05, rel=1e-3)


def test_probabilities_to_follow_grow_from_nothing_to_certainty() -> None:
    follow = DecayChain(LIFETIMES_NS, 0.2, 1000.0).follow(np.array([1e5, 0.0, 59.0]))
    np.testing.assert_allclose(follow[3, :, 0], [1, 1, 1, 0], atol=1e-9)
    np.testing.assert_allclose(follow[..., 1], 0.0, atol=1e-12)
    assert follow[1, 0, 2] == pytest.approx(1 - np.exp(-1))


@pytest.mark.parametrize("zero_ns", [0.0, 21.3])
def test_a_periodic_exponential_lies_within_one_period(zero_ns: float) -> None:
    shares = exponential_between(np.linspace(0.0, 50.0, 101) - zero_ns, 30.0, 50.0)
    assert shares.sum() == pytest.approx(1.0)
    assert shares.min() > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rate_hz", [1e6, 20e6])
def test_drawn_light_is_as_expected_in_the_charge_states_that_it_was_drawn_in(seed: int, rate_hz: float) -> None:
    world = shining(TABLE, seed, detector=QUIET, rate_hz=rate_hz)
    drawn = sum(len(block) for block in world.array.photons(20.0 * 1e6 / rate_hz))
    (charges,) = expectation(rate_hz=rate_hz).emitters
    expected = sum(occupied(world)[charge.charge] * rate_hz * charge.signal.sum() for charge in charges)
    assert sigmas(drawn, expected) < 4


def test_the_average_over_charges_is_that_of_equilibrium() -> None:
    expected = expectation()
    by_hand = sum(charge.share * charge.signal.sum() for charge in expected.emitters[0])
    assert expected.signal.sum() == pytest.approx(by_hand)
    assert sum(charge.share for charge in expected.emitters[0]) == pytest.approx(1.0)


@pytest.mark.parametrize("rate_hz", [1e6, 7.3e6])
def test_pixels_and_delays_of_drawn_light_are_as_expected(rate_hz: float) -> None:
    world = shining(shipped_sample("never_charges"), 4, detector=QUIET, rate_hz=rate_hz)
    blocks = list(world.array.photons(30.0 * 1e6 / rate_hz))
    drawn, expected = np.zeros((320, 20)), expectation(shipped_sample("never_charges"), rate_hz=rate_hz)
    edges = np.linspace(0, len(expected.stream.edges_ns) - 1, 21).astype(int)
    for block in blocks:
        at = np.searchsorted(expected.stream.edges_ns[edges], block.delay_ps / 1e3, side="right") - 1
        np.add.at(drawn, (block.pixel.astype(int), np.minimum(at, 19)), 1)
    mean = np.add.reduceat(expected.signal, edges[:-1], axis=1) * blocks[-1].end_pulse
    assert sigmas(drawn.sum(), mean.sum()) < 4
    coarse, drawn = (np.add.reduceat(each, np.arange(0, 320, 20), axis=0) for each in (mean, drawn))
    enough = coarse > 20
    chi2 = ((drawn - coarse)[enough] ** 2 / coarse[enough]).sum()
    assert abs(chi2 - enough.sum()) < 4 * np.sqrt(2 * enough.sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_time_tags_of_the_default_array_are_as_expected(seed: int) -> None:
    sample = shipped_sample("never_charges").model_copy(
        update={"background": Background(photons_per_pulse_at_full_intensity=0.02, lifetime_ns=3.0)}
    )
    world = shining(sample, seed)
    drawn = sum(len(block) for block in world.array.photons(10.0))
    # crosstalk makes tags come in pairs, which widens the scatter a little
    assert sigmas(drawn, 1e7 * expectation(sample, DetectorSettings()).tags_per_pulse) < 4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pairs_of_cascades_are_as_expected(seed: int) -> None:
    world = shining(TABLE, seed, detector=QUIET, intensity_percent=60.0)
    used, found = np.zeros(320, dtype=bool), 0
    used[REGION] = True
    for block in world.array.photons(60.0):
        delay_ns, pixel = block.delay_ps / 1e3, block.pixel.astype(int)
        inside = used[pixel] & (delay_ns >= 0.5 * WINDOW[0]) & (delay_ns < 0.5 * WINDOW[1])
        found += count_pairs(block.pulse[inside], pixel[inside], delay_ns[inside])
    (charges,) = expectation(intensity=0.6).emitters
    times = occupied(world)
    expected = sum(
        times[charge.charge] * 1e6 * charge.pairs(used, WINDOW, near_pixels=2, near_ns=2.0).sum() for charge in charges
    )
    assert expected > 5000
    assert sigmas(found, expected) < 4


def count_pairs(pulse: np.ndarray, pixel: np.ndarray, delay_ns: np.ndarray) -> int:  # type: ignore[type-arg]
    """Pairs of photons of one pulse on different pixels that cannot be crosstalk."""
    found = 0
    for back in (1, 2, 3):
        same = pulse[back:] == pulse[:-back]
        apart = np.abs(pixel[back:] - pixel[:-back])
        late = np.abs(delay_ns[back:] - delay_ns[:-back]) >= 2.0
        found += int(np.sum(same & (apart > 0) & ((apart > 2) | late)))
    return found


def test_an_empty_sample_gives_dark_counts_only() -> None:
    expected = expectation(shipped_sample("dark"), DetectorSettings())
    assert expected.signal.sum() == 0
    assert expected.emitters == ()
    assert 0.09 < expected.tags_per_pulse < 0.11
