"""The charge of a nanocrystal over time: a Markov chain with exponential dwell times."""

import numpy as np

from simulators.sample import Charging


class ChargePath:
    """Charge (0, 1 or 2 excess electrons) from the start of an acquisition on.

    The path depends on the generator alone, not on how or how far it is read. It starts in
    equilibrium, a nanocrystal that never charges as neutral.
    """

    def __init__(self, charging: Charging, rng: np.random.Generator) -> None:
        self._rng = rng
        self._up_hz = (charging.neutral_to_minus1_hz, charging.minus1_to_minus2_hz, 0.0)
        self._down_hz = (0.0, charging.minus1_to_neutral_hz, charging.minus2_to_minus1_hz)
        start = int(rng.choice(3, p=equilibrium(charging)))
        self._starts_s = [0.0]
        self._charges = [start]
        self._known_until_s = self._dwell_s(start)

    def segments(self, begin_s: float, end_s: float) -> list[tuple[float, int]]:
        """Return start and charge of each stretch in [begin_s, end_s); the first starts at `begin_s`."""
        while self._known_until_s < end_s:
            self._switch()
        first = int(np.searchsorted(self._starts_s, begin_s, side="right")) - 1
        last = int(np.searchsorted(self._starts_s, end_s, side="left"))
        starts_s = [begin_s, *self._starts_s[first + 1 : last]]
        return list(zip(starts_s, self._charges[first:last], strict=True))

    def _switch(self) -> None:
        charge = self._charges[-1]
        up_hz, down_hz = self._up_hz[charge], self._down_hz[charge]
        charge += 1 if self._rng.random() * (up_hz + down_hz) < up_hz else -1
        self._starts_s.append(self._known_until_s)
        self._charges.append(charge)
        self._known_until_s += self._dwell_s(charge)

    def _dwell_s(self, charge: int) -> float:
        rate_hz = self._up_hz[charge] + self._down_hz[charge]
        return float(self._rng.exponential(1.0 / rate_hz)) if rate_hz > 0 else float("inf")


def equilibrium(charging: Charging) -> tuple[float, float, float]:
    """Return the share of time in each charge; all in neutral where the chain does not leave it."""
    weights = [1.0, 0.0, 0.0]
    if charging.neutral_to_minus1_hz > 0:
        weights[1] = charging.neutral_to_minus1_hz / charging.minus1_to_neutral_hz
        if charging.minus1_to_minus2_hz > 0:
            weights[2] = weights[1] * charging.minus1_to_minus2_hz / charging.minus2_to_minus1_hz
    total = sum(weights)
    return weights[0] / total, weights[1] / total, weights[2] / total
