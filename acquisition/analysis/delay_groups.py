"""Delay groups: what the charge-state assignment sees of the shape of a decay within a bin of the count trace."""

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.selection import Selection, Survey

DELAY_GROUPS = 10
"""Delay groups per trace bin that the charge-state assignment sees."""


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
