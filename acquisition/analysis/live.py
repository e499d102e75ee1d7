"""The analysis that runs beside an acquisition: accumulators and the charge state of the moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import StreamAccumulator, SurveyAccumulator
from acquisition.analysis.charge_assignment import assign_charge_states, no_charge_states
from acquisition.analysis.charge_states import filter_last
from acquisition.analysis.passes import background_per_pulse
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import choose_selection
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

FIRST_CHOICE_S = 2.0
"""Region and window are chosen after so many seconds of stream; without light, again at twice the time."""

TRACE_BINS = 4096
"""Bins of the count trace that the live analysis keeps."""

FILTER_BINS = 50
FIRST_CHARGE_FIT_S = 10.0


@dataclass(frozen=True, slots=True)
class LiveSnapshot:
    """State of a running acquisition.

    Attributes
    ----------
    elapsed_s : float
        Time covered by the stream so far, in s.
    photons : int
        Photon records so far.
    count_rate_cps : float
        Mean count rate of the whole array in the latest block.
    cascades : int
        Pulses with exactly two photons in region and window since those were chosen.
    charge_state : str or None
        Most probable charge state now; None before there is light and a fit.
    """

    elapsed_s: float = 0.0
    photons: int = 0
    count_rate_cps: float = 0.0
    cascades: int = 0
    charge_state: str | None = None


class LiveAnalysis:
    """Accumulators of a running stream, in bounded memory.

    `update` is called from one thread, `snapshot` from any. Region and window are chosen at a fixed
    pulse, so the cutting of the stream into blocks changes nothing.
    """

    def __init__(
        self, info: PhotonStreamInfo, calibration: Calibration, settings: AnalysisSettings | None = None
    ) -> None:
        self._info, self._calibration = info, calibration
        self._settings = settings or AnalysisSettings()
        self._survey = SurveyAccumulator(info, calibration)
        self._choice_pulse = round(FIRST_CHOICE_S * 1e12 / info.period_ps)
        self._fit_pulse = round(FIRST_CHARGE_FIT_S * 1e12 / info.period_ps)
        self._stream: StreamAccumulator | None = None
        self._background = np.zeros(0)
        self._charge = ChargeStateFollower(self._settings)
        self._snapshot = LiveSnapshot()

    def snapshot(self) -> LiveSnapshot:
        """Return the newest state."""
        return self._snapshot

    def update(self, block: PhotonBlock) -> None:
        """Add the next block."""
        rest: PhotonBlock | None = block
        while rest is not None and self._stream is None:
            head, rest = split_block(rest, self._choice_pulse)
            self._survey.update(head)
            if head.end_pulse >= self._choice_pulse:
                self._choose()
        if rest is not None and self._stream is not None:
            self._stream.update(rest)
        if self._stream is not None:
            self._follow_charge(block.end_pulse)
        self._publish(block)

    def _choose(self) -> None:
        survey = self._survey.snapshot()
        selection = choose_selection(survey, self._settings)
        if not selection.has_light or not self._info.pulsed:
            self._choice_pulse *= 2
            return
        self._stream = StreamAccumulator(self._info, self._calibration, survey, selection, self._settings)
        self._stream.keep_trace_from(self._choice_pulse // self._stream.pulses_per_bin)
        level = background_per_pulse(survey, selection, self._calibration.dark_rate_cps)
        edges = self._stream.group_edges
        per_bin = self._stream.pulses_per_bin
        self._background = level[slice(*selection.region)].sum() * np.diff(edges) * float(per_bin)

    def _follow_charge(self, end_pulse: int) -> None:
        stream = self._stream
        assert stream is not None  # noqa: S101 - the caller has checked
        if end_pulse >= self._fit_pulse:
            self._charge.fit(stream.recent_trace(TRACE_BINS), self._background)
            self._fit_pulse = end_pulse + min(end_pulse, round(60e12 / self._info.period_ps))
        stream.keep_trace_from(end_pulse // stream.pulses_per_bin - TRACE_BINS)
        self._charge.follow(stream.recent_trace(FILTER_BINS))

    def _publish(self, block: PhotonBlock) -> None:
        period_s = self._info.period_ps * 1e-12
        duration_s = (block.end_pulse - block.first_pulse) * period_s
        before = self._snapshot
        self._snapshot = LiveSnapshot(
            elapsed_s=block.end_pulse * period_s,
            photons=before.photons + len(block),
            count_rate_cps=len(block) / duration_s if duration_s > 0 else before.count_rate_cps,
            cascades=self._stream.cascades_so_far() if self._stream is not None else 0,
            charge_state=self._charge.name,
        )


class ChargeStateFollower:
    """Learns the charge states from the trace so far, now and then, and follows the newest bins."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._states = no_charge_states(0)
        self.name: str | None = None

    def fit(self, trace: NDArray[np.int64], background: NDArray[np.float64]) -> None:
        """Learn the states from `trace`, shape (bins, groups), with its expected background per bin."""
        valid = trace.sum(axis=1) > 0
        self._states = assign_charge_states(trace, valid, background, self._settings.bin_width_s, self._settings)

    def follow(self, trace: NDArray[np.int64]) -> None:
        """Name the state of the last bin of `trace`."""
        states = self._states
        self.name = None
        if states.fit is None or not len(trace):
            return
        now = filter_last(trace, states.fit)
        if now in states.order:
            self.name = states.names[states.order.index(now)]


def split_block(block: PhotonBlock, pulse: int) -> tuple[PhotonBlock, PhotonBlock | None]:
    """Cut a block before `pulse`; the second part is None if nothing is left."""
    if block.end_pulse <= pulse:
        return block, None
    cut = int(np.searchsorted(block.pulse, pulse))
    middle = max(pulse, block.first_pulse)
    early = tuple(gap for gap in block.gaps if gap.first_pulse < middle)
    late = tuple(gap for gap in block.gaps if gap.end_pulse > middle)
    pulses, pixel, delay_ps = block.pulse, block.pixel, block.delay_ps
    head = PhotonBlock(pulses[:cut], pixel[:cut], delay_ps[:cut], block.first_pulse, middle, early)
    return head, PhotonBlock(pulses[cut:], pixel[cut:], delay_ps[cut:], middle, block.end_pulse, late)
