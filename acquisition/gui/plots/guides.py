"""What helps to read a plot, but is no data: shaded parts and marks."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QFont

from acquisition.gui.plots.artists import Artist, Limits
from acquisition.gui.plots.colours import colour
from acquisition.gui.theme.themes import Theme

Array = NDArray[Any]

_NOTHING = np.zeros(0)


class Guide(Artist):
    """Helps to read a plot, but is no data."""

    def limits(self) -> tuple[Limits, Limits] | None:
        """Return nothing: the axes do not follow it."""
        return None

    def columns(self) -> dict[str, Array]:
        """Return nothing."""
        return {}


class Span(Guide):
    """A part of the horizontal axis that is shaded, such as a region of interest."""

    def __init__(self, name: str, shade: str, opacity: float) -> None:
        super().__init__(pg.LinearRegionItem(movable=False), name, shade)
        self._opacity = opacity
        self.item.setZValue(-10)
        self.item.hide()

    def set(self, low: float, high: float) -> None:
        """Shade from low to high."""
        self.x, self.y = np.array([low, high], dtype=float), _NOTHING
        self._draw()

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        self.item.setBrush(pg.mkBrush(colour(theme, self.shade, self._opacity)))
        for line in self.item.lines:
            line.setPen(pg.mkPen(colour(theme, self.shade, min(1.0, 2 * self._opacity))))

    def _draw(self) -> None:
        self.item.setVisible(len(self.x) == 2)
        if len(self.x) == 2:
            self.item.setRegion((self.x[0], self.x[1]))


class Mark(Guide):
    """A dashed line across the plot at one value, with a word."""

    def __init__(self, name: str, shade: str, level: bool, place: float) -> None:
        options = {
            "position": place,
            "movable": False,
            "anchors": [(1, 1), (1, 0)] if level else [(0, 0.5), (1, 0.5)],
        }
        line = pg.InfiniteLine(angle=0 if level else 90, label=name, labelOpts=options)
        super().__init__(line, name, shade)
        self._level = level
        self.item.hide()

    def set(self, value: float) -> None:
        """Draw it at a value."""
        self.x = np.array([value], dtype=float)
        self._draw()

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        self.item.setPen(pg.mkPen(colour(theme, self.shade), style=Qt.PenStyle.DashLine))
        self.item.label.setColor(colour(theme, self.shade))
        self.item.label.setFont(font)

    def _draw(self) -> None:
        self.item.setVisible(bool(len(self.x)))
        if len(self.x):
            value = self.x
            self.item.setValue(float(self._height(value)[0]) if self._level else float(value[0]))
