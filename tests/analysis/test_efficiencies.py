"""Efficiencies and mean excitation from measured numbers that are drawn from the forward model."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.analysis.decays import Multiexcitons
from acquisition.analysis.efficiencies import ChargeStateMeasured, Efficiencies, fit_efficiencies
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.state_fits import multiexcitons
from acquisition.analysis.state_table import StateValues
from acquisition.photophysics.cascade import center_over_side
from acquisition.photophysics.microstates import Levels
from tests.analysis.pulls import Pulls

MU, DETECTION, WINDOW_NS = 0.2, 0.04, 160.0

# lifetimes of X and BX in ns, their efficiencies
STATES = {
    "neutral": (59.0, 11.2, 1.0, 0.73),
    "minus1": (28.0, 7.5, 0.88, 0.67),
    "minus2": (20.0, 5.8, 0.79, 0.60),
}
# relative errors of light, and of lifetimes of X and BX, amplitude and g2; correlations as of a decay fit
LIGHT_ERROR = 0.0013
ERRORS = np.array([0.0025, 0.035, 0.06, 0.027])
CORRELATION = np.array([[1.0, 0.5, 0.7, 0.2], [0.5, 1.0, 0.6, 0.33], [0.7, 0.6, 1.0, 0.24], [0.2, 0.33, 0.24, 1.0]])


def multi() -> dict[str, Multiexcitons]:
    return {name: multiexcitons(name, AnalysisSettings(), 293.0, Levels()) for name in STATES}


def measured(
    rng: np.random.Generator | None = None, mu: float = MU, shares: tuple[float, float] = (1.0, 1.0)
) -> dict[str, ChargeStateMeasured]:
    """What a recording would give, with noise of these errors if `rng` is there."""
    found = {}
    for name, (tau_x, tau_bx, eta_x, eta_bx) in STATES.items():
        cascade = multi()[name].cascade(tau_x, tau_bx, eta_x, eta_bx, mu, shares)
        light = DETECTION * float(cascade.singles_by_stage(WINDOW_NS).sum())
        ratio = center_over_side(cascade, WINDOW_NS)
        numbers = np.array([tau_x, tau_bx, float(cascade.singles[1] / cascade.singles[0]), ratio])
        scale = np.diag(ERRORS * np.abs(numbers))
        covariance = scale @ CORRELATION @ scale
        if rng is not None:
            numbers = numbers + np.linalg.cholesky(covariance) @ rng.standard_normal(4)
        found[name] = ChargeStateMeasured(
            light_per_pulse=noisy(rng, light, LIGHT_ERROR * light),
            center_over_side=Estimate(float(numbers[3]), float(np.sqrt(covariance[3, 3]))),
            lifetime_x_ns=float(numbers[0]),
            lifetime_bx_ns=float(numbers[1]),
            fast_over_slow=float(numbers[2]),
            decay_covariance=covariance[:3, :3],
            covariance_with_g2=covariance[3, :3],
            share_x=shares[0],
            share_bx=shares[1],
            all_share_x=shares[0],
            all_share_bx=shares[1],
            window_ns=WINDOW_NS,
        )
    return found


def noisy(rng: np.random.Generator | None, value: float, error: float) -> Estimate:
    return Estimate(value + (error * rng.standard_normal() if rng is not None else 0.0), error)


def assert_true(found: Efficiencies, rel: float) -> None:
    for name, (_, _, eta_x, eta_bx) in STATES.items():
        if name != "neutral":
            assert found.efficiency_x[name].value == pytest.approx(eta_x, rel=rel)
        assert found.efficiency_bx[name].value == pytest.approx(eta_bx, rel=rel)


@pytest.mark.parametrize("mu", [0.05, 0.2, 0.6])
def test_without_noise_the_truth_is_found_at_any_excitation(mu: float) -> None:
    found = fit_efficiencies(measured(mu=mu), multi(), 0.1)
    assert_true(found, rel=1e-3)
    assert found.excitations_per_pulse is not None
    assert found.excitations_per_pulse.value == pytest.approx(mu, rel=2e-3)
    assert found.chi2 == pytest.approx(0.0, abs=1e-3)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[dict[str, ChargeStateMeasured], Efficiencies]]:
    data = [measured(np.random.default_rng(seed)) for seed in range(60)]
    return [(one, fit_efficiencies(one, multi(), 0.1)) for one in data]


def test_efficiencies_lie_within_their_errors(drawn) -> None:
    pulls = Pulls()
    for _, found in drawn:
        for name, (_, _, eta_x, eta_bx) in STATES.items():
            if name != "neutral":
                pulls.add(f"X {name}", found.efficiency_x[name], eta_x)
            pulls.add(f"BX {name}", found.efficiency_bx[name], eta_bx)
    pulls.assert_right()


def test_the_forward_model_fits_its_own_numbers(drawn) -> None:
    assert {found.degrees_of_freedom for _, found in drawn} == {2}
    # chi2 of 2 degrees of freedom has variance 4
    assert np.mean([found.chi2 for _, found in drawn]) == pytest.approx(2.0, abs=4 * np.sqrt(4 / len(drawn)))


@pytest.mark.parametrize("name", STATES)
def test_efficiency_and_lifetime_are_correlated_as_drawn(drawn, name: str) -> None:
    pairs = np.array([(data[name].lifetime_bx_ns, found.efficiency_bx[name].value) for data, found in drawn])
    correlation = np.corrcoef(pairs.T)[0, 1]
    stated = np.mean([found.correlation_bx[name] for _, found in drawn])
    assert stated == pytest.approx(correlation, abs=4 / np.sqrt(len(drawn)) * (1 - correlation**2))


def test_rates_lie_within_their_errors(drawn) -> None:
    pulls = Pulls()
    for data, found in drawn:
        for name, (_, tau_bx, _, eta_bx) in STATES.items():
            tau = Estimate(data[name].lifetime_bx_ns, float(np.sqrt(data[name].decay_covariance[1, 1])))
            state = StateValues(tau, found.efficiency_bx[name], correlation=found.correlation_bx[name])
            pulls.add(f"radiative {name}", state.k_rad_per_us, 1e3 * eta_bx / tau_bx)
            pulls.add(f"nonradiative {name}", state.k_nonrad_per_us, 1e3 * (1 - eta_bx) / tau_bx)
    pulls.assert_right()


def test_a_region_that_cuts_more_of_the_biexciton_is_corrected() -> None:
    assert_true(fit_efficiencies(measured(shares=(0.9, 0.85)), multi(), 0.1), rel=1e-3)


def test_shares_that_are_forgotten_bias_the_biexciton() -> None:
    forgotten = {
        name: replace(state, share_x=1.0, share_bx=1.0, all_share_x=1.0, all_share_bx=1.0)
        for name, state in measured(shares=(0.9, 0.8)).items()
    }
    found = fit_efficiencies(forgotten, multi(), 0.1)
    assert found.efficiency_bx["neutral"].value < 0.9 * 0.73


def test_a_window_that_is_forgotten_raises_the_efficiency_of_the_trion() -> None:
    # a window of 160 ns loses 6.6 % of X and 0.3 % of X-
    forgotten = {name: replace(state, window_ns=np.inf) for name, state in measured().items()}
    assert fit_efficiencies(forgotten, multi(), 0.1).efficiency_x["minus1"].value > 0.88 * 1.04


def test_the_reading_for_weak_excitation_and_an_endless_window_is_stated() -> None:
    found = fit_efficiencies(measured(), multi(), 0.1)
    # neutral: g2 ratio of 0.736 at an efficiency ratio of 0.73
    assert found.correction["neutral"] == pytest.approx(0.736 / 0.73, rel=0.005)
    assert 0.9 < found.window_share["neutral"] < 0.97
    assert found.window_share["minus2"] == pytest.approx(1.0, abs=0.002)


def test_without_decay_amplitudes_the_declared_excitation_is_held() -> None:
    blind = {name: replace(state, fast_over_slow=None) for name, state in measured().items()}
    found = fit_efficiencies(blind, multi(), MU)
    assert found.excitations_per_pulse is None
    assert_true(found, rel=1e-3)


def test_without_pairs_the_efficiencies_of_excitons_remain() -> None:
    blind = {
        name: replace(state, fast_over_slow=None, center_over_side=None) for name, state in measured(mu=0.01).items()
    }
    found = fit_efficiencies(blind, multi(), 0.01)
    assert not found.efficiency_bx
    assert found.efficiency_x["minus1"].value == pytest.approx(0.88, rel=0.01)


def test_one_charge_state_alone_gives_its_biexciton() -> None:
    found = fit_efficiencies({"neutral": measured()["neutral"]}, multi(), 0.1)
    assert not found.efficiency_x
    assert found.efficiency_bx["neutral"].value == pytest.approx(0.73, rel=1e-3)


def test_degenerate_errors_of_a_decay_give_finite_errors() -> None:
    data = measured()
    data["minus1"] = replace(data["minus1"], decay_covariance=np.zeros((3, 3)))
    found = fit_efficiencies(data, multi(), 0.1)
    assert np.all(np.isfinite([estimate.error for estimate in found.efficiency_bx.values()]))
