"""Ten simulated minutes of the default sample: every number within its error, and the errors right."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from acquisition.analysis.analyze import analyze
from acquisition.analysis.results import results_of
from tests.analysis.simulated import record

SIX = ("X", "X-", "X2-", "BX", "BX-", "BX2-")
SECONDS = 600.0


def ten_minutes(seed: int, sample: str = "cdse_cds_table") -> tuple[dict[str, Any], Mapping[str, Any]]:
    simulated = record(sample, SECONDS, seed)
    return results_of(analyze(simulated.recording)), simulated.truth


def measured(found: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Value, error and truth of the six lifetimes and the five efficiencies."""
    numbers = {}
    for name in SIX:
        for key in ("lifetime_ns", "quantum_efficiency"):
            if (name, key) != ("X", "quantum_efficiency"):
                estimate = found["states"][name][key]
                numbers[f"{name} {key}"] = estimate["value"], estimate["error"], truth["states"][name][key]
    return numbers


def test_ten_minutes_give_every_lifetime_and_efficiency_to_ten_percent_and_four_errors() -> None:
    found, truth = ten_minutes(1)
    numbers = measured(found, truth)
    assert len(numbers) == 6 + 5
    for name, (value, error, true) in numbers.items():
        assert error < 0.1 * value, f"{name}: {value} +- {error}"
        assert abs(value - true) < 4 * error, f"{name}: {value} +- {error}, truth {true}"
    assert found["emitters"]["verdict"] == "one"
    assert found["warnings"] == []
    excitations = found["excitations_per_pulse"]
    assert abs(excitations["value"] - 0.2) < 4 * excitations["error"]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_errors_of_eleven_more_seeds_are_right() -> None:
    pulls: dict[str, list[float]] = {}
    for seed in range(2, 13):
        found, truth = ten_minutes(seed)
        for name, (value, error, true) in measured(found, truth).items():
            assert error < 0.1 * value, f"seed {seed}, {name}: {value} +- {error}"
            assert abs(value - true) < 4 * error, f"seed {seed}, {name}: {value} +- {error}, truth {true}"
            pulls.setdefault(name, []).append((value - true) / error)
    for name, values in pulls.items():
        assert abs(np.mean(values)) < 4 / np.sqrt(len(values)), name
        assert 0.3 < np.std(values) < 1 + 4 / np.sqrt(2 * len(values)), name
    every = np.concatenate(list(pulls.values()))
    assert np.std(every) == pytest.approx(1.0, abs=0.25)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_rate_constants_of_the_microstate_sample_are_recovered() -> None:
    # relative errors: B' rests on X, X- and BX; C+ on three biexciton rates of 8 % each, less what C- takes
    expected = (("B_per_us", 55.7, 0.03), ("C_minus_per_us", 1.68, 0.1), ("C_plus_per_us", 3.96, 0.15))
    for seed in range(2, 6):
        found, _ = ten_minutes(seed, "cdse_cds_microstate")
        for key, true, precision in expected:
            estimate = found["model"][key]
            assert abs(estimate["value"] - true) < 4 * estimate["error"], f"seed {seed}, {key}: {estimate}"
            assert estimate["error"] < precision * true
