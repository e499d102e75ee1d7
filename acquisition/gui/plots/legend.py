"""The legend of a plot, which can look for a corner where it hides no data."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

Limits = tuple[float, float]
Curve = tuple[NDArray[Any], NDArray[Any]]

MARGIN = 6
"""Distance from the axes and from data, in dots."""

MOST = 0.6
"""More than this share of the height is not given to it."""

CORNERS = ((1, 0), (0, 0), (1, 1), (0, 1))
"""Right or left (1, 0), below or above (1, 0), the best first."""


class Legend(pg.LegendItem):
    """Stands in a corner of a plot; asks nothing of one that Qt has deleted already, as when a panel is made anew."""

    def __init__(self) -> None:
        super().__init__(offset=(-MARGIN, MARGIN), verSpacing=-4, colCount=1)

    def _GraphicsWidgetAnchor__geometryChanged(self) -> None:  # noqa: N802 - of pyqtgraph
        with suppress(RuntimeError):
            super()._GraphicsWidgetAnchor__geometryChanged()

    def find_room(self, box: pg.ViewBox, curves: Sequence[Curve], x: Limits, y: Limits) -> Limits:
        """Go to the corner with fewest data, and return the vertical limits in which it hides none.

        Parameters
        ----------
        box : pg.ViewBox
            The area that is drawn.
        curves : sequence of pairs of arrays
            Places and heights of the data, in units of the axes.
        x, y : tuple of float
            Limits that are shown.
        """
        self.updateSize()
        wide, high = self.width() + 2 * MARGIN, self.height() + 2 * MARGIN
        area = box.boundingRect()
        if not self.items or area.width() <= wide or area.height() <= high:
            return y
        along = np.concatenate([(each[0] - x[0]) / (x[1] - x[0]) * area.width() for each in curves])
        down = np.concatenate([(y[1] - each[1]) / (y[1] - y[0]) * area.height() for each in curves])
        inside = (along >= 0) & (along <= area.width()) & np.isfinite(down)
        along, down = along[inside], down[inside]
        hidden = [_hidden(along, down, corner, (wide, high), area) for corner in CORNERS]
        best = int(np.argmin(hidden))
        right, below = CORNERS[best if not hidden[best] else 0]
        self.anchor((right, below), (right, below), (MARGIN - 2 * MARGIN * right, MARGIN - 2 * MARGIN * below))
        share = high / area.height()
        if not hidden[best] or share > MOST:
            return y
        top = y[1] - max(0.0, float(down.min())) / area.height() * (y[1] - y[0])
        return y[0], max(y[1], y[0] + (top - y[0]) / (1.0 - share))


def _hidden(along: NDArray[Any], down: NDArray[Any], corner: tuple[int, int], size: Limits, area: Any) -> int:
    """Return how many data lie below a legend in a corner."""
    right, below = corner
    beside = along > area.width() - size[0] if right else along < size[0]
    level = down > area.height() - size[1] if below else down < size[1]
    return int(np.sum(beside & level))
