"""The light of a whole sample during one acquisition: all emitters and the background, pulse by pulse."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.charging import ChargePath
from simulators.emission import CHARGES, PulseTable, draw_photons, draw_pixels, pulse_table, stages
from simulators.optics import Optics
from simulators.sample import Emitter, Sample
from simulators.seeding import Purpose, generator


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of an acquisition: its number and the laser pulses [first_pulse, end_pulse)."""

    number: int
    first_pulse: int
    end_pulse: int

    @property
    def pulses(self) -> int:
        """Number of pulses."""
        return self.end_pulse - self.first_pulse


@dataclass(frozen=True, slots=True)
class Excitation:
    """What reaches the sample during an interval; no light at intensity 0."""

    intensity: float
    temperature_c: float


class SampleLight:
    """Draws the photons that a sample sends to the detector, interval by interval.

    The photons of an interval depend on seed, point, interval and excitation alone, and on
    photons of the interval before that come late.

    Parameters
    ----------
    sample : Sample
    optics : Optics
    seed, point : int
        Seed of the bench and number of the acquisition on it.
    period_ps : float
        Laser period.
    """

    def __init__(self, sample: Sample, optics: Optics, seed: int, point: int, period_ps: float) -> None:
        self._sample, self._optics = sample, optics
        self._seed, self._point, self._period_ps = seed, point, period_ps
        self.paths = [
            ChargePath(emitter.charging, generator(seed, Purpose.CHARGE, number, point))
            for number, emitter in enumerate(sample.emitters)
        ]
        self._tables: dict[tuple[int, Excitation], list[PulseTable]] = {}
        self._late = (np.empty(0), np.empty(0, np.int64))

    def photons(self, interval: Interval, excitation: Excitation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return time in ps since the first pulse of the interval, ascending, and pixel of each photon."""
        parts = [self._late]
        if excitation.intensity > 0:
            parts.append(self._background(interval, excitation))
            parts += [self._emitter(number, interval, excitation) for number in range(len(self.paths))]
        time_ps = np.concatenate([time for time, _ in parts])
        pixel = np.concatenate([pixel for _, pixel in parts])
        order = np.argsort(time_ps, kind="stable")
        time_ps, pixel = time_ps[order], pixel[order]
        length_ps = interval.pulses * self._period_ps
        end = int(np.searchsorted(time_ps, length_ps))
        self._late = (time_ps[end:] - length_ps, pixel[end:])
        return time_ps[:end], pixel[:end]

    def _emitter(
        self, number: int, interval: Interval, excitation: Excitation
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        rng = generator(self._seed, Purpose.LIGHT, number, self._point, interval.number)
        tables = self._tables_of(number, excitation)
        times, pixels = [], []
        for begin, end, charge in self._charges(number, interval):
            time_ps, pixel = draw_photons(tables[charge], rng, begin, end, self._period_ps)
            times.append(time_ps)
            pixels.append(pixel)
        return np.concatenate(times), np.concatenate(pixels)

    def _charges(self, number: int, interval: Interval) -> list[tuple[int, int, int]]:
        """Return the stretches of constant charge: pulses [begin, end) from the interval's first, and charge."""
        pulse_s = 1e-12 * self._period_ps
        segments = self.paths[number].segments(interval.first_pulse * pulse_s, interval.end_pulse * pulse_s)
        begins = [round(start_s / pulse_s) - interval.first_pulse for start_s, _ in segments]
        ends = [*begins[1:], interval.pulses]
        return [(begin, end, charge) for begin, end, (_, charge) in zip(begins, ends, segments, strict=True)]

    def _tables_of(self, number: int, excitation: Excitation) -> list[PulseTable]:
        key = (number, excitation)
        if key not in self._tables:
            if len(self._tables) > 100:
                self._tables.clear()
            emitter: Emitter = self._sample.emitters[number]
            mean = excitation.intensity * self._sample.excitations_per_pulse_at_full_intensity
            most, temperature_c = self._sample.most_excitons, excitation.temperature_c
            self._tables[key] = [
                pulse_table(stages(emitter, charge, most, temperature_c, self._optics), mean) for charge in CHARGES
            ]
        return self._tables[key]

    def _background(self, interval: Interval, excitation: Excitation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        background = self._sample.background
        rng = generator(self._seed, Purpose.BACKGROUND, self._point, interval.number)
        per_pulse = background.photons_per_pulse_at_full_intensity * excitation.intensity
        count = int(rng.poisson(per_pulse * interval.pulses))
        shares = self._optics.lorentzian_shares(background.energy_ev, 1e-3 * background.linewidth_mev)
        detected = np.cumsum(shares * self._optics.pixel_efficiency())
        time_ps: NDArray[np.float64] = rng.integers(0, interval.pulses, count) * np.float64(self._period_ps)
        time_ps += 1e3 * background.lifetime_ns * rng.standard_exponential(count)
        return time_ps, draw_pixels(rng, detected / detected[-1], count)
