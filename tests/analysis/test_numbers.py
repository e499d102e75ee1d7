"""Numbers with errors, and the rates that follow from lifetime and efficiency."""

import numpy as np
import pytest

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.state_table import StateValues


@pytest.mark.parametrize(("value", "error"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 1.0), (1.0, np.inf), (1.0, -0.1)])
def test_what_is_not_a_number_with_an_error_is_refused(value: float, error: float) -> None:
    with pytest.raises(ValueError, match="not a number with an error"):
        Estimate(value, error)


def test_the_error_of_a_quotient_is_the_drawn_one() -> None:
    rng = np.random.default_rng(1)
    a, b = Estimate(3.0, 0.03), Estimate(2.0, 0.05)
    drawn = rng.normal(a.value, a.error, 200_000) / rng.normal(b.value, b.error, 200_000)
    assert (a / b).value == pytest.approx(1.5)
    assert (a / b).error == pytest.approx(np.std(drawn), rel=0.02)
    assert (Estimate(0.0, 0.1) / b).value == 0.0


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.7])
def test_errors_of_rates_are_the_drawn_ones_with_correlated_lifetime_and_efficiency(correlation: float) -> None:
    tau, eta = Estimate(7.5, 0.15), Estimate(0.67, 0.012)
    state = StateValues(tau, eta, correlation=correlation)
    rng = np.random.default_rng(2)
    covariance = np.array([[tau.error**2, 0.0], [0.0, eta.error**2]])
    covariance[0, 1] = covariance[1, 0] = correlation * tau.error * eta.error
    drawn_tau, drawn_eta = rng.multivariate_normal([tau.value, eta.value], covariance, 200_000).T
    assert state.k_rad_per_us is not None
    assert state.k_nonrad_per_us is not None
    assert state.k_rad_per_us.value == pytest.approx(1e3 * 0.67 / 7.5)
    assert state.k_nonrad_per_us.value == pytest.approx(1e3 * 0.33 / 7.5)
    assert state.k_rad_per_us.error == pytest.approx(np.std(1e3 * drawn_eta / drawn_tau), rel=0.03)
    assert state.k_nonrad_per_us.error == pytest.approx(np.std(1e3 * (1 - drawn_eta) / drawn_tau), rel=0.03)


def test_rates_need_both_lifetime_and_efficiency() -> None:
    assert StateValues(Estimate(7.5, 0.1)).k_rad_per_us is None
    assert StateValues(quantum_efficiency=Estimate(0.7, 0.1)).k_nonrad_per_us is None


def test_absent_numbers_are_absent_from_plain_data() -> None:
    state = StateValues(lifetime_ns=Estimate(7.5, 0.1), pp_fraction=Estimate(0.3, 0.01))
    assert state.plain() == {
        "lifetime_ns": {"value": 7.5, "error": 0.1},
        "pp_fraction": {"value": 0.3, "error": 0.01},
    }
    assert StateValues().plain() == {}
