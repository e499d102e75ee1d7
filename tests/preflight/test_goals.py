from math import inf
from typing import Any

import pytest

from acquisition.preflight.dose import Power
from acquisition.preflight.goals import Prospect, reached_after_s
from acquisition.sequence.steps.goals import Goal

RESULTS = {
    "states": {"BX-": {"lifetime_ns": {"value": 7.5, "error": 0.3}}},
    "emitters": {"g2_gated": {"value": 0.1, "error": 0.1}},
}


def after_s(goal: dict[str, Any], power: Power | None = None) -> float:
    prospect = Prospect(600.0, 25.0, RESULTS, 20.0, power, first_look_s=20.0)
    return reached_after_s(Goal.model_validate(goal), prospect)


def error_below(percent: float, of: str = "lifetime of BX-") -> dict[str, Any]:
    return {"relative_error": {"of": of, "below_percent": percent}}


@pytest.mark.parametrize(
    ("goal", "seconds"),
    [
        ({"cascades": 5000}, 200.0),
        ({"time_s": 77.0}, 77.0),
        ({"dose_percent_s": 600.0}, 30.0),
        (error_below(4.0), 600.0),  # 4 % after 600 s, falling as 1/sqrt(t)
        (error_below(8.0), 150.0),
        (error_below(2.0), 2400.0),
        (error_below(50.0), 20.0),  # no look comes sooner
        (error_below(1.0, "lifetime of X"), inf),  # not expected to be found
        ({"single_emitter": {"sigma": 3.0}}, 600 * (0.3 / 0.4) ** 2),
        ({"any_of": [{"cascades": 5000}, {"time_s": 77.0}]}, 77.0),
        ({"all_of": [{"cascades": 5000}, {"time_s": 77.0}]}, 200.0),
    ],
)
def test_goals_are_reached_when_rates_and_errors_say(goal: dict[str, Any], seconds: float) -> None:
    assert after_s(goal) == pytest.approx(seconds)


def test_an_energy_is_reached_by_the_power_at_this_intensity() -> None:
    goal = {"dose_uj": 50.0}
    assert after_s(goal, Power(1.0, 40.0)) == pytest.approx(100.0)  # 0.5 uW at 20 %
    assert after_s(goal, Power(1.0, None)) == pytest.approx(50.0)


def test_an_energy_needs_the_power() -> None:
    with pytest.raises(ValueError, match=r"the sample has received 50 uJ.*not known"):
        after_s({"dose_uj": 50.0})
