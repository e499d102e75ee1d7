"""What a point will hold, from what is known of sample and instruments: photons, cascades and how well they tell."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from acquisition.analysis.expected_selection import Selected, select
from acquisition.analysis.pairs import independent_pairs
from acquisition.analysis.recording import Calibration
from acquisition.analysis.settings import AnalysisSettings
from simulators.expectation import ExpectedCharge, FloatArray, Stream, StreamExpectation

CHARGE_STATES = ("neutral", "minus1", "minus2")
"""Names of the charge states with 0, 1 and 2 excess electrons, as the analysis calls them."""

EXCITONS = (("X", "BX"), ("X-", "BX-"), ("X2-", "BX2-"))
"""Names of the states with one and two excitons, by the number of excess electrons."""


@dataclass(frozen=True, slots=True)
class ExpectedState:
    """One of the six states, in the standard region and window.

    Attributes
    ----------
    photons : float
        Photons that it sends.
    pairs, accidental_pairs : float or None
        Of a biexciton: pairs of cascades, and pairs by accident that are counted with them; both less
        those that the crosstalk cut removes.
    """

    photons: float
    pairs: float | None = None
    accidental_pairs: float | None = None


@dataclass(frozen=True, slots=True)
class ExpectedChargeState:
    """A charge state: time in s spent in it, and cascades and accidental pairs in the standard region and window."""

    time_s: float
    cascades: float
    accidental_pairs: float


@dataclass(frozen=True, slots=True)
class Expected:
    """Mean counts of an acquisition; those of a drawn one scatter, most by how long it is in which charge state.

    Attributes
    ----------
    duration_s : float
    pulsed : bool
        Whether laser pulses come.
    time_tags : float
        Everything that the array records.
    signal_photons, glow_photons, dark_counts : float
        What of it comes from the emitters, from light of glass and oil, and from nothing at all.
    cascades, accidental_pairs : float
        Pairs of photons of one cascade, and pairs by accident, in the standard region and window.
    emitters : int
        Emitters whose light reaches the detector; without any, no region is chosen and no pairs are counted.
    charge_states, states : mapping
        By name; empty unless there is one emitter, because several cannot be told apart.
    region_pixels : tuple of int
        Pixels [first, end) of the standard region.
    window_ns : tuple of float
        Delays of the standard window.
    """

    duration_s: float
    pulsed: bool
    time_tags: float
    signal_photons: float
    glow_photons: float
    dark_counts: float
    cascades: float
    accidental_pairs: float
    emitters: int
    charge_states: Mapping[str, ExpectedChargeState]
    states: Mapping[str, ExpectedState]
    region_pixels: tuple[int, int]
    window_ns: tuple[float, float]

    @property
    def count_rate_cps(self) -> float:
        """Time tags per second."""
        return self.time_tags / self.duration_s

    @property
    def counted_cascades(self) -> float:
        """What the live analysis will call cascades: true ones and accidental pairs."""
        return self.cascades + self.accidental_pairs

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "count_rate_cps": self.count_rate_cps}


class LightOnDetector:
    """What the analysis makes of a light that stays the same, per laser pulse.

    Parameters
    ----------
    stream : Stream
        Sample, optics, detector and excitation.
    calibration : Calibration
        What is known of the detector.
    settings : AnalysisSettings
        Of the analysis.
    """

    def __init__(self, stream: Stream, calibration: Calibration, settings: AnalysisSettings) -> None:
        self.stream, self.calibration, self.settings = stream, calibration, settings
        self.expectation = StreamExpectation(stream)

    @cached_property
    def selected(self) -> Selected:
        """The region and window that the analysis will choose."""
        light = self.expectation.signal + self.expectation.glow
        return select(light, self.expectation.dark, self.stream.bin_ns, self.calibration, self.settings)

    @cached_property
    def pairs(self) -> Mapping[ExpectedCharge, FloatArray]:
        """Pairs of cascades per pulse, by the earlier photon, of each charge state of each emitter."""
        settings = self.settings
        return {
            charge: charge.pairs(
                self.selected.used,
                self.selected.selection.window,
                settings.crosstalk_pixels,
                settings.crosstalk_window_ns,
            )
            for charges in self.expectation.emitters
            for charge in charges
        }

    def accidental_pairs(self, charge: ExpectedCharge) -> float:
        """Return the pairs per pulse, in region and window, of which no more than one photon is of the only emitter."""
        signal, rest = charge.signal, self.expectation.glow + self.expectation.dark
        return self._pairs_by_accident(signal + rest) - self._pairs_by_accident(signal)

    def all_accidental_pairs(self) -> float:
        """Return the pairs per pulse, in region and window, that are not of one cascade, on average over charges."""
        found = self.expectation
        own = [sum(charge.share * charge.signal for charge in charges) for charges in found.emitters]
        everything = self._pairs_by_accident(found.signal + found.glow + found.dark)
        return everything - sum(self._pairs_by_accident(np.asarray(signal)) for signal in own)

    def _pairs_by_accident(self, per_pulse: FloatArray) -> float:
        """Return the pairs of independent counts that pass the cuts."""
        seen = per_pulse[self.selected.used, slice(*self.selected.selection.window)]
        reach = self.settings.crosstalk_pixels, round(self.settings.crosstalk_window_ns / self.stream.bin_ns)
        return float(independent_pairs(seen, seen, *reach).sum())

    def expected(self, duration_s: float, *, pulsed: bool) -> Expected:
        """Return the mean counts of an acquisition."""
        found, selection = self.expectation, self.selected.selection
        pulses = 1e9 * duration_s / self.stream.period_ns
        charge_states: dict[str, ExpectedChargeState] = {}
        states: dict[str, ExpectedState] = {}
        cascades = 0.0
        for charges in found.emitters if selection.has_light else ():
            for charge in charges:
                here = pulses * charge.share
                pairs = here * float(self.pairs[charge].sum())
                cascades += pairs
                if len(found.emitters) == 1:
                    by_accident = here * self.accidental_pairs(charge)
                    charge_states[CHARGE_STATES[charge.charge]] = ExpectedChargeState(
                        duration_s * charge.share, pairs, by_accident
                    )
                    exciton, biexciton = (
                        here * charge.photons(stage, self.selected.used, selection.window) for stage in (1, 2)
                    )
                    x, bx = EXCITONS[charge.charge]
                    states[x] = ExpectedState(exciton)
                    states[bx] = ExpectedState(biexciton, pairs, by_accident)
        edges_ns = self.stream.edges_ns
        return Expected(
            duration_s=duration_s,
            pulsed=pulsed,
            time_tags=pulses * found.tags_per_pulse,
            signal_photons=pulses * float(found.signal.sum()),
            glow_photons=pulses * float(found.glow.sum()),
            dark_counts=pulses * float(found.dark.sum()),
            cascades=cascades,
            accidental_pairs=pulses * self.all_accidental_pairs() if selection.has_light else 0.0,
            emitters=len(found.emitters) if selection.has_light else 0,
            charge_states=charge_states,
            states=states,
            region_pixels=selection.region,
            window_ns=(float(edges_ns[selection.window[0]]), float(edges_ns[selection.window[1]])),
        )
