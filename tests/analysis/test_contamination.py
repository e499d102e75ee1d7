"""Bins of another charge state widen the errors of light and lifetime by what they would shift them."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.analysis.contamination import with_contamination
from acquisition.analysis.decays import DecayFit
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.pairs import StateCounts
from acquisition.analysis.state_fits import StateFits

NOTHING = np.zeros((1, 1))


def fitted(name: str, lifetime_ns: float, light: float) -> StateFits:
    """Fits of a state with nothing in them but lifetime and light, both to 0.1 %."""
    empty = np.zeros(0)
    covariance = np.diag([(1e-3 * lifetime_ns) ** 2, 1.0, 1.0])
    decay = DecayFit(
        lifetime_x_ns=Estimate(lifetime_ns, 1e-3 * lifetime_ns),
        lifetime_bx_ns=None,
        fast_over_slow=Estimate(0.0, 1.0),
        covariance=covariance,
        covariance_with_pairs=np.zeros(3),
        edges_ns=empty,
        counts=empty,
        model=empty,
        first_edges_ns=empty,
        first_counts=empty,
        first_model=empty,
        first_accidental=empty,
        cash_per_bin=1.0,
    )
    counts = StateCounts(1, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, 2, 4, 0)
    return StateFits(name, 1, counts, decay, None, Estimate(light, 1e-3 * light))


@pytest.fixture
def fits() -> dict[str, StateFits]:
    return {"neutral": fitted("neutral", 59.0, 8e-3), "minus1": fitted("minus1", 28.0, 7e-3)}


def test_pure_bins_leave_the_errors_as_they_are(fits: dict[str, StateFits]) -> None:
    for name, fit in with_contamination(fits, np.eye(2)).items():
        assert fit.light_per_pulse == fits[name].light_per_pulse
        assert fit.decay is not None
        assert fit.decay.lifetime_x_ns == fits[name].decay.lifetime_x_ns  # type: ignore[union-attr]


def test_one_percent_of_the_other_state_widens_by_one_percent_of_the_difference(fits: dict[str, StateFits]) -> None:
    widened = with_contamination(fits, np.array([[0.99, 0.01], [0.0, 1.0]]))["neutral"]
    assert widened.decay is not None
    assert widened.decay.lifetime_x_ns.value == 59.0
    assert widened.decay.lifetime_x_ns.error == pytest.approx(np.hypot(0.059, 0.01 * 31.0))
    assert widened.decay.covariance[0, 0] == pytest.approx(0.059**2 + 0.31**2)
    assert widened.light_per_pulse.error == pytest.approx(np.hypot(8e-6, 1e-5))


def test_a_state_without_a_decay_keeps_its_light(fits: dict[str, StateFits]) -> None:
    fits["minus1"] = replace(fits["minus1"], decay=None)
    widened = with_contamination(fits, np.array([[0.9, 0.1], [0.1, 0.9]]))
    assert widened["minus1"].decay is None
    assert widened["minus1"].light_per_pulse.error > fits["minus1"].light_per_pulse.error
