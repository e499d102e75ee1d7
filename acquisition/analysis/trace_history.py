"""The count trace of an endless stream in bounded memory: every bin of the last minutes, least and most before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FINE_BINS = 1 << 14
"""Bins that are kept one by one: the last 11 minutes at least, in bins of 40 ms."""

COARSE_ROWS = 4096
FIRST_FOLD = 16
"""Older bins are folded by so many into a row; two rows become one whenever there are more than `COARSE_ROWS`."""

STATES = 3

BIN = np.dtype(
    [("array_counts", np.int32), ("counts", np.int32), ("delay_ps", np.int64), ("charge", np.int8), ("lost", np.bool_)]
)
"""A bin: photons of the whole array; those of region and window (-1 before those are chosen) and the sum of their
delays; index of the charge state (-1: not known); whether photons of it may be missing, as in a pause: then both counts
are -1, and it has no charge state."""

ROW = np.dtype(
    [
        ("array_least", np.int32), ("array_most", np.int32), ("array_sum", np.int64), ("array_counted", np.int64),
        ("least", np.int32), ("most", np.int32), ("sum", np.int64), ("counted", np.int64),
        ("charge", np.int64, (STATES,)), ("lost", np.int64),
    ]
)  # fmt: skip
"""Several bins: least, most and sum of both counts, and in how many bins each is known; how many are of each charge
state; how many may lack photons."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A trace as it stands.

    Attributes
    ----------
    bin_s : float
        Width of a bin in s.
    first_row_bin : int
        Number of the oldest bin that is known: 0, but for a stream of a month.
    rows : array of `ROW`, shape (rows,)
        The oldest bins.
    row_bins : int
        Bins in a row.
    bins : array of `BIN`, shape (bins,)
        The bins behind them, up to now.
    """

    bin_s: float
    first_row_bin: int
    rows: NDArray[np.void]
    row_bins: int
    bins: NDArray[np.void]

    @property
    def first_bin(self) -> int:
        """Number of the first of `bins`, from the beginning of the stream."""
        return self.first_row_bin + len(self.rows) * self.row_bins


class TraceHistory:
    """Takes the bins of a count trace one after the other.

    Parameters
    ----------
    bin_s : float
        Width of a bin in s.
    """

    def __init__(self, bin_s: float) -> None:
        self._bin_s = bin_s
        self._bins = np.zeros(2 * FINE_BINS, dtype=BIN)
        self._rows = np.zeros(COARSE_ROWS, dtype=ROW)
        self._row_bins, self._row_count, self._bin_count, self._origin = FIRST_FOLD, 0, 0, 0

    @property
    def first_bin(self) -> int:
        """Number of the first bin that is kept by itself."""
        return self._origin + self._row_count * self._row_bins

    @property
    def end_bin(self) -> int:
        """Number of the bin that comes next."""
        return self.first_bin + self._bin_count

    def append(self, array_counts: NDArray[np.int64], lost: NDArray[np.bool_]) -> None:
        """Add bins with the photons of the whole array, both of shape (bins,); `lost` where some may be missing."""
        begin = 0
        while begin < len(array_counts):
            if self._bin_count == len(self._bins):
                self._fold()
            part = slice(begin, begin + len(self._bins) - self._bin_count)
            new = self._bins[self._bin_count : self._bin_count + len(array_counts[part])]
            new["array_counts"] = np.where(lost[part], -1, array_counts[part])
            new["counts"], new["delay_ps"] = -1, 0
            new["charge"], new["lost"] = -1, lost[part]
            self._bin_count += len(new)
            begin += len(new)

    def select(self, first_bin: int, counts: NDArray[np.int64], delay_ps: NDArray[np.int64]) -> None:
        """Say what region and window hold of bins that are there, from number `first_bin` on; shapes (bins,)."""
        here, given = self._place(first_bin, len(counts))
        lost = self._bins["lost"][here]
        self._bins["counts"][here] = np.where(lost, -1, counts[given])
        self._bins["delay_ps"][here] = np.where(lost, 0, delay_ps[given])

    def label(self, first_bin: int, charge: NDArray[np.int8]) -> None:
        """Say the charge states of bins that are there, from number `first_bin` on."""
        here, given = self._place(first_bin, len(charge))
        self._bins["charge"][here] = np.where(self._bins["lost"][here], -1, charge[given])

    def snapshot(self) -> Trace:
        """Return a copy of everything."""
        bins = self._bins[: self._bin_count].copy()
        return Trace(self._bin_s, self._origin, self._rows[: self._row_count].copy(), self._row_bins, bins)

    def _place(self, first_bin: int, count: int) -> tuple[slice, slice]:
        """Return where bins stand here, and which of them are still kept one by one."""
        begin = max(first_bin, self.first_bin)
        end = max(begin, min(first_bin + count, self.end_bin))
        return slice(begin - self.first_bin, end - self.first_bin), slice(begin - first_bin, end - first_bin)

    def _fold(self) -> None:
        """Make rows of the older half of the bins."""
        while self._row_count + FINE_BINS // self._row_bins > len(self._rows):
            self._widen()
        rows = folded(self._bins[:FINE_BINS], self._row_bins)
        self._rows[self._row_count : self._row_count + len(rows)] = rows
        self._row_count += len(rows)
        self._bin_count -= FINE_BINS
        self._bins[: self._bin_count] = self._bins[FINE_BINS : FINE_BINS + self._bin_count].copy()

    def _widen(self) -> None:
        """Make one row of two; rows that hold as many bins as there are bins are forgotten by halves instead."""
        self._row_count //= 2
        if self._row_bins == FINE_BINS:
            self._origin += self._row_count * self._row_bins
            self._rows[: self._row_count] = self._rows[self._row_count : 2 * self._row_count].copy()
            return
        self._rows[: self._row_count] = joined(self._rows[: 2 * self._row_count], 2)
        self._row_bins *= 2


def folded(bins: NDArray[np.void], row_bins: int) -> NDArray[np.void]:
    """Return rows of `row_bins` bins each; bins at the end that fill no row are left out."""
    shaped = bins[: len(bins) // row_bins * row_bins].reshape(-1, row_bins)
    rows = np.zeros(len(shaped), dtype=ROW)
    for kind, counted in (("array_", "array_counted"), ("", "counted")):
        counts = shaped[f"{kind}counts"]
        known = counts >= 0
        rows[f"{kind}least"] = np.where(known, counts, np.iinfo(np.int32).max).min(axis=1)
        rows[f"{kind}most"], rows[f"{kind}sum"] = counts.max(axis=1), np.where(known, counts, 0).sum(axis=1)
        rows[counted] = known.sum(axis=1)
    rows["lost"] = shaped["lost"].sum(axis=1)
    for state in range(STATES):
        rows["charge"][:, state] = (shaped["charge"] == state).sum(axis=1)
    return rows


def joined(rows: NDArray[np.void], by: int) -> NDArray[np.void]:
    """Return one row for `by` rows each; rows at the end that are too few are left out."""
    shaped = rows[: len(rows) // by * by].reshape(-1, by)
    found = np.zeros(len(shaped), dtype=ROW)
    for name in ("array_least", "least"):
        found[name] = shaped[name].min(axis=1)
    for name in ("array_most", "most"):
        found[name] = shaped[name].max(axis=1)
    for name in ("array_sum", "array_counted", "sum", "counted", "charge", "lost"):
        found[name] = shaped[name].sum(axis=1)
    return found
