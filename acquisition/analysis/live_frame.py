"""What a running stream looks like at one moment: copies of little size, made beside the live analysis."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import pulses_per_bin
from acquisition.analysis.live import FILTER_BINS, LiveAnalysis, LiveSnapshot
from acquisition.analysis.selection import Selection
from acquisition.analysis.trace_history import Trace, TraceHistory
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo

MAP_COLUMNS = 256
MAP_ROWS = 320
"""Most delays and pixels of the map in a frame."""

MOST_PHOTONS = 4
"""Pulses with so many photons and more are counted together."""

LATEST_GAPS = 3
UNLABELLED_BINS = 1024
"""Bins whose charge state nobody has asked for are looked at when there are so many."""


@dataclass(frozen=True, slots=True, eq=False)
class LatestBlock:
    """The newest block of a stream.

    Attributes
    ----------
    duration_s : float
        Time that it covers.
    pixel_counts : int64 array, shape (pixels,)
        Photons of each pixel, over all delays.
    pulses_by_photons : int64 array, shape (`MOST_PHOTONS` + 1,)
        Pulses with no, one, two ... photons of the whole array.
    """

    duration_s: float
    pixel_counts: NDArray[np.int64]
    pulses_by_photons: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """What a stream lacks: gaps and their pulses, pulses that the live analysis skipped, the newest gaps."""

    gaps: int = 0
    lost_pulses: int = 0
    unseen_pulses: int = 0
    latest: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """A stream at one moment. Delays are corrected for pixel offsets only.

    Attributes
    ----------
    numbers : LiveSnapshot
    info : PhotonStreamInfo
    wavelength_nm : float64 array or None, shape (pixels,)
    trace : Trace
        Counts per bin.
    charges : tuple of str
        The charge states that its labels speak of.
    selection : Selection or None
        Region and window; None as long as there is no light.
    background_counts : float or None
        Background expected in region and window per bin of the trace.
    used : bool array or None, shape (pixels,)
        Pixels that are not masked or hot.
    pulses : int
        Pulses covered.
    pixel_delay : int64 array, shape (at most 320, at most 256)
        Counts by pixel and delay, of the whole stream outside gaps.
    pixel_edges, delay_edges_ns : int64 and float64 arrays
        Where its rows and columns begin, and the end of the last.
    pixel_counts : int64 array, shape (pixels,)
        Counts of each pixel, of the whole stream outside gaps.
    region_delay : int64 array, shape (bins,)
        Counts by delay of the region (of all pixels as long as none is chosen), in bins of `bin_ns`.
    bin_ns : float
    pairs_by_lag : int64 array or None, shape (lags,)
        Pairs of photons in region and window by pulse lag from 0.
    losses : Losses
    latest : LatestBlock
    """

    numbers: LiveSnapshot
    info: PhotonStreamInfo
    wavelength_nm: NDArray[np.float64] | None
    trace: Trace
    charges: tuple[str, ...]
    selection: Selection | None
    background_counts: float | None
    used: NDArray[np.bool_] | None
    pulses: int
    pixel_delay: NDArray[np.int64]
    pixel_edges: NDArray[np.int64]
    delay_edges_ns: NDArray[np.float64]
    pixel_counts: NDArray[np.int64]
    region_delay: NDArray[np.int64]
    bin_ns: float
    pairs_by_lag: NDArray[np.int64] | None
    losses: Losses
    latest: LatestBlock


class LiveFrames:
    """Follows a live analysis, and makes frames of it; used by one thread at a time, the one that feeds it.

    Parameters
    ----------
    analysis : LiveAnalysis
        Is fed before this is.
    """

    def __init__(self, analysis: LiveAnalysis) -> None:
        self._analysis, info = analysis, analysis.info
        self._per_bin = pulses_per_bin(info, analysis.settings)
        self._history = TraceHistory(self._per_bin * info.period_ps * 1e-12)
        self._rest = 0
        self._rest_lost = False
        self._end_pulse = 0
        self._losses = Losses()
        self._selected_to = self._labelled_to = self._fits = 0
        self._latest: PhotonBlock | None = None
        self._before: _Maps | None = None

    def update(self, block: PhotonBlock) -> None:
        """Take the block that the analysis has just taken."""
        unseen = max(0, block.first_pulse - self._end_pulse)
        self._add_to_trace(block)
        lost = sum(gap.end_pulse - gap.first_pulse for gap in block.gaps)
        before = self._losses
        latest = (*before.latest, *block.gaps)[-LATEST_GAPS:]
        self._losses = Losses(
            before.gaps + len(block.gaps), before.lost_pulses + lost, before.unseen_pulses + unseen, latest
        )
        self._latest, self._end_pulse = block, max(self._end_pulse, block.end_pulse)
        if self._analysis.stream is not None:
            self._select()
            if self._selected_to - self._labelled_to >= UNLABELLED_BINS:
                self._label()

    def frame(self) -> LiveFrame:
        """Return the stream as it stands; about 1 ms of work."""
        analysis, info = self._analysis, self._analysis.info
        if analysis.stream is not None:
            self._label()
        maps = self._maps()
        coarse = np.add.reduceat(maps.coarse, maps.rows, axis=0) if len(maps.coarse) > MAP_ROWS else maps.coarse
        return LiveFrame(
            numbers=analysis.snapshot(),
            info=info,
            wavelength_nm=analysis.calibration.wavelength_nm,
            trace=self._history.snapshot(),
            charges=analysis.charge.names,
            selection=analysis.selection,
            background_counts=float(analysis.background.sum()) if analysis.selection is not None else None,
            used=analysis.mask,
            pulses=self._end_pulse,
            pixel_delay=coarse,
            pixel_edges=np.append(maps.rows, info.pixel_count),
            delay_edges_ns=maps.edges_ns,
            pixel_counts=maps.coarse.sum(axis=1),
            region_delay=maps.region_delay,
            bin_ns=analysis.survey.bin_ps / 1e3,
            pairs_by_lag=None if analysis.stream is None else analysis.stream.pairs_by_lag(),
            losses=self._losses,
            latest=_latest_block(self._latest, info),
        )

    def _add_to_trace(self, block: PhotonBlock) -> None:
        """Count the photons of the array in the bins that the block completes."""
        if block.end_pulse <= self._end_pulse:
            return
        first, end = self._end_pulse // self._per_bin, block.end_pulse // self._per_bin
        edges = np.arange(first + 1, end + 1) * self._per_bin
        cuts = np.searchsorted(block.pulse, edges)
        counts = np.diff(cuts, prepend=0, append=len(block))
        counts[0] += self._rest
        lost = np.zeros(len(counts), dtype=bool)
        lost[0] = self._rest_lost
        missing = [(gap.first_pulse, gap.end_pulse) for gap in block.gaps]
        if block.first_pulse > self._end_pulse:
            missing.append((self._end_pulse, block.first_pulse))
        for begin, until in missing:
            lost[max(0, begin // self._per_bin - first) : max(0, -(-until // self._per_bin) - first)] = True
        self._history.append(counts[:-1], lost[:-1])
        self._rest, self._rest_lost = int(counts[-1]), bool(lost[-1])

    def _select(self) -> None:
        """Add what region and window hold of the new bins."""
        stream = self._analysis.stream
        assert stream is not None  # noqa: S101 - the caller has checked
        first, counts, delay_ps = stream.finished_bins(self._selected_to)
        self._history.select(first, counts.sum(axis=1), delay_ps)
        self._selected_to = first + len(counts)

    def _label(self) -> None:
        """Name the charge states of new bins; after a new fit, of all bins that the analysis still has."""
        stream, charge = self._analysis.stream, self._analysis.charge
        assert stream is not None  # noqa: S101 - the caller has checked
        refitted, self._fits = charge.fits != self._fits, charge.fits
        first, counts, _ = stream.finished_bins(0 if refitted else self._labelled_to - 2 * FILTER_BINS)
        skipped = 0 if refitted or first == 0 else min(FILTER_BINS, len(counts))
        labels = charge.label(counts, stream.whole_bins(first, len(counts)))
        self._history.label(first + skipped, labels[skipped:])
        self._labelled_to = first + len(counts)

    def _maps(self) -> "_Maps":
        """Return the sums over the maps, of all that came before the choice and after it."""
        analysis = self._analysis
        stream, selection = analysis.stream, analysis.selection
        if stream is None or selection is None:
            return _Maps.of(analysis.survey.pixel_delay, None, analysis.survey.bin_ps)
        used = np.zeros(analysis.info.pixel_count, dtype=bool)
        used[slice(*selection.region)] = True
        if analysis.mask is not None:
            used &= analysis.mask
        if self._before is None:
            self._before = _Maps.of(analysis.survey.pixel_delay, used, analysis.survey.bin_ps)
        return _Maps.of(stream.pixel_delay, used, analysis.survey.bin_ps).plus(self._before)


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """Sums over a pixel x delay map: with few columns, and the delays of the pixels that are used."""

    coarse: NDArray[np.int64]
    rows: NDArray[np.int64]
    edges_ns: NDArray[np.float64]
    region_delay: NDArray[np.int64]

    @classmethod
    def of(cls, pixel_delay: NDArray[np.int64], used: NDArray[np.bool_] | None, bin_ps: int) -> "_Maps":
        pixels, bins = pixel_delay.shape
        rows = np.arange(0, pixels, -(-pixels // MAP_ROWS))
        columns = np.arange(0, bins, -(-bins // MAP_COLUMNS))
        coarse = np.add.reduceat(pixel_delay, columns, axis=1)
        edges_ns = np.append(columns, bins) * bin_ps / 1e3
        return cls(coarse, rows, edges_ns, pixel_delay[slice(None) if used is None else used].sum(axis=0))

    def plus(self, other: "_Maps") -> "_Maps":
        return _Maps(self.coarse + other.coarse, self.rows, self.edges_ns, self.region_delay + other.region_delay)


def _latest_block(block: PhotonBlock | None, info: PhotonStreamInfo) -> LatestBlock:
    if block is None:
        return LatestBlock(0.0, np.zeros(info.pixel_count, np.int64), np.zeros(MOST_PHOTONS + 1, np.int64))
    pulses = block.end_pulse - block.first_pulse
    starts = np.flatnonzero(np.diff(block.pulse, prepend=-1))
    in_pulse = np.diff(starts, append=len(block))
    by_photons = np.bincount(np.minimum(in_pulse, MOST_PHOTONS), minlength=MOST_PHOTONS + 1)
    by_photons[0] = pulses - len(starts)
    pixel_counts = np.bincount(block.pixel, minlength=info.pixel_count)
    return LatestBlock(pulses * info.period_ps * 1e-12, pixel_counts, by_photons)
