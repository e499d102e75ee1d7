import numpy as np
import pytest

from simulators.emission import Stage, draw_photons, pulse_table, stages
from simulators.optics import Optics
from simulators.overlap import draw_overlapping_photons, pulses_overlap
from tests.simulators.worlds import ALL_PHOTONS, shipped_sample, sigmas

EMITTER = shipped_sample().emitters[0]
CDF = np.ones(4)


def photons_of(cascade, mean: float, pulses: int, period_ps: float, seed: int = 1):
    rng = np.random.default_rng(seed)
    return draw_overlapping_photons(cascade, mean, rng, 0, pulses, period_ps, 0)


def test_pulses_of_the_paper_do_not_overlap() -> None:
    cascade = stages(EMITTER, 0, 4, 20.0, Optics())
    assert not pulses_overlap(cascade, 1e6)
    assert pulses_overlap(cascade, 1e5)


@pytest.mark.parametrize("charge", [0, 1, 2])
def test_agrees_with_independent_pulses_where_pulses_are_far_apart(charge: int) -> None:
    cascade, pulses, period_ps, mean = stages(EMITTER, charge, 4, 20.0, ALL_PHOTONS), 400_000, 1e7, 0.5
    followed_ps, _, _ = photons_of(cascade, mean, pulses, period_ps)
    drawn_ps, _ = draw_photons(pulse_table(cascade, mean), np.random.default_rng(2), 0, pulses, period_ps)
    for count in (1, 2, 3):
        one, other = (
            np.sum(np.bincount((time_ps / period_ps).astype(int)) == count) for time_ps in (followed_ps, drawn_ps)
        )
        assert abs(one - other) < 4 * (one + other) ** 0.5
    one, other = (time_ps % period_ps for time_ps in (followed_ps, drawn_ps))
    assert abs(one.mean() - other.mean()) < 4 * (one.var() / len(one) + other.var() / len(other)) ** 0.5


def test_a_dot_with_room_for_one_exciton_saturates_as_expected() -> None:
    lifetime_ps, period_ps, mean, pulses = 59e3, 25e3, 0.4, 1_000_000
    time_ps, _, _ = photons_of((Stage(lifetime_ps, 1.0, CDF),), mean, pulses, period_ps)
    # stationary: excited after a pulse with probability e = x + (1 - x) a, where x = e d is what was left
    decay, any_exciton = np.exp(-period_ps / lifetime_ps), 1 - np.exp(-mean)
    excited = any_exciton / (1 - decay + any_exciton * decay)
    expected = pulses * excited * (1 - decay)
    assert sigmas(len(time_ps), expected) < 4


def test_a_dot_never_emits_two_photons_of_one_exciton() -> None:
    time_ps, _, _ = photons_of((Stage(59e3, 1.0, CDF),), 5.0, 200_000, 12.5e3)
    pulse = np.floor(time_ps / 12.5e3)
    assert len(time_ps) > 10_000
    assert np.all(np.diff(pulse) >= 1)


def test_photons_come_in_order_and_within_the_pulses() -> None:
    cascade = stages(EMITTER, 0, 4, 20.0, ALL_PHOTONS)
    time_ps, pixel, left = photons_of(cascade, 1.0, 100_000, 12.5e3)
    assert np.all(np.diff(time_ps) > 0)
    assert time_ps[0] >= 0
    assert time_ps[-1] < 100_000 * 12.5e3
    assert len(pixel) == len(time_ps)
    assert pixel.max() < 320
    assert 0 <= left <= 4


def test_excitons_that_are_left_go_on_in_the_next_stretch() -> None:
    cascade, lost = (Stage(1e6, 1.0, CDF),), 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        _, _, left = draw_overlapping_photons(cascade, 50.0, rng, 0, 1, 1e3, 0)
        time_ps, _, _ = draw_overlapping_photons(cascade, 1e-9, rng, 0, 10_000, 1e3, left)
        lost += left - len(time_ps)
    assert lost <= 1
