"""The passes over a recording: survey, count trace with charge states, and everything by state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import (
    Accumulated,
    StreamAccumulator,
    SurveyAccumulator,
    pulses_per_bin,
)
from acquisition.analysis.charge_states import HiddenMarkovFit, best_fit, select_bins
from acquisition.analysis.recording import PhotonRecording
from acquisition.analysis.selection import Selection, Survey, choose_selection
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import Gap, PhotonBlock

CHARGE_STATES = ("neutral", "minus1", "minus2")
"""Names of the charge states, in the order of falling exciton lifetime."""

DARK_SHARE = 0.1
"""A state with less light than this share of the brightest is dark: bleached, or off."""

LATEST_START_S = 1.0
"""Time without photons at the start that is taken as measured; beyond it the stream starts with its first photon."""

MOST_BINS = 20_000_000
"""Longest count trace: nine days in bins of 40 ms, 2 GB."""

FEWEST_BINS = 10
"""A state with fewer assigned bins is not told from the others; the trace is then read with fewer states."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class ChargeStates:
    """Charge state of each trace bin.

    Attributes
    ----------
    names : tuple of str
        The states that were found, by falling mean delay.
    labels : int8 array, shape (bins,)
        Index into `names`, -1 for bins that are not assigned.
    fit : HiddenMarkovFit or None
        The hidden Markov chain; None without light.
    order : tuple of int
        State of the chain for each name.
    dwell_s : tuple of float
        Mean dwell time of each state in s, from the transition matrix.
    confusion : float64 array, shape (states, states)
        Mean probability, over the bins assigned to the row, of the column.
    """

    names: tuple[str, ...]
    labels: NDArray[np.int8]
    fit: HiddenMarkovFit | None
    order: tuple[int, ...]
    dwell_s: tuple[float, ...]
    confusion: NDArray[np.float64]


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


def assign_charge_states(
    trace: NDArray[np.int64],
    valid: NDArray[np.bool_],
    background: NDArray[np.float64],
    bin_s: float,
    settings: AnalysisSettings,
) -> ChargeStates:
    """Find the charge states of a count trace.

    Parameters
    ----------
    trace : int64 array, shape (bins, groups)
        Counts per bin and delay group.
    valid : bool array, shape (bins,)
        Bins with data.
    background : float64 array, shape (groups,)
        Expected background counts per bin and group.
    bin_s : float
        Width of a bin in s.
    settings : AnalysisSettings
    """
    labels = np.full(len(trace), -1, dtype=np.int8)
    if (
        valid.sum() < 20
        or trace[valid].sum() < 5.0 * np.sqrt(background.sum() * valid.sum()) + background.sum() * valid.sum()
    ):
        return ChargeStates((), labels, None, (), (), np.zeros((0, 0)))
    for most in range(settings.max_charge_states, 0, -1):
        states = _name_states(best_fit(trace, valid, most), valid, background, bin_s, settings)
        if all(np.sum(states.labels == i) >= FEWEST_BINS for i in range(len(states.names))):
            break
    return states


def _name_states(
    fit: HiddenMarkovFit,
    valid: NDArray[np.bool_],
    background: NDArray[np.float64],
    bin_s: float,
    settings: AnalysisSettings,
) -> ChargeStates:
    """Sort the states of a chain by the mean delay of their light, leave out dark ones, label the bins."""
    signal = np.maximum(fit.rates - background, 0.0)
    light = signal.sum(axis=1)
    mean_group = signal @ np.arange(signal.shape[1]) / np.maximum(light, 1e-9)
    bright = [k for k in np.argsort(-mean_group) if light[k] > DARK_SHARE * light.max()]
    order = tuple(int(k) for k in bright[: len(CHARGE_STATES)])
    raw = select_bins(fit, valid, settings.posterior_threshold)
    labels = np.full(len(valid), -1, dtype=np.int8)
    for index, k in enumerate(order):
        labels[raw == k] = index
    confusion = np.array(
        [
            fit.others[labels == i][:, list(order)].mean(axis=0) if np.any(labels == i) else np.eye(len(order))[i]
            for i in range(len(order))
        ]
    )
    dwell = tuple(float(bin_s / max(1.0 - fit.transition[k, k], 1e-9)) for k in order)
    return ChargeStates(CHARGE_STATES[: len(order)], labels, fit, order, dwell, confusion)


def _valid_bins(count: int, pulses: int, per_bin: int, gaps: tuple[Gap, ...]) -> NDArray[np.bool_]:
    valid = np.ones(count, dtype=bool)
    valid[pulses // per_bin :] = False
    for gap in gaps:
        valid[gap.first_pulse // per_bin : -(-gap.end_pulse // per_bin)] = False
    return valid


def _group_background(
    level: NDArray[np.float64], region: tuple[int, int], edges: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.asarray(level[slice(*region)].sum() * np.diff(edges).astype(float))


class AnalysisError(Exception):
    """A recording cannot be analysed; the text says why."""


@dataclass(frozen=True, slots=True)
class _Stream:
    """Blocks of a recording, counted from its first photon if that comes late.

    A free-running pulse counter may start anywhere; the time before the first photon was not measured.
    """

    recording: PhotonRecording
    start_pulse: int

    @classmethod
    def of(cls, recording: PhotonRecording) -> "_Stream":
        for block in recording.blocks():
            if len(block):
                first = int(block.pulse[0])
                late = first * recording.info.period_ps > LATEST_START_S * 1e12
                return cls(recording, first if late else 0)
        return cls(recording, 0)

    def blocks(self) -> Iterator[PhotonBlock]:
        for block in self.recording.blocks():
            if block.end_pulse > self.start_pulse:
                yield _moved(block, self.start_pulse) if self.start_pulse else block


def _moved(block: PhotonBlock, start_pulse: int) -> PhotonBlock:
    gaps = tuple(
        Gap(max(gap.first_pulse - start_pulse, 0), gap.end_pulse - start_pulse, gap.reason)
        for gap in block.gaps
        if gap.end_pulse > start_pulse
    )
    first = max(block.first_pulse - start_pulse, 0)
    return PhotonBlock(
        block.pulse - start_pulse, block.pixel, block.delay_ps, first, block.end_pulse - start_pulse, gaps
    )


class _GapCollector:
    """Passes blocks on and remembers their gaps."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []

    def watch(self, blocks: Iterator[PhotonBlock]) -> Iterator[PhotonBlock]:
        for block in blocks:
            self.gaps.extend(block.gaps)
            yield block


def run_passes(recording: PhotonRecording, settings: AnalysisSettings, progress: Progress) -> Passes:
    """Read the recording three times; memory is bounded but for the count trace (2.2 kB per second of recording)."""
    info, calibration = recording.info, recording.calibration
    progress("surveying pixels and delays")
    stream, surveyor, collector = _Stream.of(recording), SurveyAccumulator(info, calibration), _GapCollector()
    for block in collector.watch(stream.blocks()):
        surveyor.update(block)
    survey = surveyor.snapshot()
    per_bin = pulses_per_bin(info, settings)
    if survey.pulses > MOST_BINS * per_bin:
        raise AnalysisError(
            f"the recording covers {survey.pulses * info.period_ps * 1e-12:.3g} s, more than {MOST_BINS} bins of "
            f"{settings.bin_width_s:g} s; its laser period of {info.period_ps:g} ps is probably wrong"
        )
    selection = choose_selection(survey, settings)
    progress("building the count trace")
    blind = StreamAccumulator(info, calibration, survey, selection, settings)
    for block in stream.blocks():
        blind.update(block)
    everything = blind.snapshot()
    gaps = tuple(collector.gaps)
    valid = _valid_bins(len(everything.trace), everything.pulses, per_bin, gaps)
    level = background_per_pulse(survey, selection, calibration.dark_rate_cps)
    background = _group_background(level, selection.region, everything.group_edges) * per_bin
    progress("assigning charge states")
    if selection.has_light and info.pulsed:
        states = assign_charge_states(everything.trace, valid, background, per_bin * info.period_ps * 1e-12, settings)
    else:
        states = ChargeStates((), np.full(len(everything.trace), -1, dtype=np.int8), None, (), (), np.zeros((0, 0)))
    by_state = None
    if states.names:
        progress("sorting photons by charge state")
        sorter = StreamAccumulator(
            info, calibration, survey, selection, settings, states.labels, states=len(states.names)
        )
        for block in stream.blocks():
            sorter.update(block)
        by_state = sorter.snapshot()
    return Passes(survey, selection, surveyor.photons, everything.pulses, gaps, everything, states, by_state, per_bin)
