"""The region and window that the analysis will choose, from expected counts and before a photon is measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import (
    Selection,
    Survey,
    bins_without_light,
    choose_selection,
    find_time_zero_bin,
    hot_pixels,
)
from acquisition.analysis.settings import AnalysisSettings

FloatArray = NDArray[np.float64]

REFERENCE_COUNTS = 1e9
"""Counts of the map from which the selection is made: so many that no bin is rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """The standard region and window for a light that is known.

    Attributes
    ----------
    selection : Selection
    used : bool array, shape (pixels,)
        Pixels of the region without hot and masked ones.
    mask : bool array, shape (pixels,)
        All pixels that are not hot or masked.
    """

    selection: Selection
    used: NDArray[np.bool_]
    mask: NDArray[np.bool_]


def select(
    light: FloatArray, background: FloatArray, bin_ns: float, calibration: Calibration, settings: AnalysisSettings
) -> Selected:
    """Return the region and window that the analysis chooses in a long recording.

    Parameters
    ----------
    light, background : float64 arrays, shape (pixels, bins)
        Expected counts per pulse of the sample and of the dark detector.
    bin_ns : float
        Width of a delay bin.
    calibration, settings
        As for the analysis.
    """
    total = light + background
    pulses = REFERENCE_COUNTS / max(float(total.sum()), 1e-12)
    counts = np.rint(total * pulses).astype(np.int64)
    zero, _ = find_time_zero_bin(counts.sum(axis=0))
    mask = ~hot_pixels(counts, bins_without_light(counts, bin_ns, zero))
    if calibration.pixel_mask is not None:
        mask = mask & calibration.pixel_mask
    selection = choose_selection(Survey(counts, bin_ns, round(pulses), mask), settings)
    used = mask.copy()
    used[: selection.region[0]] = used[selection.region[1] :] = False
    return Selected(selection, used, mask)
