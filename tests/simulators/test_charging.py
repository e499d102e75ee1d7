import itertools

import numpy as np
import pytest
from scipy import stats

from simulators.charging import ChargePath, equilibrium
from simulators.sample import Charging
from simulators.seeding import Purpose, generator
from tests.simulators.worlds import shipped_sample

CHARGING = shipped_sample().emitters[0].charging


def path(seed: int, charging: Charging = CHARGING) -> ChargePath:
    return ChargePath(charging, generator(seed, Purpose.CHARGE, 0, 1))


def dwell_times(seed: int, duration_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return charge and length of each complete dwell."""
    starts_s, charges = np.array(path(seed).segments(0.0, duration_s)).T
    return charges[1:-1].astype(int), np.diff(starts_s)[1:]


@pytest.mark.parametrize("seed", range(1, 4))
def test_dwell_times_are_exponential_and_last_more_than_a_second(seed: int) -> None:
    charges, times_s = dwell_times(seed, 20_000.0)
    rates_hz = (
        CHARGING.neutral_to_minus1_hz,
        CHARGING.minus1_to_neutral_hz + CHARGING.minus1_to_minus2_hz,
        CHARGING.minus2_to_minus1_hz,
    )
    for charge, rate_hz in enumerate(rates_hz):
        assert rate_hz < 1.0
        assert stats.kstest(times_s[charges == charge] * rate_hz, "expon").pvalue > 1e-3


def test_only_neighbouring_charges_follow_each_other() -> None:
    charges, _ = dwell_times(1, 20_000.0)
    assert np.all(np.abs(np.diff(charges)) == 1)


def test_the_share_of_time_in_each_charge_is_that_of_equilibrium() -> None:
    shares = np.zeros(3)
    for seed in range(100):
        starts_s, charges = np.array(path(seed).segments(0.0, 600.0)).T
        np.add.at(shares, charges.astype(int), np.diff([*starts_s, 600.0]) / 60_000.0)
    assert shares == pytest.approx(equilibrium(CHARGING), abs=0.015)
    assert equilibrium(CHARGING) == pytest.approx((0.353, 0.333, 0.315), abs=0.001)


def test_every_seed_spends_a_hundred_of_six_hundred_seconds_in_each_charge() -> None:
    for seed in range(200):
        starts_s, charges = np.array(path(seed).segments(0.0, 600.0)).T
        times_s = np.bincount(charges.astype(int), np.diff([*starts_s, 600.0]), minlength=3)
        assert times_s.min() > 100.0, f"seed {seed}"


def test_the_path_does_not_depend_on_how_it_is_read() -> None:
    whole = path(5).segments(0.0, 100.0)
    backwards = path(5)
    pieces = [backwards.segments(begin_s, begin_s + 1.0) for begin_s in reversed(np.arange(100.0))]
    joined = [part for piece in reversed(pieces) for part in piece]
    switches = [joined[0]] + [later for earlier, later in itertools.pairwise(joined) if later[1] != earlier[1]]
    assert switches == whole


def test_a_nanocrystal_without_rates_stays_neutral() -> None:
    assert path(1, Charging()).segments(3.0, 1e6) == [(3.0, 0)]


def test_a_nanocrystal_may_have_two_charges_only() -> None:
    charging = Charging(neutral_to_minus1_hz=1.0, minus1_to_neutral_hz=3.0)
    assert equilibrium(charging) == pytest.approx((0.75, 0.25, 0.0))
    assert {charge for _, charge in path(1, charging).segments(0.0, 100.0)} == {0, 1}
