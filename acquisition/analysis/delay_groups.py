"""Delay groups: what the charge-state assignment sees of the shape of a decay within a bin of the count trace."""

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.selection import Selection, Survey

DELAY_GROUPS = 10
"""Delay groups per trace bin that the charge-state assignment sees."""


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


def group_edges(survey: Survey, selection: Selection) -> NDArray[np.int64]:
    """Return the map bins that cut the window into delay groups of equal light.

    The groups let the charge-state assignment see the shape of the decay within a trace bin.
    """
    start, end = selection.window
    counts = (survey.pixel_delay * survey.mask[:, None])[slice(*selection.region)].sum(axis=0).astype(float)
    level = counts[selection.background].mean() if selection.background.any() else 0.0
    light = np.maximum(counts[start:end] - level, 0.0) + 1e-9
    share = np.cumsum(light) / light.sum()
    cuts = start + 1 + np.searchsorted(share, np.arange(1, DELAY_GROUPS) / DELAY_GROUPS)
    return np.unique(np.concatenate([[start], np.clip(cuts, start, end), [end]]).astype(np.int64))
