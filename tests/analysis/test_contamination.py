"""What misassigned bins add to the errors."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from acquisition.analysis import contamination
from acquisition.analysis.estimate import Estimate


def test_a_percent_of_other_bins_widens_an_error_by_a_percent_of_the_difference() -> None:
    widened = contamination._widened(Estimate(59.0, 0.15), 0.01 * (28.0 - 59.0))
    assert widened.value == 59.0
    assert widened.error == pytest.approx(np.hypot(0.15, 0.31))


def test_states_without_a_decay_widen_the_light_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain_replace(state: Any, **changes: Any) -> Any:
        return SimpleNamespace(**(vars(state) | changes))

    monkeypatch.setattr(contamination, "replace", plain_replace)
    fits: Any = {
        "neutral": SimpleNamespace(light_per_pulse=Estimate(8e-3, 1e-5), decay=None),
        "minus1": SimpleNamespace(light_per_pulse=Estimate(7e-3, 1e-5), decay=None),
    }
    confusion = np.array([[0.99, 0.01], [0.0, 1.0]])
    widened = contamination.with_contamination(fits, confusion)
    assert widened["neutral"].light_per_pulse.error == pytest.approx(np.hypot(1e-5, 1e-5))
    assert widened["minus1"].light_per_pulse.error == 1e-5
    assert widened["neutral"].decay is None
