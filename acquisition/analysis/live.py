"""The analysis that runs beside an acquisition: accumulators and the charge state of the moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.charge_assignment import assign_charge_states, no_charge_states
from acquisition.analysis.charge_states import filter_last, label_bins
from acquisition.analysis.passes import background_per_pulse
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Selection, choose_selection
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.watched import WatchedStream, WatchedSurvey
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
        Most probable charge state now; None before there is light and a fit, and where photons are missing now.
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

    Attributes
    ----------
    info, calibration, settings
        As given.
    survey : WatchedSurvey
        All photons until region and window are chosen.
    stream : WatchedStream or None
        What came after; None as long as there is no light.
    selection : Selection or None
        Region and window, once chosen.
    mask : bool array or None, shape (pixels,)
        Pixels that are used, once chosen.
    background : float64 array, shape (groups,)
        Background counts expected per bin of the trace and delay group; empty until then.
    charge : ChargeStateFollower
    """

    def __init__(
        self, info: PhotonStreamInfo, calibration: Calibration, settings: AnalysisSettings | None = None
    ) -> None:
        self.info, self.calibration = info, calibration
        self.settings = settings or AnalysisSettings()
        self.survey = WatchedSurvey(info, calibration)
        self._choice_pulse = round(FIRST_CHOICE_S * 1e12 / info.period_ps)
        self._fit_pulse = round(FIRST_CHARGE_FIT_S * 1e12 / info.period_ps)
        self.stream: WatchedStream | None = None
        self.selection: Selection | None = None
        self.mask: NDArray[np.bool_] | None = None
        self.background = np.zeros(0)
        self.charge = ChargeStateFollower(self.settings)
        self._snapshot = LiveSnapshot()

    def snapshot(self) -> LiveSnapshot:
        """Return the newest state."""
        return self._snapshot

    def update(self, block: PhotonBlock) -> None:
        """Add the next block."""
        rest: PhotonBlock | None = block
        while rest is not None and self.stream is None:
            head, rest = split_block(rest, self._choice_pulse)
            self.survey.update(head)
            if head.end_pulse >= self._choice_pulse:
                self._choose()
        if rest is not None and self.stream is not None:
            self.stream.update(rest)
        if self.stream is not None:
            self._follow_charge(block.end_pulse)
        self._publish(block)

    def _choose(self) -> None:
        survey = self.survey.snapshot()
        selection = choose_selection(survey, self.settings)
        if not selection.has_light or not self.info.pulsed:
            self._choice_pulse *= 2
            return
        self.stream = WatchedStream(self.info, self.calibration, survey, selection, self.settings)
        self.selection, self.mask = selection, survey.mask
        self.stream.keep_trace_from(self._choice_pulse // self.stream.pulses_per_bin)
        level = background_per_pulse(survey, selection, self.calibration.dark_rate_cps)
        edges = self.stream.group_edges
        per_bin = self.stream.pulses_per_bin
        self.background = level[slice(*selection.region)].sum() * np.diff(edges) * float(per_bin)

    def _follow_charge(self, end_pulse: int) -> None:
        stream = self.stream
        assert stream is not None  # noqa: S101 - the caller has checked
        if end_pulse >= self._fit_pulse:
            self.charge.fit(*stream.recent_bins(TRACE_BINS), self.background)
            self._fit_pulse = end_pulse + min(end_pulse, round(60e12 / self.info.period_ps))
        stream.keep_trace_from(end_pulse // stream.pulses_per_bin - TRACE_BINS)
        self.charge.follow(*stream.recent_bins(FILTER_BINS))

    def _publish(self, block: PhotonBlock) -> None:
        period_s = self.info.period_ps * 1e-12
        duration_s = (block.end_pulse - block.first_pulse) * period_s
        before = self._snapshot
        self._snapshot = LiveSnapshot(
            elapsed_s=block.end_pulse * period_s,
            photons=before.photons + len(block),
            count_rate_cps=len(block) / duration_s if duration_s > 0 else before.count_rate_cps,
            cascades=self.stream.cascades_so_far() if self.stream is not None else 0,
            charge_state=self.charge.name,
        )


class ChargeStateFollower:
    """Learns the charge states from the trace so far, now and then, and follows the newest bins."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._states = no_charge_states(0)
        self.name: str | None = None
        self.fits = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The charge states that the newest of `fits` fits has found."""
        return self._states.names

    def label(self, trace: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Return the index into `names` of each bin; -1 where it is not sure, and where the bin is not valid.

        `trace` has the shape (bins, groups), `valid` the shape (bins,).
        """
        labels = np.full(len(trace), -1, dtype=np.int8)
        if self._states.fit is not None and len(trace):
            found = label_bins(trace, self._states.fit, self._settings.posterior_threshold, valid)
            for index, state in enumerate(self._states.order):
                labels[found == state] = index
        return labels

    def fit(self, trace: NDArray[np.int64], valid: NDArray[np.bool_], background: NDArray[np.float64]) -> None:
        """Learn the states from the valid bins of `trace`, shape (bins, groups), with its background per bin."""
        self._states = assign_charge_states(trace, valid, background, self._settings.bin_width_s, self._settings)
        self.fits += 1

    def follow(self, trace: NDArray[np.int64], valid: NDArray[np.bool_]) -> None:
        """Name the state of the last bin of `trace`; there is none if that is not valid, as in a pause."""
        states = self._states
        self.name = None
        if states.fit is None or not len(trace) or not valid[-1]:
            return
        now = filter_last(trace, states.fit, valid)
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
