"""Pulls: how far estimates lie from the truth, in their own standard errors."""

from collections.abc import Sequence

import numpy as np

from acquisition.analysis.estimate import Estimate


class Pulls:
    """Collects (estimate - truth) / error by name."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}

    def add(self, name: str, estimate: Estimate | None, truth: float) -> None:
        assert estimate is not None, name
        self._values.setdefault(name, []).append((estimate.value - truth) / estimate.error)

    def __getitem__(self, name: str) -> Sequence[float]:
        return self._values[name]

    def assert_right(self, sigma: float = 4.0) -> None:
        """The mean of n right pulls scatters by 1/sqrt(n), their width by 1/sqrt(2 n)."""
        assert self._values
        for name, values in self._values.items():
            n = len(values)
            mean, width = np.mean(values), np.std(values)
            assert abs(mean) < sigma / np.sqrt(n), f"{name}: mean pull {mean:+.2f} of {n}"
            assert abs(width - 1) < sigma / np.sqrt(2 * n), f"{name}: width of pulls {width:.2f} of {n}"
