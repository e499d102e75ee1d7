"""Occupations, rates and efficiencies of the microstate model against the numbers of the paper and its limits."""

from itertools import combinations
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.photophysics.microstates import (
    BOLTZMANN_EV_PER_K,
    Levels,
    RateConstants,
    occupations,
    p_occupation,
    state_rates,
)

# lifetime in ns, efficiency and PP fraction at 293 K, as printed in section 3 of the project's science notes
PRINTED = {
    "X": ((1, 1), 58.4, 1.00, 0.24),
    "X-": ((2, 1), 27.5, 0.91, 0.31),
    "X2-": ((3, 1), 17.4, 0.82, 0.39),
    "BX": ((2, 2), 11.4, 0.74, 0.31),
    "BX-": ((3, 2), 7.3, 0.68, 0.40),
    "BX2-": ((4, 2), 5.2, 0.63, 0.47),
}
ROOM = BOLTZMANN_EV_PER_K * 293.0

carriers = st.integers(0, 8)
splittings_ev = st.floats(0.0, 0.5)
temperatures_k = st.floats(10.0, 2000.0)


@pytest.mark.parametrize("state", PRINTED)
def test_the_six_states_have_the_printed_lifetimes_efficiencies_and_pp_fractions(state: str) -> None:
    (electrons, holes), lifetime_ns, efficiency, pp_fraction = PRINTED[state]
    rates = state_rates(electrons, holes, 293.0)
    assert rates.lifetime_ns == pytest.approx(lifetime_ns, abs=0.05)
    assert rates.quantum_efficiency == pytest.approx(efficiency, abs=0.005)
    assert rates.pp_fraction == pytest.approx(pp_fraction, abs=0.005)


def test_the_triexciton_has_the_lifetime_and_the_efficiency_that_supply_eight_percent_of_first_photons() -> None:
    rates = state_rates(3, 3, 293.0)
    assert rates.lifetime_ns == pytest.approx(4.1, abs=0.06)
    assert rates.quantum_efficiency == pytest.approx(0.58, abs=0.005)


def test_the_neutral_exciton_follows_boltzmann_between_the_sp_pairs() -> None:
    # one carrier of each kind: R = I_P/I_S = (g_P/g_S)(g_P/g_S)/3 exp(-Delta E/kT), with 6/2 and 12/4
    rates = state_rates(1, 1, 293.0)
    assert rates.radiative_pp_per_us / rates.radiative_ss_per_us == pytest.approx(3.0 * exp(-0.057 / ROOM), rel=1e-12)


def test_two_electrons_are_counted_over_all_pairs_of_places() -> None:
    energies = [0.0] * 2 + [0.044] * 6
    weights = [(exp(-(energies[a] + energies[b]) / ROOM), (a > 1) + (b > 1)) for a, b in combinations(range(8), 2)]
    expected = sum(w * p for w, p in weights) / sum(w for w, _ in weights)
    assert p_occupation(2, 2, 6, 0.044, 293.0) == pytest.approx(expected, rel=1e-12)


@given(carriers, splittings_ev, temperatures_k)
def test_occupations_of_s_and_p_sum_to_the_carriers_and_fit_their_levels(n: int, ev: float, kelvin: float) -> None:
    levels = Levels(splitting_ev=ev)
    electrons_s, electrons_p, holes_s, holes_p = occupations(n, n, kelvin, levels)
    assert electrons_s + electrons_p == pytest.approx(n)
    assert holes_s + holes_p == pytest.approx(n)
    assert -1e-9 <= electrons_s <= 2 + 1e-9
    assert -1e-9 <= electrons_p <= 6 + 1e-9
    assert -1e-9 <= holes_s <= 4 + 1e-9


@given(carriers, st.floats(0.02, 0.5))
def test_in_the_cold_the_s_level_fills_first(n: int, splitting_ev: float) -> None:
    assert p_occupation(n, 2, 6, splitting_ev, 5.0) == pytest.approx(max(0, n - 2), abs=1e-6)


@given(carriers, splittings_ev)
def test_in_the_heat_carriers_spread_as_the_places_do(n: int, splitting_ev: float) -> None:
    assert p_occupation(n, 2, 6, splitting_ev, 1e9) == pytest.approx(n * 6 / 8, rel=1e-5, abs=1e-9)


@given(carriers, st.floats(0.001, 0.5), st.floats(20.0, 1000.0), st.floats(1.01, 2.0))
def test_warming_never_empties_the_p_level(n: int, splitting_ev: float, kelvin: float, factor: float) -> None:
    cold, warm = (p_occupation(n, 2, 6, splitting_ev, t) for t in (kelvin, kelvin * factor))
    assert warm >= cold - 1e-12


def test_splittings_go_as_one_over_the_mass_and_add_up() -> None:
    levels = Levels(splitting_ev=0.057, electron_mass=0.13, hole_mass=0.45)
    assert levels.electron_splitting_ev + levels.hole_splitting_ev == pytest.approx(0.057)
    assert levels.electron_splitting_ev / levels.hole_splitting_ev == pytest.approx(0.45 / 0.13)


def test_auger_rates_count_the_partners_of_each_path() -> None:
    constants = RateConstants(55.7, 1.68, 3.96)
    assert state_rates(1, 1, constants=constants).nonradiative_per_us == 0.0
    assert state_rates(2, 1, constants=constants).nonradiative_per_us == pytest.approx(2 * 1.68)
    assert state_rates(1, 2, constants=constants).nonradiative_per_us == pytest.approx(2 * 3.96)
    assert state_rates(4, 2, constants=constants).nonradiative_per_us == pytest.approx(8 * 3 * 1.68 + 8 * 3.96)


def test_lifetime_and_efficiency_follow_from_the_rates() -> None:
    rates = state_rates(3, 2)
    total_per_us = rates.radiative_per_us + rates.nonradiative_per_us
    assert rates.lifetime_ns * total_per_us == pytest.approx(1e3)
    assert rates.quantum_efficiency / rates.lifetime_ns * 1e3 == pytest.approx(rates.radiative_per_us)


@pytest.mark.parametrize("carriers", [-1, 9])
def test_levels_refuse_more_carriers_than_places(carriers: int) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        p_occupation(carriers, 2, 6, 0.05, 293.0)


@pytest.mark.parametrize("kelvin", [0.0, -5.0, float("nan")])
def test_a_temperature_that_is_none_is_refused(kelvin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        p_occupation(1, 2, 6, 0.05, kelvin)
