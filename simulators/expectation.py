"""What the SPAD array counts on average: the same sample, optics and detector as the stream, but nothing is drawn."""

from dataclasses import dataclass
from functools import cached_property
from math import hypot

import numpy as np
from numpy.typing import NDArray

from simulators.charging import equilibrium
from simulators.decay_chain import DecayChain, exponential_between
from simulators.detector import FWHM_PER_SIGMA, DetectorSettings, personality
from simulators.emission import CHARGES, Stage, stages
from simulators.light import Excitation, excitations_of
from simulators.nanocrystal import state_properties
from simulators.optics import Optics
from simulators.sample import Emitter, Sample
from simulators.spot import spot_shares

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """The conditions of a photon stream that do not change while it goes on.

    `bin_ns` is the width of the delay bins in which expectations are given; the last one of a
    period may be narrower.
    """

    sample: Sample
    optics: Optics
    detector: DetectorSettings
    excitation: Excitation
    period_ns: float
    bin_ns: float = 0.5

    @property
    def edges_ns(self) -> FloatArray:
        """Edges of the delay bins over one period, in ns."""
        bins = int(np.ceil(self.period_ns / self.bin_ns - 1e-9))
        return np.asarray(np.minimum(np.arange(bins + 1) * self.bin_ns, self.period_ns))

    @property
    def time_zero_ns(self) -> float:
        """Delay at which light of the laser pulse is counted."""
        return self.detector.time_zero_ns % self.period_ns

    @property
    def irf_sigma_ns(self) -> float:
        """Width of the instrument response of the array: jitter, and offsets of the pixels that nobody corrects."""
        return 1e-3 * hypot(self.detector.jitter_fwhm_ps / FWHM_PER_SIGMA, self.detector.offset_sigma_ps)


class ExpectedCharge:
    """Light of one emitter in one charge state, per laser pulse that it spends in it.

    Parameters
    ----------
    stream : Stream
    emitter : Emitter
    charge : int
        Excess electrons: 0, 1 or 2.

    Attributes
    ----------
    share : float
        Share of the time that the emitter spends in this charge state.
    efficiency_ratio_bx : float
        Efficiency of the biexciton over that of the exciton.
    excitations_per_pulse : float
        Mean number of excitons that a pulse adds.
    leaves_hz : float
        How often it leaves the state, per second in it.
    """

    def __init__(self, stream: Stream, emitter: Emitter, charge: int) -> None:
        sample, excitation = stream.sample, stream.excitation
        self._stream = stream
        self.charge = charge
        self.share = equilibrium(emitter.charging)[charge]
        exciton, biexciton = (state_properties(emitter, n, charge, excitation.temperature_c) for n in (1, 2))
        self.efficiency_ratio_bx = biexciton.quantum_efficiency / exciton.quantum_efficiency
        rates = emitter.charging
        leaves_hz = (
            rates.neutral_to_minus1_hz,
            rates.minus1_to_neutral_hz + rates.minus1_to_minus2_hz,
            rates.minus2_to_minus1_hz,
        )
        self.leaves_hz = leaves_hz[charge]
        self._stages = stages(emitter, charge, sample.most_excitons, excitation.temperature_c, stream.optics)
        self.excitations_per_pulse = excitations_of(emitter, sample, stream.optics, excitation)
        lifetimes_ns = 1e-3 * np.array([stage.lifetime_ps for stage in self._stages])
        self._chain = DecayChain(lifetimes_ns, self.excitations_per_pulse, stream.period_ns)
        _, collected = spot_shares(emitter, excitation.place, stream.optics)
        self._tags_per_photon = collected * _gain(stream.detector)

    @cached_property
    def pixel_shares(self) -> FloatArray:
        """Detected photons per decay of each stage on each pixel, shape (stages, pixels); crosstalk included."""
        return np.stack([_pixel_shares(stage) for stage in self._stages]) * self._tags_per_photon

    @cached_property
    def decays(self) -> FloatArray:
        """Decays of each stage per pulse and delay bin, shape (stages, bins)."""
        return self._chain.decays(self._stream.edges_ns, self._stream.time_zero_ns)

    @cached_property
    def signal(self) -> FloatArray:
        """Detected photons per pulse, shape (pixels, bins)."""
        return np.asarray(self.pixel_shares.T @ self.decays)

    def photons(self, stage: int, used: NDArray[np.bool_], window: tuple[int, int]) -> float:
        """Return the photons per pulse of a stage (from 1) on some pixels and in the delay bins [first, end)."""
        return float(self.pixel_shares[stage - 1, used].sum() * self.decays[stage - 1, slice(*window)].sum())

    def pairs(self, used: NDArray[np.bool_], window: tuple[int, int], near_pixels: int, near_ns: float) -> FloatArray:
        """Return the pairs of photons of one cascade per pulse, by the earlier photon.

        Pairs on one pixel do not count, nor those of pixels at most `near_pixels` apart that come
        within `near_ns`: they would be taken for crosstalk.

        Parameters
        ----------
        used : bool array, shape (pixels,)
            Pixels of which both photons must be.
        window : tuple of int
            Delay bins [first, end) in which both must lie.

        Returns
        -------
        float64 array, shape (pixels, bins)
            Zero outside the window.
        """
        first, end = window
        edges_ns = self._stream.edges_ns - self._stream.time_zero_ns
        left_ns = np.maximum(
            edges_ns[end] - np.maximum(0.5 * (edges_ns[first:end] + edges_ns[first + 1 : end + 1]), 0), 0
        )
        follow = self._chain.follow(left_ns)
        follow_soon = self._chain.follow(np.minimum(left_ns, near_ns))
        seen = self.pixel_shares * used
        near = _sum_of_neighbours(seen, near_pixels)
        total = seen.sum(axis=1, keepdims=True)
        found = np.zeros((len(used), len(edges_ns) - 1))
        for stage in range(1, len(seen)):  # the earlier photon; those of the stages below it follow
            decays = self.decays[stage, first:end] * (edges_ns[first + 1 : end + 1] > 0)
            partners = (total[:stage] - seen[:stage]).T @ follow[stage, :stage] - near[:stage].T @ follow_soon[
                stage, :stage
            ]
            found[:, first:end] += seen[stage][:, None] * decays * partners
        return found


class StreamExpectation:
    """What a SPAD array counts on average under constant conditions, per laser pulse.

    Attributes
    ----------
    stream : Stream
    emitters : tuple of tuple of ExpectedCharge
        Of each emitter its charge states that occur.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.emitters = tuple(
            tuple(
                charge for charge in (ExpectedCharge(stream, emitter, number) for number in CHARGES) if charge.share > 0
            )
            for emitter in stream.sample.emitters
        )

    @cached_property
    def dark(self) -> FloatArray:
        """Dark counts per pulse and delay bin, shape (pixels, bins)."""
        rates_cps = personality(self.stream.detector, self.stream.optics.pixel_count).dark_rate_cps
        live = rates_cps / (1.0 + 1e-9 * self.stream.detector.dead_time_ns * rates_cps)
        return np.outer(1e-9 * live * _gain(self.stream.detector), np.diff(self.stream.edges_ns))

    @cached_property
    def glow(self) -> FloatArray:
        """Light of glass and oil per pulse and delay bin, shape (pixels, bins)."""
        stream, background = self.stream, self.stream.sample.background
        per_pulse = background.photons_per_pulse_at_full_intensity * stream.excitation.intensity
        shares = stream.optics.lorentzian_shares(background.energy_ev, 1e-3 * background.linewidth_mev)
        seen = shares * stream.optics.pixel_efficiency()
        total = float(seen.sum())
        delays = exponential_between(stream.edges_ns - stream.time_zero_ns, background.lifetime_ns, stream.period_ns)
        return np.outer(per_pulse * _gain(stream.detector) * seen / total if total > 0 else seen, delays)

    @cached_property
    def signal(self) -> FloatArray:
        """Photons of all emitters per pulse, shape (pixels, bins), on average over their charges."""
        found = np.zeros_like(self.dark)
        for charges in self.emitters:
            for charge in charges:
                found += charge.share * charge.signal
        return found

    @property
    def tags_per_pulse(self) -> float:
        """Time tags per pulse: light, glow and dark counts."""
        return float(self.signal.sum() + self.glow.sum() + self.dark.sum())


def _gain(detector: DetectorSettings) -> float:
    """Return the tags per avalanche that light or heat makes: crosstalk to two neighbours, and afterpulses."""
    return (1.0 + 2.0 * detector.crosstalk_probability) / (1.0 - detector.afterpulse_probability)


def _pixel_shares(stage: Stage) -> FloatArray:
    return np.diff(stage.pixel_cdf, prepend=0.0) * stage.detection_probability


def _sum_of_neighbours(values: FloatArray, reach: int) -> FloatArray:
    """Return the sum over the pixels at most `reach` away, without the pixel itself; pixels on the last axis."""
    total = np.zeros_like(values)
    for distance in range(1, min(reach, values.shape[1] - 1) + 1):
        total[:, distance:] += values[:, :-distance]
        total[:, :-distance] += values[:, distance:]
    return total
