"""Settings of the analysis check themselves."""

from typing import Any

import pytest

from acquisition.analysis.settings import AnalysisSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"bin_width_s": 0.0},
        {"region": (20, 10)},
        {"window_ns": -1.0},
        {"max_lag": 0},
        {"posterior_threshold": 1.0},
        {"temperature_k": 0.0},
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AnalysisSettings(**wrong)


def test_the_defaults_are_allowed() -> None:
    assert AnalysisSettings().bin_width_s == 0.04
