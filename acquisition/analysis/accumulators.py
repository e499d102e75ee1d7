"""Accumulators of a photon stream: fed block by block, the same result for any block size."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis import kernels
from acquisition.analysis.delay_groups import group_edges
from acquisition.analysis.gaps import outside_gaps, unbroken_stretches
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Selection, Survey, bins_without_light, find_time_zero_bin, hot_pixels
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

MAP_BIN_PS = 500
"""Aim for the width of a delay bin of the maps in ps; a multiple of the detector's resolution is taken."""

FINE_BIN_PS = 100
"""Aim for the width of a bin of the fine delay histogram in ps."""

MOST_MAP_BINS = 5_000
MOST_FINE_BINS = 12_000
"""Bins are widened where a long period would need more of them: 5,000 map bins are 0.5 ns wide up to 2.5 us."""


def bin_ps_for(info: PhotonStreamInfo, aim_ps: float, most_bins: int = MOST_FINE_BINS) -> int:
    """Return a bin width in ps near `aim_ps` that holds a whole number of detector steps; wider for very long periods.

    Other widths would hold now more, now fewer steps, and the histogram would show a beat.
    """
    step = max(1.0, info.delay_resolution_ps)
    aim = min(aim_ps, info.period_ps / 50)
    steps = max(1, round(aim / step), math.ceil(info.period_ps / most_bins / step))
    return max(1, round(steps * step))


def _offsets_ps(info: PhotonStreamInfo, calibration: Calibration) -> NDArray[np.int64]:
    if calibration.pixel_offset_ps is None:
        return np.zeros(info.pixel_count, dtype=np.int64)
    return np.rint(calibration.pixel_offset_ps).astype(np.int64)


class SurveyAccumulator:
    """Pixel x delay map of all pixels, from which region and window are chosen."""

    def __init__(self, info: PhotonStreamInfo, calibration: Calibration) -> None:
        self._info = info
        self._calibration = calibration
        self._bin_ps = bin_ps_for(info, MAP_BIN_PS, MOST_MAP_BINS)
        bins = int(np.ceil(info.period_ps / self._bin_ps))
        self._map = np.zeros((info.pixel_count, bins), dtype=np.int64)
        self._offset_ps = _offsets_ps(info, calibration)
        self.pulses = 0
        self.photons = 0

    def update(self, block: PhotonBlock) -> None:
        """Add a block; pulses in gaps count neither as time nor as light."""
        period_ps = round(self._info.period_ps)
        pixel, delay_ps, pulses = block.pixel, block.delay_ps, block.end_pulse - block.first_pulse
        if block.gaps:
            keep, pulses = outside_gaps(block)
            pixel, delay_ps = pixel[keep], delay_ps[keep]
            pixel.flags.writeable = delay_ps.flags.writeable = False
        kernels.survey_block(pixel, delay_ps, self._offset_ps, period_ps, self._bin_ps, self._map)
        self.pulses += pulses
        self.photons += len(block)

    def snapshot(self) -> Survey:
        """Return the map so far, with hot and masked pixels marked."""
        zero, _ = find_time_zero_bin(self._map.sum(axis=0))
        background = bins_without_light(self._map, self._bin_ps / 1e3, zero)
        mask = ~hot_pixels(self._map, background)
        if self._calibration.pixel_mask is not None:
            mask &= self._calibration.pixel_mask
        return Survey(self._map.copy(), self._bin_ps / 1e3, self.pulses, mask)


@dataclass(frozen=True, slots=True, eq=False)
class Accumulated:
    """What the accumulators hold after some blocks; delays are corrected for pixel offsets only.

    Attributes
    ----------
    pixel_delay : int64 array, shape (states, pixels, bins)
        Pixel x delay map of all pixels, in bins of `bin_ns`.
    fine_delay : int64 array, shape (fine bins,)
        Delay histogram of the region of interest, in bins of `fine_bin_ns`, all states.
    trace : int64 array, shape (trace bins, groups)
        Counts per trace bin and delay group, within region and window, all states.
    trace_delay_ps : int64 array, shape (trace bins,)
        Sum of the delays of those photons in ps.
    pair_lag : int64 array, shape (states, max_lag + 1, bins)
        Pairs by pulse lag and by the smaller of the two delays.
    first, second : int64 array, shape (states, pixels, bins)
        Earlier and later photon of all pairs within one pulse.
    cascades : int64 array, shape (states,)
        Pulses with exactly two photons, that pass the crosstalk cut.
    pulses, photons : int
        Laser pulses covered and photon records read.
    group_edges : int64 array, shape (groups + 1,)
        First map bin of each delay group, and the end of the last.
    first_bin : int
        Number of the first trace bin that is kept.
    """

    bin_ns: float
    fine_bin_ns: float
    pixel_delay: NDArray[np.int64]
    fine_delay: NDArray[np.int64]
    trace: NDArray[np.int64]
    trace_delay_ps: NDArray[np.int64]
    pair_lag: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    cascades: NDArray[np.int64]
    pulses: int
    photons: int
    group_edges: NDArray[np.int64]
    first_bin: int


class StreamAccumulator:
    """All accumulators behind one compiled pass over each block.

    Parameters
    ----------
    info, calibration
        The stream and its detector.
    survey, selection
        The map from which the selection was made; its light defines the delay groups.
    settings
        Bin width, largest lag and crosstalk cut.
    labels : int8 array or None
        Charge state of each trace bin (-1: none); None: one state that has all photons.
    states : int
        Number of states that `labels` speaks of.
    """

    def __init__(
        self,
        info: PhotonStreamInfo,
        calibration: Calibration,
        survey: Survey,
        selection: Selection,
        settings: AnalysisSettings,
        labels: NDArray[np.int8] | None = None,
        states: int = 1,
    ) -> None:
        pixels, bins = survey.pixel_delay.shape
        self._bin_ps = bin_ps_for(info, MAP_BIN_PS, MOST_MAP_BINS)
        self._fine_ps = bin_ps_for(info, FINE_BIN_PS)
        self.pulses_per_bin = pulses_per_bin(info, settings)
        self._offset_ps = _offsets_ps(info, calibration)
        self._used = survey.mask.copy()
        self._used[: selection.region[0]] = False
        self._used[selection.region[1] :] = False
        self._edges = group_edges(survey, selection)
        self._group = np.full(bins, -1, dtype=np.int16)
        for group, (start, end) in enumerate(zip(self._edges[:-1], self._edges[1:], strict=True)):
            self._group[start:end] = group
        self._integers = np.array(
            [
                round(info.period_ps),
                self._bin_ps,
                self._fine_ps,
                self.pulses_per_bin,
                settings.crosstalk_pixels,
                round(settings.crosstalk_window_ns * 1e3),
                0,
            ],
            dtype=np.int64,
        )
        self._labels = np.zeros(0, dtype=np.int8) if labels is None else labels.copy()
        self._map = np.zeros((states, pixels, bins), dtype=np.int64)
        self._fine = np.zeros(int(np.ceil(info.period_ps / self._fine_ps)), dtype=np.int64)
        self._trace = np.zeros((1024, len(self._edges) - 1), dtype=np.int64)
        self._trace_delay_ps = np.zeros(1024, dtype=np.int64)
        self._pair_lag = np.zeros((states, settings.max_lag + 1, bins), dtype=np.int64)
        self._first = np.zeros((states, pixels, bins), dtype=np.int64)
        self._second = np.zeros((states, pixels, bins), dtype=np.int64)
        self._cascades = np.zeros(states, dtype=np.int64)
        self._ring = np.zeros((kernels.RING_SIZE, 4), dtype=np.int64)
        self._cursor = np.zeros(2, dtype=np.int64)
        self._pulses = 0
        self._photons = 0

    def update(self, block: PhotonBlock) -> None:
        """Add the next block of the stream; photons in gaps do not count, nor pairs across them."""
        self._reserve(-(-block.end_pulse // self.pulses_per_bin) - self.first_bin)
        for photons, after_gap in unbroken_stretches(block):
            if after_gap:
                self._forget_photons()
            self._accumulate(block.pulse[photons], block.pixel[photons], block.delay_ps[photons])
        self._pulses = block.end_pulse
        self._photons += len(block)

    def _accumulate(self, pulse: NDArray[np.int64], pixel: NDArray[np.uint16], delay_ps: NDArray[np.uint32]) -> None:
        kernels.accumulate_block(
            pulse,
            pixel,
            delay_ps,
            self._labels,
            self._offset_ps,
            self._used,
            self._group,
            self._integers,
            self._map,
            self._fine,
            self._trace,
            self._trace_delay_ps,
            self._pair_lag,
            self._first,
            self._second,
            self._cascades,
            self._ring,
            self._cursor,
        )

    def _forget_photons(self) -> None:
        """Close the last pulse, and let no later photon make a pair with those before."""
        self._close_last_pulse(self._cursor, self._cascades)
        self._cursor[:] = 0

    def _close_last_pulse(self, cursor: NDArray[np.int64], cascades: NDArray[np.int64]) -> None:
        near_pixels, near_ps = int(self._integers[4]), int(self._integers[5])
        kernels.close_last_pulse(self._ring, cursor, near_pixels, near_ps, cascades)

    def snapshot(self) -> Accumulated:
        """Return a copy of everything so far, the latest pulse included."""
        cascades, cursor = self._cascades.copy(), self._cursor.copy()
        self._close_last_pulse(cursor, cascades)
        bins = -(-self._pulses // self.pulses_per_bin) - self.first_bin
        return Accumulated(
            bin_ns=self._bin_ps / 1e3,
            fine_bin_ns=self._fine_ps / 1e3,
            pixel_delay=self._map.copy(),
            fine_delay=self._fine.copy(),
            trace=self._trace[:bins].copy(),
            trace_delay_ps=self._trace_delay_ps[:bins].copy(),
            pair_lag=self._pair_lag.copy(),
            first=self._first.copy(),
            second=self._second.copy(),
            cascades=cascades,
            pulses=self._pulses,
            photons=self._photons,
            group_edges=self._edges.copy(),
            first_bin=self.first_bin,
        )

    @property
    def group_edges(self) -> NDArray[np.int64]:
        """Return the map bins at which the delay groups begin, and the end of the last."""
        return self._edges.copy()

    @property
    def first_bin(self) -> int:
        """Number of the first trace bin that is kept."""
        return int(self._integers[6])

    def cascades_so_far(self) -> int:
        """Return the number of cascades counted up to the pulse before the latest."""
        return int(self._cascades.sum())

    def recent_trace(self, bins: int) -> NDArray[np.int64]:
        """Return the latest finished bins of the count trace, at most `bins` of them."""
        finished = self._pulses // self.pulses_per_bin - self.first_bin
        return self._trace[max(0, finished - bins) : max(0, finished)].copy()

    def keep_trace_from(self, time_bin: int) -> None:
        """Forget the trace bins before `time_bin`, so that an endless stream takes bounded memory."""
        shift = time_bin - self.first_bin
        if shift <= 0:
            return
        for array in (self._trace, self._trace_delay_ps):
            kept = max(0, len(array) - shift)
            array[:kept] = array[len(array) - kept :].copy()
            array[kept:] = 0
        self._integers[6] = time_bin

    def _reserve(self, bins: int) -> None:
        if bins <= len(self._trace):
            return
        size = max(bins, 2 * len(self._trace))
        trace = np.zeros((size, self._trace.shape[1]), dtype=np.int64)
        trace[: len(self._trace)] = self._trace
        delay = np.zeros(size, dtype=np.int64)
        delay[: len(self._trace_delay_ps)] = self._trace_delay_ps
        self._trace, self._trace_delay_ps = trace, delay


def pulses_per_bin(info: PhotonStreamInfo, settings: AnalysisSettings) -> int:
    """Return the laser pulses in a trace bin."""
    return max(1, round(settings.bin_width_s * 1e12 / info.period_ps))
