"""Pairs of photons: how many are accidental, how many the cuts lose, and g2 of a charge state.

One emitter makes no second signal photon in a pulse but by its cascade. So accidental pairs within
a pulse are signal x background and background x background (S B + B^2/2), never signal x signal,
and each side peak holds 2 S B + B^2 of them. Pairs of neighbouring pulses would count the signal, too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.estimate import Estimate

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StateCounts:
    """Photons and pairs of one charge state, in the pixels of the region and the bins of the window.

    Attributes
    ----------
    pulses : int
        Laser pulses spent in the state.
    photons : float64 array, shape (pixels, bins)
    background : float64 array, shape (pixels, bins)
        Expected background counts per pulse.
    first, second : float64 array, shape (pixels, bins)
        Earlier and later photons of pairs within a pulse.
    pair_lag : float64 array, shape (lags, bins)
        Pairs by lag and smaller delay.
    near_pixels, near_bins : int
        Reach of the crosstalk cut.
    cascades : int
        Pulses with exactly two photons.
    """

    pulses: int
    photons: FloatArray
    background: FloatArray
    first: FloatArray
    second: FloatArray
    pair_lag: FloatArray
    near_pixels: int
    near_bins: int
    cascades: int

    @property
    def signal(self) -> FloatArray:
        """Light per pulse, shape (pixels, bins): photons less background; may be negative by noise."""
        return self.photons / max(self.pulses, 1) - self.background

    def from_bin(self, first_bin: int) -> "StateCounts":
        """Return the same with only the photons from `first_bin` of the window on."""
        return StateCounts(
            self.pulses,
            self.photons[:, first_bin:],
            self.background[:, first_bin:],
            self.first[:, first_bin:],
            self.second[:, first_bin:],
            self.pair_lag[:, first_bin:],
            self.near_pixels,
            self.near_bins,
            self.cascades,
        )


def _later(x: FloatArray) -> FloatArray:
    """Sum over all later bins plus half of the same bin, along the last axis."""
    return np.cumsum(x[..., ::-1], axis=-1)[..., ::-1] - 0.5 * x


def _later_nearby(x: FloatArray, near_pixels: int, near_bins: int) -> FloatArray:
    """Sum over the pixels within reach (not the same) and the next `near_bins` bins."""
    pixels, bins = x.shape
    cumulative = np.concatenate([np.zeros((pixels, 1)), np.cumsum(x, axis=1)], axis=1)
    end = np.minimum(np.arange(bins) + near_bins, bins)
    soon = (
        cumulative[:, end]
        - cumulative[:, :bins]
        - 0.5 * x
        + 0.5 * np.where(end < bins, x[:, np.minimum(end, bins - 1)], 0.0)
    )
    total = np.zeros_like(x)
    for distance in range(1, near_pixels + 1):
        total[distance:] += soon[:-distance]
        total[:-distance] += soon[distance:]
    return total


def independent_pairs(earlier: FloatArray, later: FloatArray, near_pixels: int, near_bins: int) -> FloatArray:
    """Return the expected pairs per pulse of two independent sources, by the earlier photon.

    Pairs on one pixel, and pairs that the crosstalk cut removes, are left out.

    Parameters
    ----------
    earlier, later : float64 array, shape (pixels, bins)
        Counts per pulse of the source of the earlier and of the later photon.

    Returns
    -------
    float64 array, shape (pixels, bins)
    """
    partners = _later(later.sum(axis=0))[None, :] - _later(later)
    if near_pixels > 0 and near_bins > 0:
        partners = partners - _later_nearby(later, min(near_pixels, len(later) - 1), near_bins)
    return np.asarray(earlier * partners)


def accidental_pairs(state: StateCounts) -> FloatArray:
    """Return the expected accidental pairs within a pulse, by the earlier photon (counts of the run)."""
    reach = (state.near_pixels, state.near_bins)
    signal, background = state.signal, state.background
    per_pulse = (
        independent_pairs(signal, background, *reach)
        + independent_pairs(background, signal, *reach)
        + independent_pairs(background, background, *reach)
    )
    return np.asarray(per_pulse * state.pulses)


def side_peak_kept(state: StateCounts) -> float:
    """Return the share of signal pairs of different pulses that pass the cuts."""
    signal = np.maximum(state.signal, 0.0)
    total = signal.sum()
    if total <= 0:
        return 1.0
    return float(2.0 * independent_pairs(signal, signal, state.near_pixels, state.near_bins).sum() / total**2)


def cascade_kept_by_pixel(state: StateCounts, lifetime_ns: float, near_ns: float) -> FloatArray:
    """Return the share of cascade pairs that pass the cuts, by the pixel of the earlier photon.

    The later photon follows the earlier after an exponential time with `lifetime_ns`; it is taken to
    have the spectrum of the state. Pairs on one pixel are lost, so the spectrum of first photons is
    dented where that of the later ones is bright.

    Returns
    -------
    float64 array, shape (pixels,)
    """
    spectrum = np.maximum(state.signal.sum(axis=1), 0.0)
    if spectrum.sum() <= 0:
        return np.ones(len(spectrum))
    spectrum = spectrum / spectrum.sum()
    near = np.zeros(len(spectrum))
    for distance in range(1, min(state.near_pixels, len(spectrum) - 1) + 1):
        near[distance:] += spectrum[:-distance]
        near[:-distance] += spectrum[distance:]
    return np.asarray(1.0 - spectrum - near * (1.0 - np.exp(-near_ns / lifetime_ns)))


def cascade_kept(state: StateCounts, lifetime_ns: float, near_ns: float) -> float:
    """Return the share of cascade pairs that pass the cuts; both photons have the spectrum of the state."""
    spectrum = np.maximum(state.signal.sum(axis=1), 0.0)
    if spectrum.sum() <= 0:
        return 1.0
    return float(spectrum @ cascade_kept_by_pixel(state, lifetime_ns, near_ns) / spectrum.sum())


@dataclass(frozen=True, slots=True)
class G2:
    """Background-corrected g2 of a charge state.

    Attributes
    ----------
    center_over_side : Estimate
        g2 at zero lag over the mean of the other lags, corrected for background and cuts.
    center_pairs, accidental_pairs : float
        Pairs counted within a pulse, and how many of them are expected to be accidental.
    side_pairs : float
        Mean pairs counted per lag.
    """

    center_over_side: Estimate
    center_pairs: float
    accidental_pairs: float
    side_pairs: float


def g2_of(state: StateCounts, kept: float) -> G2 | None:
    """Return g2 of a state; None if the side peaks are not significant.

    Parameters
    ----------
    state : StateCounts
    kept : float
        Share of cascade pairs that pass the cuts.
    """
    lags = len(state.pair_lag) - 1
    accidental = float(accidental_pairs(state).sum())
    center = float(state.pair_lag[0].sum())
    side_total = float(state.pair_lag[1:].sum())
    side = side_total / lags - 2.0 * accidental
    side_error = np.sqrt(max(side_total, 1.0)) / lags
    if side < 5.0 * side_error:
        return None
    side_kept = side_peak_kept(state)
    scale = 2.0 * side_kept / (kept * side)
    value = scale * (center - accidental)
    error = np.hypot(scale * np.sqrt(max(center, 1.0)), value * side_error / side)
    return G2(Estimate(value, float(error)), center, accidental, side_total / lags)
