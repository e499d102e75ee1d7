"""The light of an emitter in what the panel `alignment` counts: less the background, once one was taken."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.gui.align import words

SMOOTHED_PIXELS = 5
"""A line of an emitter is wider than this, a hot pixel is not."""


PEAK_BINS = 5
"""Bins of the history whose mean may become the peak: half a second, so that no lucky tenth of a second does."""


def has_rate(panel: Mapping[str, Any]) -> bool:
    """Return whether the panel has a present rate: not before the first photons, nor while a step records."""
    return panel.get("rate_cps") is not None


def smoothed_cps(panel: Mapping[str, Any]) -> tuple[float, float]:
    """Return the rate of the last half second with its standard error in counts/s, less the background."""
    history = np.asarray(panel["rate_history_cps"], dtype=float)[-PEAK_BINS:]
    error_cps = float(panel.get("rate_error_cps") or 0.0)
    if len(history) < PEAK_BINS:
        return light_cps(panel), error_cps
    return float(history.mean()) - float(panel.get("background_cps") or 0.0), error_cps / PEAK_BINS**0.5


def light_cps(panel: Mapping[str, Any]) -> float:
    """Return the present count rate in counts/s, less the background if that is known."""
    return float(panel["rate_cps"]) - float(panel.get("background_cps") or 0.0)


def what_is_counted(panel: Mapping[str, Any]) -> str:
    """Return what the count rate is that of, in words."""
    error = " ".join(words.rate(float(panel.get("rate_error_cps") or 0.0)))
    if panel.get("background_cps") is None:
        return f"± {error}, dark counts included: take a background to see the light alone"
    return f"± {error}, background subtracted"


def height_of_line(rates: NDArray[np.float64]) -> float:
    """Return the highest of the rates of pixels, shape (pixels,), as their neighbours have it: hot pixels do not count.

    The median of five neighbours is taken before the maximum, so that the few pixels with thousands of dark counts do
    not push the spectrum of an emitter to the bottom of its plot.
    """
    if len(rates) < SMOOTHED_PIXELS:
        return float(rates.max(initial=0.0))
    windows = np.lib.stride_tricks.sliding_window_view(rates, SMOOTHED_PIXELS)
    return float(np.median(windows, axis=1).max())
