"""Accumulators that can be looked into while they are fed: views and small sums instead of copies of everything."""

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import StreamAccumulator, SurveyAccumulator


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


def _read_only(array: NDArray[np.int64]) -> NDArray[np.int64]:
    view = array.view()
    view.flags.writeable = False
    return view
