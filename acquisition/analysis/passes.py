"""The passes over a recording: survey, count trace with charge states, and everything by state."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import (
    Accumulated,
    StreamAccumulator,
    SurveyAccumulator,
    pulses_per_bin,
)
from acquisition.analysis.charge_assignment import ChargeStates, assign_charge_states, no_charge_states
from acquisition.analysis.measured_stream import MeasuredStream
from acquisition.analysis.recording import PhotonRecording
from acquisition.analysis.selection import Selection, Survey, choose_selection
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import Gap

MOST_BINS = 20_000_000
"""Longest count trace: nine days in bins of 40 ms, 2 GB."""

FINER = 4
"""Factor between the bins of the settings and those for fast switching."""

LEAST_LIGHT = 20.0
"""Photons that a finer bin must hold on average."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Results of all passes over a recording; `by_state` is None if no charge state was found."""

    survey: Survey
    selection: Selection
    photons: int
    pulses: int
    gaps: tuple[Gap, ...]
    all_states: Accumulated
    charge_states: ChargeStates
    by_state: Accumulated | None
    pulses_per_bin: int


def background_per_pulse(
    survey: Survey, selection: Selection, dark_rate_cps: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return the background counts per pulse and map bin of each pixel.

    From delays without light where there are any, else from the dark count rates, else zero.
    """
    if selection.background.any():
        level = survey.pixel_delay[:, selection.background].mean(axis=1) / max(survey.pulses, 1)
    elif dark_rate_cps is not None:
        level = dark_rate_cps * survey.bin_ns * 1e-9
    else:
        level = np.zeros(len(survey.pixel_delay))
    return np.asarray(level * survey.mask)


def _valid_bins(count: int, pulses: int, per_bin: int, gaps: tuple[Gap, ...]) -> NDArray[np.bool_]:
    valid = np.ones(count, dtype=bool)
    valid[pulses // per_bin :] = False
    for gap in gaps:
        valid[gap.first_pulse // per_bin : -(-gap.end_pulse // per_bin)] = False
    return valid


class AnalysisError(Exception):
    """A recording cannot be analysed; the text says why."""


def run_passes(recording: PhotonRecording, settings: AnalysisSettings, progress: Progress) -> Passes:
    """Read the recording three times; memory is bounded but for the count trace (2.2 kB per second of recording).

    Where charge states switch too fast for the bins of `settings`, the trace is built again in bins a
    quarter as wide.
    """
    progress("surveying pixels and delays")
    reader = _Reader(recording, settings)
    progress("building the count trace")
    blind, states = reader.trace(settings)
    if not states.resolved and reader.enough_light(blind, settings):
        progress("building the count trace in finer bins")
        finer = replace(settings, bin_width_s=settings.bin_width_s / FINER)
        finer_blind, finer_states = reader.trace(finer)
        if len(finer_states.names) >= len(states.names):
            settings, blind, states = finer, finer_blind, finer_states
    by_state = None
    if states.names:
        progress("sorting photons by charge state")
        by_state = reader.accumulate(settings, states.labels, len(states.names))
    return Passes(
        survey=reader.survey,
        selection=reader.selection,
        photons=reader.photons,
        pulses=blind.pulses,
        gaps=reader.stream.gaps,
        all_states=blind,
        charge_states=states,
        by_state=by_state,
        pulses_per_bin=pulses_per_bin(recording.info, settings),
    )


class _Reader:
    """The survey of a recording and the passes that build on it."""

    def __init__(self, recording: PhotonRecording, settings: AnalysisSettings) -> None:
        self._info, self._calibration = recording.info, recording.calibration
        self.stream = MeasuredStream(recording)
        surveyor = SurveyAccumulator(self._info, self._calibration)
        for block in self.stream.blocks():
            surveyor.update(block)
        self.survey, self.photons = surveyor.snapshot(), surveyor.photons
        if self.survey.pulses > MOST_BINS * pulses_per_bin(self._info, settings):
            raise AnalysisError(
                f"the recording covers {self.survey.pulses * self._info.period_ps * 1e-12:.3g} s, more than "
                f"{MOST_BINS} bins of {settings.bin_width_s:g} s; its laser period of {self._info.period_ps:g} ps "
                "is probably wrong"
            )
        self.selection = choose_selection(self.survey, settings)
        self._level = background_per_pulse(self.survey, self.selection, self._calibration.dark_rate_cps)

    def accumulate(
        self, settings: AnalysisSettings, labels: NDArray[np.int8] | None = None, states: int = 1
    ) -> Accumulated:
        """Feed all photons to the accumulators."""
        accumulator = StreamAccumulator(
            self._info, self._calibration, self.survey, self.selection, settings, labels, states
        )
        for block in self.stream.blocks():
            accumulator.update(block)
        return accumulator.snapshot()

    def trace(self, settings: AnalysisSettings) -> tuple[Accumulated, ChargeStates]:
        """Return the count trace, and the charge states of its bins."""
        blind = self.accumulate(settings)
        if not (self.selection.has_light and self._info.pulsed):
            return blind, no_charge_states(len(blind.trace))
        per_bin = pulses_per_bin(self._info, settings)
        valid = _valid_bins(len(blind.trace), blind.pulses, per_bin, self.stream.gaps)
        bin_s = per_bin * self._info.period_ps * 1e-12
        return blind, assign_charge_states(blind.trace, valid, self._background(blind) * per_bin, bin_s, settings)

    def enough_light(self, blind: Accumulated, settings: AnalysisSettings) -> bool:
        """Return whether finer bins would still hold photons enough to judge them by."""
        per_pulse = blind.trace.sum() / max(blind.pulses, 1) - self._background(blind).sum()
        return bool(per_pulse * pulses_per_bin(self._info, settings) / FINER > LEAST_LIGHT)

    def _background(self, blind: Accumulated) -> NDArray[np.float64]:
        """Background counts per pulse and delay group."""
        region = slice(*self.selection.region)
        return np.asarray(self._level[region].sum() * np.diff(blind.group_edges).astype(float))
