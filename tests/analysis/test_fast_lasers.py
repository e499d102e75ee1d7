"""Laser periods of a few lifetimes: background from just before the next pulse, or numbers left out."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.analysis.analyze import Analysis, analyze
from acquisition.analysis.results import results_of
from tests.analysis.simulated import Simulated, record


def pulls(analysis: Analysis, recorded: Simulated, name: str) -> dict[str, float]:
    truth, found = recorded.truth["states"], {}
    for state, values in analysis.states.items():
        estimate = getattr(values, name)
        if estimate is not None and estimate.error > 0:
            found[state] = (estimate.value - truth[state][name]) / estimate.error
    return found


def test_two_megahertz_give_the_six_states() -> None:
    recorded = record(seconds=30.0, seed=3, rate_hz=2e6)
    analysis = analyze(recorded.recording)
    assert analysis.passes.selection.background.any()
    lifetimes = pulls(analysis, recorded, "lifetime_ns")
    efficiencies = pulls(analysis, recorded, "quantum_efficiency")
    assert set(lifetimes) == {"X", "X-", "X2-", "BX", "BX-", "BX2-"}
    assert set(efficiencies) == {"X-", "X2-", "BX", "BX-", "BX2-"}
    assert max(map(abs, [*lifetimes.values(), *efficiencies.values()])) < 5.0


def test_without_known_background_only_lifetimes_are_given() -> None:
    recorded = record(seconds=10.0, seed=3, rate_hz=5e6, intensity_percent=10.0)
    analysis = analyze(recorded.recording)
    results = results_of(analysis)
    assert set(pulls(analysis, recorded, "lifetime_ns")) == {"X", "X-", "X2-"}
    assert max(map(abs, pulls(analysis, recorded, "lifetime_ns").values())) < 5.0
    assert results["g2"] == {}
    assert results["emitters"] == {"verdict": "undecided"}
    assert all(set(numbers) == {"lifetime_ns"} for numbers in results["states"].values())
    assert any("background is not known" in warning for warning in results["warnings"])


def test_dark_rates_stand_in_for_delays_without_light() -> None:
    recorded = record(seconds=20.0, seed=3, rate_hz=5e6, intensity_percent=10.0)
    dark = np.asarray(recorded.truth["detectors"]["spad_array"]["dark_rate_cps"])
    known = replace(recorded.recording, calibration=replace(recorded.recording.calibration, dark_rate_cps=dark))
    analysis = analyze(known)
    lifetimes = pulls(analysis, recorded, "lifetime_ns")
    assert {"X", "X-", "X2-"} <= set(lifetimes)
    assert max(map(abs, lifetimes.values())) < 5.0
    assert "g2" in results_of(analysis)


@pytest.mark.parametrize("rate_hz", [20e6, 80e6])
def test_a_period_shorter_than_the_lifetime_gives_no_confident_lifetime(rate_hz: float) -> None:
    recorded = record(seconds=1.0, seed=3, rate_hz=rate_hz, intensity_percent=5.0)
    found = pulls(analyze(recorded.recording), recorded, "lifetime_ns")
    assert all(abs(pull) < 5.0 for pull in found.values())
