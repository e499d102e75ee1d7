"""Words that stand at a place of a plot, such as the energy of a peak above it."""

import numpy as np
import pyqtgraph as pg
from qtpy.QtGui import QFont

from acquisition.gui.plots.artists import Artist
from acquisition.gui.plots.colours import colour
from acquisition.gui.theme.themes import Theme

SEEN_THROUGH = 0.6
"""Opacity of the ground of words, which keeps them readable over curves."""


class Words(Artist):
    """Words at one place; no data, so not in exported tables."""

    def __init__(self, text: str, shade: str, anchor: tuple[float, float], *, bold: bool) -> None:
        super().__init__(pg.TextItem(text, anchor=anchor), "", shade)
        self._bold = bold
        self.item.hide()
        self.fitted = False

    def set(self, x: float, y: float) -> None:
        """Write the words at a place."""
        self.x, self.y = np.array([x], dtype=float), np.array([y], dtype=float)
        self._draw()

    def columns(self) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
        """Return nothing: words are no data."""
        return {}

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        letters = QFont(font)
        letters.setBold(self._bold)
        self.item.setFont(letters)
        self.item.setColor(colour(theme, self.shade))
        self.item.fill = pg.mkBrush(colour(theme, "panel", SEEN_THROUGH))

    def _draw(self) -> None:
        self.item.setVisible(bool(len(self.x)))
        if len(self.x):
            self.item.setPos(float(self.x[0]), float(self._height(self.y)[0]))
