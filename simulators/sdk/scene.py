"""What the sensor of a simulated camera sees: the bench of this process, through slit and grating."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulators.bench import Bench
from simulators.widefield import WidefieldLight, WidefieldSettings


class Scene(Protocol):
    """Light on a sensor."""

    @property
    def seed(self) -> int:
        """Of the noise of its frames."""

    def begin(self, settings: WidefieldSettings, shape: tuple[int, int]) -> int:
        """Start an acquisition with this light path; return its number."""

    def electrons(self, begin_s: float, duration_s: float) -> NDArray[np.float64]:
        """Return the mean electrons of a time since the acquisition began, in order of time; shape (rows, columns)."""


class Faults(Protocol):
    """What is broken, as a `FaultBoard` tells it."""

    def active(self, name: str) -> Mapping[str, float] | None:
        """Return the parameters of a fault if it is there now, else None."""


class BenchScene:
    """The sample of a bench as it is when a frame is asked for: light, temperature, place."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._light: WidefieldLight | None = None
        self._point, self._shape = 0, (0, 0)

    @property
    def seed(self) -> int:
        """Of the bench."""
        return self._bench.seed

    def begin(self, settings: WidefieldSettings, shape: tuple[int, int]) -> int:
        """Start the next acquisition of the bench."""
        with self._bench.lock:
            self._point, self._light = self._bench.begin_frames(settings, shape)
            self._shape = shape
            return self._point

    def electrons(self, begin_s: float, duration_s: float) -> NDArray[np.float64]:
        """Return what falls on the sensor."""
        with self._bench.lock:
            if self._light is None:
                return np.zeros(self._shape)
            excitation = self._bench.excitation()
            self._bench.end_interval(self._point, begin_s + duration_s, excitation)
            return self._light.electrons(begin_s, begin_s + duration_s, excitation)
