"""The simulated world that all simulated instruments share: sample, optics, laser beam, heat, time and chance."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulators.clock import BenchClock, SimulatedClock
from simulators.detector import DetectorSettings
from simulators.faults import FaultBoard
from simulators.light import Acquisition, Excitation, SampleLight
from simulators.motion import Motion, Place
from simulators.optics import Optics
from simulators.plant import PlantSettings, ThermalPlant
from simulators.sample import Sample
from simulators.seeding import Purpose, generator
from simulators.truth import Point, bench_truth, point_truth
from simulators.widefield import WidefieldLight, WidefieldSettings


@dataclass(slots=True)
class Beam:
    """The laser and what stands in its way, as they are now."""

    repetition_rate_hz: float = 1e6
    intensity_percent: float = 0.0
    emission: bool = False
    interlock_closed: bool = True
    shutter_open: bool = True
    transmission: float = 1.0


class Bench:
    """One simulated world; the same seed gives the same photons.

    Parameters
    ----------
    sample : Sample
        What lies under the objective.
    seed : int
        Not negative.
    clock : BenchClock, optional
        The time of the bench; a new simulated one by default.
    optics : Optics, optional
        The light path.
    plant : PlantSettings, optional
        The heated substrate that the sample lies on.

    Attributes
    ----------
    motion : Motion
        Of the sample under the objective.
    faults : FaultBoard
        What is broken.
    lock : RLock
        Held by the simulated instruments while they change `beam`, `plant` or `motion`.
    """

    def __init__(
        self,
        sample: Sample,
        seed: int,
        *,
        clock: BenchClock | None = None,
        optics: Optics | None = None,
        plant: PlantSettings | None = None,
    ) -> None:
        if seed < 0:
            raise ValueError(f"the seed of a bench must not be negative, but is {seed}")
        self.sample, self.seed = sample, seed
        self.clock: BenchClock = clock or SimulatedClock()
        self.optics = optics or Optics()
        self.plant = ThermalPlant(plant or PlantSettings())
        self.beam = Beam()
        self.faults = FaultBoard(self.clock)
        self.motion = Motion()
        self.lock = threading.RLock()
        self._points: dict[int, Point] = {}
        self._points_begun = self._moves_since = 0
        self._detectors: dict[str, DetectorSettings] = {}

    @property
    def temperature_c(self) -> float:
        """True temperature of the sample now."""
        with self.lock:
            return self.plant.plate_c(self.clock.now())

    @property
    def place(self) -> Place:
        """The point of the sample that lies in the excitation spot now."""
        with self.lock:
            return self.motion.at(self.clock.now())

    def next_move(self) -> np.random.Generator:
        """Return what draws where the next move of the sample ends."""
        with self.lock:
            self._moves_since += 1
            return generator(self.seed, Purpose.STAGE, self._points_begun, self._moves_since)

    @property
    def excitations_per_pulse(self) -> float:
        """Mean number of excitations that a laser pulse makes now in an emitter in the middle of the spot."""
        return self.excitation().intensity * self.sample.excitations_per_pulse_at_full_intensity

    def excitation(self) -> Excitation:
        """Return what reaches the sample now; intensity as a share of the laser's full scale."""
        with self.lock:
            shines = self.beam.emission and self.beam.shutter_open
            intensity = self.beam.transmission * self.beam.intensity_percent / 100 if shines else 0.0
            return Excitation(intensity, round(self.temperature_c, 6), self.place)

    def set_interlock(self, *, closed: bool) -> None:
        """Open or close the interlock of the laser; opening it switches the emission off."""
        with self.lock:
            self.beam.interlock_closed = closed
            self.beam.emission = self.beam.emission and closed

    def add_detector(self, name: str, settings: DetectorSettings) -> None:
        """Make a SPAD array part of the truth."""
        with self.lock:
            self._detectors[name] = settings

    @property
    def first_point(self) -> int:
        """Number of the first acquisition that was made here, or will be."""
        with self.lock:
            return min(self._points, default=self._points_begun + 1)

    @property
    def next_point(self) -> int:
        """Number of the next acquisition."""
        with self.lock:
            return self._points_begun + 1

    def skip_points(self, count: int) -> None:
        """Pass over the photons of the next `count` acquisitions: the one after them is numbered accordingly.

        They were made in another process, and do not appear in the truth.

        Raises
        ------
        ValueError
            If `count` is negative.
        """
        if count < 0:
            raise ValueError(f"{count} acquisitions cannot be skipped; give 0 or more")
        with self.lock:
            self._points_begun += count
            self._moves_since = 0

    def begin_point(self, period_ps: float) -> tuple[int, SampleLight]:
        """Start the next acquisition; return its number (from 1) and the sample's light in it."""
        with self.lock:
            acquisition = self._next_acquisition(period_ps)
            light = SampleLight(acquisition)
            self._points[acquisition.point] = Point(light, 0.0, self.excitation())
            return acquisition.point, light

    def begin_frames(self, settings: WidefieldSettings, shape: tuple[int, int]) -> tuple[int, WidefieldLight]:
        """Start the next acquisition, by a camera; return its number and the sample's light in it."""
        with self.lock:
            acquisition = self._next_acquisition(1e12 / self.beam.repetition_rate_hz)
            light = WidefieldLight(acquisition, settings, shape)
            self._points[acquisition.point] = Point(light, 0.0, self.excitation())
            return acquisition.point, light

    def _next_acquisition(self, period_ps: float) -> Acquisition:
        self._points_begun += 1
        self._moves_since = 0
        return Acquisition(self.sample, self.optics, self.seed, self._points_begun, period_ps)

    def foretell(self, duration_s: float) -> Mapping[str, Any]:
        """Return what the truth will say of the next acquisition if it takes `duration_s` and all stays as it is."""
        with self.lock:
            number, period_ps = self._points_begun + 1, 1e12 / self.beam.repetition_rate_hz
            light = SampleLight(Acquisition(self.sample, self.optics, self.seed, number, period_ps))
            return point_truth(number, Point(light, duration_s, self.excitation()), self.sample, self.optics)

    def end_interval(self, point: int, elapsed_s: float, excitation: Excitation) -> None:
        """Note how far an acquisition has come and under which conditions."""
        with self.lock:
            self._points[point].elapsed_s = elapsed_s
            self._points[point].excitation = excitation

    def truth(self) -> Mapping[str, Any]:
        """Return what the bench knows, as plain data for truth.json.

        The states are those at the temperature of the last acquisition, or now if there was none.
        """
        with self.lock:
            return bench_truth(self.sample, self.seed, self.optics, self.excitation(), self._points, self._detectors)
