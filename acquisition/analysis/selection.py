"""Which pixels and delays are analysed: the region of interest and the delay window.

The array counts ten times more dark counts than light, so the choice matters most for pairs. It is
made from the pixel x delay map of the whole stream.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.settings import AnalysisSettings

PRE_PULSE_NS = 2.0
"""The window begins this long before time zero, so that the edge of the decay lies inside."""

LATE_NS = 600.0
"""Delays later than this after time zero hold background only: ten lifetimes of the slowest exciton, 59 ns."""

MOST_LIGHT_LEFT = 0.01
"""Light that bins without light may hold, relative to their background."""

LONG_WINDOW_MERIT = 0.9
"""Among windows with this share of the best information the longest is taken: what it cuts off the
decays, and the correction for it, is then small."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Pixel x delay map of a whole stream, before anything is selected.

    Attributes
    ----------
    pixel_delay : int64 array, shape (pixels, bins)
    bin_ns : float
        Width of a delay bin in ns.
    pulses : int
        Laser pulses covered.
    mask : bool array, shape (pixels,)
        False for pixels that are not used: masked by calibration, or hot.
    """

    pixel_delay: NDArray[np.int64]
    bin_ns: float
    pulses: int
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Region of interest, delay window and background region, in bins of the pixel x delay map.

    Attributes
    ----------
    region : tuple of int
        Pixels [first, end).
    window : tuple of int
        Delay bins [first, end) whose photons are analysed.
    background : bool array, shape (bins,)
        Bins that hold background only; all False if the period is too short to have any.
    time_zero_bin : int
        Bin in which the decay rises.
    has_light : bool
        Whether any light was found.
    """

    region: tuple[int, int]
    window: tuple[int, int]
    background: NDArray[np.bool_]
    time_zero_bin: int
    has_light: bool


def hot_pixels(pixel_delay: NDArray[np.int64], background: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels whose background is far above that of the others.

    Hot is more than five times the median of the pixels that count at all, and by more than six
    standard deviations of counting.
    """
    counts = pixel_delay[:, background].sum(axis=1) if background.any() else np.zeros(len(pixel_delay))
    alive = counts[counts > 0]
    if len(alive) < 10:
        return np.zeros(len(counts), dtype=bool)
    limit = 5.0 * float(np.median(alive))
    return np.asarray(counts > limit + 6.0 * np.sqrt(limit))


def find_time_zero_bin(delay: NDArray[np.int64]) -> tuple[int, float]:
    """Return the bin in which a delay histogram rises most, and by how many standard deviations.

    The rise is the difference between the sums of a few bins after and before, on a ring, in units
    of its Poisson error.
    """
    reach = max(1, min(4, len(delay) // 8))
    doubled = np.concatenate([delay[-reach:], delay, delay[:reach]]).astype(float)
    cumulative = np.concatenate([[0.0], np.cumsum(doubled)])
    index = np.arange(len(delay)) + reach
    after = cumulative[index + reach] - cumulative[index]
    before = cumulative[index] - cumulative[index - reach]
    rise = (after - before) / np.sqrt(np.maximum(after + before, 1.0))
    best = int(np.argmax(rise))
    return best, float(rise[best])


def background_bins(bins: int, bin_ns: float, time_zero_bin: int) -> NDArray[np.bool_]:
    """Return the bins that hold background only: late ones and those just before the pulse.

    Not the last bin: it is cut short where the period is no whole number of bins.
    """
    after_ns = (np.arange(bins) - time_zero_bin) * bin_ns
    late = after_ns > LATE_NS
    early = (after_ns < -PRE_PULSE_NS - bin_ns) & (after_ns + bins * bin_ns > LATE_NS)
    return np.asarray((late | early) & (np.arange(bins) < bins - 1))


def bins_without_light(pixel_delay: NDArray[np.int64], bin_ns: float, time_zero_bin: int) -> NDArray[np.bool_]:
    """Return the delay bins that hold background only, by what the pixel x delay map shows.

    Where the period is too short for `background_bins`, the last eighth before the next pulse is
    taken, if the light that fades in the two eighths before it leaves no more than `MOST_LIGHT_LEFT`
    of the background there, on the pixels that have light; else none.
    """
    bins = pixel_delay.shape[1]
    known = background_bins(bins, bin_ns, time_zero_bin)
    eighth = bins // 8
    gap = round(PRE_PULSE_NS / bin_ns) + 1
    if known.any() or eighth < 4 * gap:
        return known
    order = (time_zero_bin - gap - 1 - np.arange(3 * eighth)) % bins
    eighths = np.stack([pixel_delay[:, order[i * eighth : (i + 1) * eighth]].sum(axis=1) for i in range(3)])
    bright = pixel_delay[:, (time_zero_bin + np.arange(eighth)) % bins].sum(axis=1)
    lit = bright - eighths[0] > 10.0 * np.sqrt(bright + eighths[0] + 1.0)
    last, middle, first = (float(counts) for counts in eighths[:, lit].sum(axis=1))
    noise = np.sqrt(middle + last)
    ratio = np.clip((middle - last + noise) / max(first - last, noise, 1.0), 0.0, 1.0)
    if last > 0 and (middle - last + noise) * ratio <= MOST_LIGHT_LEFT * last:
        known[order[:eighth]] = True
        known[bins - 1] = False
    return known


def _figure_of_merit(signal: NDArray[np.float64], background: NDArray[np.float64]) -> NDArray[np.float64]:
    """Information on cascades: their number squared over the variance of the pair counts."""
    pairs = 0.35 * signal**2
    return np.asarray(pairs**2 / np.maximum(pairs + signal * background + 0.5 * background**2, 1e-30))


def choose_region(signal: NDArray[np.float64], background: NDArray[np.float64]) -> tuple[int, int]:
    """Return the contiguous pixels [first, end) with most information on pairs.

    Parameters
    ----------
    signal, background : float64 arrays, shape (pixels,)
        Counts per pulse of light and of background in the window.
    """
    total_signal = np.concatenate([[0.0], np.cumsum(signal)])
    total_background = np.concatenate([[0.0], np.cumsum(background)])
    s = np.maximum(total_signal[None, :] - total_signal[:, None], 0.0)
    b = np.maximum(total_background[None, :] - total_background[:, None], 0.0)
    merit = np.triu(_figure_of_merit(s, b), k=1)
    first, end = np.unravel_index(int(np.argmax(merit)), merit.shape)
    return int(first), int(end)


def _window_candidates(survey: Survey, zero: int, background: NDArray[np.bool_]) -> NDArray[np.int64]:
    longest = survey.pixel_delay.shape[1] - zero
    late = np.flatnonzero(background[zero:])
    if len(late):
        longest = min(longest, int(late[0]), int(LATE_NS / survey.bin_ns))
    return np.unique(np.geomspace(max(1, longest // 60), longest, 60).astype(np.int64))


def choose_selection(survey: Survey, settings: AnalysisSettings) -> Selection:
    """Choose region and window from the map, or take those of the settings.

    Without light (no rise of the delay histogram above 5 standard deviations) everything is
    selected and `has_light` is False.
    """
    used = survey.pixel_delay * survey.mask[:, None]
    pixels, bins = used.shape
    zero, significance = find_time_zero_bin(used.sum(axis=0))
    background = bins_without_light(used, survey.bin_ns, zero)
    level = used[:, background].mean(axis=1) if background.any() else np.zeros(pixels)
    has_light = significance > 5.0
    if not has_light and settings.window_ns is None:
        return Selection(settings.region or (0, pixels), (0, bins), background, zero, False)
    candidates = _window_candidates(survey, zero, background)
    if settings.window_ns is not None:
        candidates = np.array([max(1, min(round(settings.window_ns / survey.bin_ns), bins - zero))])
    net = np.cumsum(used[:, zero:] - level[:, None], axis=1)
    choices = []
    for length in candidates:
        signal = net[:, length - 1] / max(survey.pulses, 1)
        dark = level * length / max(survey.pulses, 1)
        region = settings.region or (choose_region(signal, dark) if has_light else (0, pixels))
        s, b = signal[slice(*region)].sum(), dark[slice(*region)].sum()
        merit = float(_figure_of_merit(np.array(max(s, 0.0)), np.array(b)))
        choices.append((merit, region, int(length)))
    good = LONG_WINDOW_MERIT * max(merit for merit, _, _ in choices)
    _, region, length = max((c for c in choices if c[0] >= good), key=lambda choice: choice[2])
    start = max(0, zero - round(PRE_PULSE_NS / survey.bin_ns))
    return Selection(region, (start, zero + length), background, zero, has_light)
