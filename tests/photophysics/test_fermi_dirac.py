"""Fermi-Dirac occupations hold the carriers they are given, and rates follow the paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.photophysics.fermi_dirac import fermi_dirac_occupations, fermi_dirac_rates
from acquisition.photophysics.microstates import BOLTZMANN_EV_PER_K, RateConstants, occupations, state_rates

MEASURED_K_RAD_BX_PER_US = 1e3 * 0.73 / 11.2


@given(carriers=st.floats(0.0, 8.0), splitting_ev=st.floats(0.0, 0.3), temperature_k=st.floats(30.0, 600.0))
def test_the_levels_hold_the_carriers_together(carriers, splitting_ev, temperature_k):
    in_s, in_p = fermi_dirac_occupations(carriers, 2, 6, splitting_ev, temperature_k)
    assert in_s + in_p == pytest.approx(carriers, abs=1e-9)
    assert 0 <= in_s <= 2
    assert 0 <= in_p <= 6


def test_few_carriers_in_large_levels_follow_boltzmann():
    in_s, in_p = fermi_dirac_occupations(1e-4, 2, 6, 0.05, 293.0)
    assert in_p / in_s == pytest.approx(3 * np.exp(-0.05 / (BOLTZMANN_EV_PER_K * 293.0)), rel=1e-3)


def test_cold_carriers_fill_the_lower_level_first():
    assert fermi_dirac_occupations(3.0, 2, 6, 0.05, 10.0) == pytest.approx((2.0, 1.0), abs=1e-6)


def test_occupations_come_close_to_the_exact_microstates():
    for electrons in (1, 2, 3, 4):
        exact = occupations(electrons, 2, 293.0)
        rates = fermi_dirac_rates(electrons, 2, 293.0, RateConstants(1.0, 0.0, 0.0))
        assert rates.radiative_per_us == pytest.approx(exact[0] * exact[2] + exact[1] * exact[3] / 3, rel=0.08)


def test_the_radiative_constant_of_the_paper_comes_out():
    constant = MEASURED_K_RAD_BX_PER_US / fermi_dirac_rates(2, 2, 293.0, RateConstants(1.0, 0.0, 0.0)).radiative_per_us
    assert constant == pytest.approx(57.6, abs=0.05)
    assert constant == pytest.approx(58.3, rel=0.05)


def test_auger_rates_of_whole_numbers_are_those_of_the_microstates():
    for electrons, holes in ((1, 1), (2, 1), (3, 2), (5, 5)):
        exact = state_rates(electrons, holes).nonradiative_per_us
        assert fermi_dirac_rates(electrons, holes).nonradiative_per_us == pytest.approx(exact)


def test_less_than_one_carrier_has_no_auger_partner():
    assert fermi_dirac_rates(0.5, 1).nonradiative_per_us == 0.0


def test_more_carriers_than_places_are_refused():
    with pytest.raises(ValueError, match=r"cannot hold 8\.5"):
        fermi_dirac_occupations(8.5, 2, 6, 0.05, 293.0)
    with pytest.raises(ValueError, match="positive"):
        fermi_dirac_occupations(1.0, 2, 6, 0.05, 0.0)


def test_next_to_no_carriers_are_nearly_all_in_the_lower_level_in_the_cold() -> None:
    lower, upper = fermi_dirac_occupations(5e-324, 2, 6, 0.057, 30.0)
    assert 0.0 < lower < 1e-300
    assert upper == 0.0
