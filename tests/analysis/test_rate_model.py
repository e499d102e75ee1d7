"""Rate constants from lifetimes and efficiencies of the states."""

import numpy as np
import pytest

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.rate_model import CARRIERS, RateModelFit, fit_rate_model
from acquisition.analysis.state_table import StateValues
from acquisition.photophysics.microstates import Levels, RateConstants, state_rates
from tests.analysis.pulls import Pulls

TABLE = {  # the paper's: lifetime in ns and efficiency
    "X": (59.0, 1.0),
    "X-": (28.0, 0.88),
    "X2-": (20.0, 0.79),
    "BX": (11.2, 0.73),
    "BX-": (7.5, 0.67),
    "BX2-": (5.8, 0.60),
}
TRUE = RateConstants(55.7, 1.68, 3.96)
RELATIVE = {name: 0.003 if "B" not in name else 0.03 for name in CARRIERS}


def model_values(constants: RateConstants = TRUE, kelvin: float = 293.0) -> dict[str, tuple[float, float]]:
    rates = {name: state_rates(*CARRIERS[name], kelvin, constants) for name in CARRIERS}
    return {name: (rate.lifetime_ns, rate.quantum_efficiency) for name, rate in rates.items()}


def fitted(
    values: dict[str, tuple[float, float]], rng: np.random.Generator | None = None, kelvin: float = 293.0
) -> RateModelFit | None:
    """Fit rates with errors of `RELATIVE`; those of lifetime and efficiency of a state are independent."""
    radiative, nonradiative = {}, {}
    for name, (lifetime, efficiency) in values.items():
        error = RELATIVE[name]
        tau = lifetime * (1.0 + error * rng.standard_normal() if rng else 1.0)
        eta = efficiency * (1.0 + error * rng.standard_normal() if rng and name != "X" else 1.0)
        numbers = StateValues(Estimate(tau, error * tau), Estimate(eta, error * eta if name != "X" else 0.0))
        assert numbers.k_rad_per_us is not None and numbers.k_nonrad_per_us is not None  # noqa: PT018
        radiative[name], nonradiative[name] = numbers.k_rad_per_us, numbers.k_nonrad_per_us
    return fit_rate_model(radiative, nonradiative, kelvin, Levels())


@pytest.mark.parametrize("kelvin", [250.0, 293.0, 333.0])
def test_constants_of_microstate_data_are_recovered(kelvin: float) -> None:
    constants = RateConstants(60.0, 1.2, 5.0)
    fit = fitted(model_values(constants, kelvin), kelvin=kelvin)
    assert fit is not None
    found = fit.constants
    assert (found.b_per_us, found.c_minus_per_us, found.c_plus_per_us) == pytest.approx((60.0, 1.2, 5.0), rel=1e-4)
    assert fit.scatter == 0.0
    assert fit.degrees_of_freedom == (3 - 1) + (5 - 2)


def test_constants_lie_within_their_errors() -> None:
    pulls = Pulls()
    for seed in range(100):
        fit = fitted(model_values(), np.random.default_rng(seed))
        assert fit is not None
        pulls.add("B", fit.b_per_us, TRUE.b_per_us)
        pulls.add("C-", fit.c_minus_per_us, TRUE.c_minus_per_us)
        pulls.add("C+", fit.c_plus_per_us, TRUE.c_plus_per_us)
    for name in ("B", "C-", "C+"):
        # the scatter takes chi2 above the degrees of freedom for imperfection: half of the errors are a bit wide
        assert abs(np.mean(pulls[name])) < 4 / np.sqrt(100), name
        assert 0.6 < np.std(pulls[name]) < 1.0 + 4 / np.sqrt(200), name


def test_the_table_of_the_paper_gives_the_printed_constants() -> None:
    fit = fitted(TABLE)
    assert fit is not None
    # 55.7 with microstates and B' from the biexciton, 1.68 and 3.96 are printed
    assert fit.b_per_us.value == pytest.approx(55.7, rel=0.05)
    assert abs(fit.b_per_us.value - 55.7) < 3 * fit.b_per_us.error
    assert abs(fit.c_minus_per_us.value - 1.68) < 3 * fit.c_minus_per_us.error
    assert abs(fit.c_plus_per_us.value - 3.96) < 3 * fit.c_plus_per_us.error
    assert 0.0 < fit.scatter < 0.2


def test_states_with_three_and_four_electrons_have_no_part_in_b() -> None:
    fit, without = fitted(TABLE), fitted({**TABLE, "X2-": (20.0, 0.5), "BX-": (7.5, 0.5), "BX2-": (5.8, 0.4)})
    assert fit is not None
    assert without is not None
    assert fit.b_per_us == without.b_per_us
    assert fit.c_minus_per_us != without.c_minus_per_us


def test_nothing_is_fitted_without_biexcitons_or_without_extra_electrons() -> None:
    assert fit_rate_model({}, {}, 293.0, Levels()) is None
    assert fitted({name: TABLE[name] for name in ("X", "BX")}) is None
    assert fitted({name: TABLE[name] for name in ("X", "X-", "X2-")}) is None


def test_two_states_are_enough() -> None:
    fit = fitted({name: model_values()[name] for name in ("X", "X-", "BX")})
    assert fit is not None
    assert fit.c_plus_per_us.value == pytest.approx(3.96, rel=1e-3)
