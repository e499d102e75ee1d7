"""The light of an emitter in what the panel `alignment` counts: less the background, once one was taken."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMOOTHED_PIXELS = 5
"""A line of an emitter is wider than this, a hot pixel is not."""


def light_cps(panel: Mapping[str, Any]) -> float:
    """Return the present count rate in counts/s, less the background if that is known."""
    return float(panel["rate_cps"]) - float(panel.get("background_cps") or 0.0)


def what_is_counted(panel: Mapping[str, Any]) -> str:
    """Return what the count rate is that of, in words."""
    if panel.get("background_cps") is None:
        return "whole array, dark counts included: take a background to see the light alone"
    return "whole array, background subtracted"


def height_of_line(rates: NDArray[np.float64]) -> float:
    """Return the highest of the rates of pixels, shape (pixels,), as their neighbours have it: hot pixels do not count.

    The median of five neighbours is taken before the maximum, so that the few pixels with thousands of dark counts do
    not push the spectrum of an emitter to the bottom of its plot.
    """
    if len(rates) < SMOOTHED_PIXELS:
        return float(rates.max(initial=0.0))
    windows = np.lib.stride_tricks.sliding_window_view(rates, SMOOTHED_PIXELS)
    return float(np.median(windows, axis=1).max())
