"""Accumulators that can be looked into while they are fed: views and small sums instead of copies of everything."""

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import StreamAccumulator, SurveyAccumulator
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import Selection, Survey
from acquisition.analysis.settings import AnalysisSettings
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class WatchedSurvey(SurveyAccumulator):
    """A survey whose map can be read in the thread that feeds it, or while nobody feeds it."""

    @property
    def pixel_delay(self) -> NDArray[np.int64]:
        """The pixel x delay map so far, shape (pixels, bins); a read-only view that goes on counting."""
        return _read_only(self._map)

    @property
    def bin_ps(self) -> int:
        """Width of a delay bin in ps."""
        return self._bin_ps


class WatchedStream(StreamAccumulator):
    """A stream without charge states, as the live analysis feeds it, to be read as `WatchedSurvey`."""

    def __init__(
        self,
        info: PhotonStreamInfo,
        calibration: Calibration,
        survey: Survey,
        selection: Selection,
        settings: AnalysisSettings,
    ) -> None:
        super().__init__(info, calibration, survey, selection, settings)
        self._broken: list[tuple[int, int]] = []

    def update(self, block: PhotonBlock) -> None:
        """Add the next block, and remember which bins of the trace lack pulses, in gaps or between blocks."""
        missing = [(gap.first_pulse, gap.end_pulse) for gap in block.gaps]
        if block.first_pulse > self._pulses:
            missing.append((self._pulses, block.first_pulse))
        for first, end in sorted(missing):
            self._break(first // self.pulses_per_bin, -(-end // self.pulses_per_bin))
        super().update(block)

    def keep_trace_from(self, time_bin: int) -> None:
        """Forget the trace bins before `time_bin`, so that an endless stream takes bounded memory."""
        super().keep_trace_from(time_bin)
        self._broken = [bins for bins in self._broken if bins[1] > time_bin]

    def _break(self, first: int, end: int) -> None:
        if self._broken and self._broken[-1][0] <= first <= self._broken[-1][1]:
            first, old_end = self._broken.pop()
            end = max(end, old_end)
        self._broken.append((first, end))

    @property
    def pixel_delay(self) -> NDArray[np.int64]:
        """The pixel x delay map since region and window were chosen, shape (pixels, bins); a read-only view."""
        return _read_only(self._map[0])

    def pairs_by_lag(self) -> NDArray[np.int64]:
        """Return the pairs of region and window by pulse lag from 0, shape (lags,)."""
        return np.asarray(self._pair_lag[0].sum(axis=1))

    def finished_bins(self, from_bin: int) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
        """Return the finished bins of the count trace from number `from_bin` on, as far as they are kept.

        Returns
        -------
        first : int
            Number of the first bin that is returned.
        counts : int64 array, shape (bins, groups)
        delay_ps : int64 array, shape (bins,)
            Sum of the delays of their photons in ps.
        """
        first = max(from_bin, self.first_bin)
        kept = slice(first - self.first_bin, max(0, self._pulses // self.pulses_per_bin - self.first_bin))
        return first, self._trace[kept].copy(), self._trace_delay_ps[kept].copy()

    def recent_bins(self, bins: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the latest finished bins, at most `bins`: counts, shape (bins, groups), and which lack no pulse."""
        first, counts, _ = self.finished_bins(self._pulses // self.pulses_per_bin - bins)
        return counts, self.whole_bins(first, len(counts))

    def whole_bins(self, first_bin: int, count: int) -> NDArray[np.bool_]:
        """Return which of `count` bins from number `first_bin` on lack no pulse, shape (count,)."""
        whole = np.ones(count, dtype=bool)
        for first, end in self._broken:
            whole[max(0, first - first_bin) : max(0, end - first_bin)] = False
        return whole


def _read_only(array: NDArray[np.int64]) -> NDArray[np.int64]:
    view = array.view()
    view.flags.writeable = False
    return view
