"""The remark in the corner of a plot that its data are simulated, which stands in exported files as well."""

from typing import Any

import pyqtgraph as pg
from qtpy.QtGui import QFont

from acquisition.gui.plots.axis import PlainAxis
from acquisition.gui.plots.colours import colour
from acquisition.gui.theme.themes import Theme

MOST = 0.3
"""The remark is shown if it takes less than this share of the width; exported files always have it."""

GAP = 8
"""Least distance between the remark and the name of the axis, in dots."""


class Corner:
    """Stands at the right of the name of the lower axis, which yields.

    Parameters
    ----------
    canvas : pg.GraphicsView
        In whose scene it stands.
    axis : PlainAxis
        The lower one.
    """

    def __init__(self, canvas: pg.GraphicsView, axis: PlainAxis) -> None:
        self._canvas, self._axis = canvas, axis
        self.item = canvas.scene().addSimpleText("")

    def say(self, text: str) -> None:
        """Take a remark; empty for none."""
        self.item.setText(text)

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme."""
        self.item.setBrush(pg.mkBrush(colour(theme, "warn")))
        self.item.setFont(font)

    def place(self, area: Any, *, on_paper: bool) -> None:
        """Take its place; where there is no room it is left out, or on paper stands in the `area` that is drawn."""
        size, name, width = self.item.boundingRect(), self._axis.label, self._canvas.width()
        left = width - size.width() - 6
        name_end = left - GAP
        named = name.isVisible()
        beside = size.width() < MOST * width and name.boundingRect().width() <= name_end
        shown = bool(self.item.text()) and (on_paper or (named and beside))
        inside = named and not beside
        self.item.setVisible(shown)
        self.item.setPos(left, area.top() + 2 if inside else self._canvas.height() - size.height() - 3)
        ends = shown and named and not inside
        self._axis.name_end = name_end if ends else None
        self._axis.resizeEvent()
