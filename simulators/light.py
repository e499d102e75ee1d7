"""The light of a whole sample during one acquisition: all emitters and the background, interval by interval."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulators.charging import ChargePath
from simulators.emission import CHARGES, PulseTable, Stage, draw_photons, draw_pixels, pulse_table, stages
from simulators.motion import Place
from simulators.optics import Optics
from simulators.sample import Emitter, Sample
from simulators.seeding import Purpose, generator
from simulators.spot import spot_shares


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
    """What reaches the sample during an interval: share of the laser's full intensity, heat, and where the spot is."""

    intensity: float
    temperature_c: float
    place: Place = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What the photons of an acquisition depend on, apart from interval and excitation."""

    sample: Sample
    optics: Optics
    seed: int
    point: int
    period_ps: float


class EmitterLight:
    """The photons of one emitter of the sample during one acquisition."""

    def __init__(self, acquisition: Acquisition, number: int) -> None:
        self._acquisition, self._number = acquisition, number
        self._emitter = acquisition.sample.emitters[number]
        charging = generator(acquisition.seed, Purpose.CHARGE, number, acquisition.point)
        self.path = ChargePath(self._emitter.charging, charging)
        self._tables: tuple[Excitation, list[PulseTable]] | None = None
        self._excitons_left = 0

    def photons(self, interval: Interval, excitation: Excitation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return time in ps since the first pulse of the interval, not sorted, and pixel of each photon."""
        from simulators.overlap import draw_overlapping_photons, pulses_overlap  # compiled code is loaded only here

        acquisition = self._acquisition
        rng = generator(acquisition.seed, Purpose.LIGHT, self._number, acquisition.point, interval.number)
        mean = excitations_of(self._emitter, acquisition.sample, acquisition.optics, excitation)
        if mean <= 0:
            return np.empty(0), np.empty(0, np.int64)
        tables = self._tables_for(excitation)
        overlap = any(pulses_overlap(table.stages, acquisition.period_ps) for table in tables)
        times, pixels = [np.empty(0)], [np.empty(0, np.int64)]
        for begin, end, charge in self._charges(interval):
            if overlap:
                cascade, period_ps, left = tables[charge].stages, acquisition.period_ps, self._excitons_left
                time_ps, pixel, left = draw_overlapping_photons(cascade, mean, rng, begin, end, period_ps, left)
                self._excitons_left = left
            else:
                time_ps, pixel = draw_photons(tables[charge], rng, begin, end, acquisition.period_ps)
            times.append(time_ps)
            pixels.append(pixel)
        return np.concatenate(times), np.concatenate(pixels)

    def _charges(self, interval: Interval) -> list[tuple[int, int, int]]:
        """Return the stretches of constant charge: pulses [begin, end) from the interval's first, and charge."""
        pulse_s = 1e-12 * self._acquisition.period_ps
        segments = self.path.segments(interval.first_pulse * pulse_s, interval.end_pulse * pulse_s)
        begins = [round(start_s / pulse_s) - interval.first_pulse for start_s, _ in segments]
        ends = [*begins[1:], interval.pulses]
        return [(begin, end, charge) for begin, end, (_, charge) in zip(begins, ends, segments, strict=True)]

    def _tables_for(self, excitation: Excitation) -> list[PulseTable]:
        """Return the table of each charge; kept as long as the excitation stays the same."""
        if self._tables is None or self._tables[0] != excitation:
            sample, optics = self._acquisition.sample, self._acquisition.optics
            mean, temperature_c = excitations_of(self._emitter, sample, optics, excitation), excitation.temperature_c
            _, collected = spot_shares(self._emitter, excitation.place, optics)
            cascades = [stages(self._emitter, q, sample.most_excitons, temperature_c, optics) for q in CHARGES]
            self._tables = excitation, [pulse_table(_collected(cascade, collected), mean) for cascade in cascades]
        return self._tables[1]


class SampleLight:
    """Draws the photons that a sample sends to the detector, interval by interval.

    The photons of an interval depend on the acquisition, the interval and its excitation alone, and
    on excitons and photons that the interval before left over.
    """

    def __init__(self, acquisition: Acquisition) -> None:
        self._acquisition = acquisition
        self._emitters = [EmitterLight(acquisition, number) for number in range(len(acquisition.sample.emitters))]
        self._late = (np.empty(0), np.empty(0, np.int64))

    @property
    def paths(self) -> list[ChargePath]:
        """Charge of each emitter over time."""
        return [emitter.path for emitter in self._emitters]

    def photons(self, interval: Interval, excitation: Excitation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return time in ps since the first pulse of the interval, ascending, and pixel of each photon."""
        from simulators.ordering import time_order  # the compiled code is loaded only here

        parts = [self._late]
        if excitation.intensity > 0:
            parts.append(self._background(interval, excitation))
            parts += [emitter.photons(interval, excitation) for emitter in self._emitters]
        time_ps = np.concatenate([time for time, _ in parts])
        pixel = np.concatenate([pixel for _, pixel in parts])
        length_ps = interval.pulses * self._acquisition.period_ps
        order = time_order(time_ps, length_ps)
        time_ps, pixel = time_ps[order], pixel[order]
        end = int(np.searchsorted(time_ps, length_ps))
        self._late = (time_ps[end:] - length_ps, pixel[end:])
        return time_ps[:end], pixel[:end]

    def _background(self, interval: Interval, excitation: Excitation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        acquisition, background = self._acquisition, self._acquisition.sample.background
        rng = generator(acquisition.seed, Purpose.BACKGROUND, acquisition.point, interval.number)
        per_pulse = background.photons_per_pulse_at_full_intensity * excitation.intensity
        count = int(rng.poisson(per_pulse * interval.pulses))
        shares = acquisition.optics.lorentzian_shares(background.energy_ev, 1e-3 * background.linewidth_mev)
        detected = np.cumsum(shares * acquisition.optics.pixel_efficiency())
        time_ps: NDArray[np.float64] = rng.integers(0, interval.pulses, count) * np.float64(acquisition.period_ps)
        time_ps += 1e3 * background.lifetime_ns * rng.standard_exponential(count)
        return time_ps, draw_pixels(rng, detected / max(float(detected[-1]), np.finfo(float).tiny), count)


def excitations_of(emitter: Emitter, sample: Sample, optics: Optics, excitation: Excitation) -> float:
    """Return the mean number of excitations per pulse in an emitter."""
    excited, _ = spot_shares(emitter, excitation.place, optics)
    in_the_middle = excitation.intensity * sample.excitations_per_pulse_at_full_intensity
    return in_the_middle * emitter.relative_absorption * excited


def _collected(cascade: tuple[Stage, ...], share: float) -> tuple[Stage, ...]:
    return tuple(replace(stage, detection_probability=share * stage.detection_probability) for stage in cascade)
