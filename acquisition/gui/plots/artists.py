"""What a plot holds: lines, steps, points, error bars, spans and marks, each changed in place with new data."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QFont

from acquisition.gui.plots.colours import colour
from acquisition.gui.theme.themes import Theme

Array = NDArray[Any]
Limits = tuple[float, float]

FAINT = 0.35
FILLED = 0.45
_NOTHING = np.zeros(0)


class Artist:
    """Something in a plot.

    Attributes
    ----------
    name : str
        Stands in the legend and in the read-out; one without a name is in neither of them.
    column : str
        What it is called in exported tables: its name, unless said otherwise; without one it is not in them.
    item : pg.GraphicsObject
        What is drawn.
    x, y : arrays
        Last data, in units of the axes.
    fitted : bool
        Whether the axes follow it.
    """

    def __init__(self, item: Any, name: str, shade: str) -> None:
        self.item, self.name, self.shade, self.column = item, name, shade, name
        self.x: Array = _NOTHING
        self.y: Array = _NOTHING
        self.log = False
        self.fitted = True

    def clear(self) -> None:
        """Show nothing."""
        self.x = self.y = _NOTHING
        self._draw()

    def set_log(self, log: bool) -> None:
        """Say whether the vertical axis is logarithmic."""
        self.log = log
        self._draw()

    def limits(self) -> tuple[Limits, Limits] | None:
        """Return least and most of x and of what is drawn vertically (exponents on a logarithmic axis)."""
        if not len(self.x) or not self.fitted:
            return None
        height = self._height(self.y)
        known = height[np.isfinite(height)]
        if not len(known):
            return None
        return (float(self.x[0]), float(self.x[-1])), (float(known.min()), float(known.max()))

    def columns(self) -> dict[str, Array]:
        """Return the data by what they are: ``x``, ``y`` and maybe ``error``."""
        return {"x": self.x, "y": self.y} if len(self.x) else {}

    def drawn(self) -> tuple[Array, Array]:
        """Return x and height of all data as they are drawn."""
        return (self.x, self._height(self.y)) if len(self.y) == len(self.x) else (_NOTHING, _NOTHING)

    def value_at(self, x: float) -> float | None:
        """Return the value nearest to x; None outside of the data."""
        if not len(self.y) or not self.x[0] <= x <= self.x[-1]:
            return None
        place = int(np.searchsorted(self.x, x))
        if place == len(self.x) or (place and x - self.x[place - 1] < self.x[place] - x):
            place -= 1
        return float(self.y[place])

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        raise NotImplementedError

    def _draw(self) -> None:
        raise NotImplementedError

    def _height(self, values: Array) -> Array:
        """Return values as the axis has them; what is not positive lies below the rest on a logarithmic one."""
        if not self.log:
            return values
        positive = values[values > 0]
        least = float(positive.min()) / 2 if len(positive) else 1.0
        return np.asarray(np.log10(np.where(values > least, values, np.where(np.isnan(values), np.nan, least))))


class Line(Artist):
    """A line through points; it is open where values are not finite."""

    def __init__(self, name: str, shade: str, width: float, dashed: bool) -> None:
        item = pg.PlotCurveItem(skipFiniteCheck=True)
        super().__init__(item, name, shade)
        self._width = width
        self._style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine

    def set(self, x: Array, y: Array) -> None:
        """Show y against x, of the same shape; x rises."""
        self.x, self.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self._draw()

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        self.item.setPen(pg.mkPen(colour(theme, self.shade), width=self._width, style=self._style))

    def _draw(self) -> None:
        _set_curve(self.item, self.x, self._height(self.y))


def _set_curve(item: Any, x: Array, y: Array, fill: float | str | None = None) -> None:
    """Draw a line that is open where y is not finite; pyqtgraph's own way takes many times as long if it often is."""
    finite = np.isfinite(y)
    if finite.all():
        item.setData(x, y, connect="all", fillLevel=fill)
        return
    places = np.flatnonzero(finite)
    joined = np.zeros(len(places), dtype=np.int32)
    joined[:-1] = np.diff(places) == 1
    item.setData(x[places], y[places], connect=joined, fillLevel=fill)


class Steps(Artist):
    """A histogram; maybe filled, and sideways if counts go along the horizontal axis."""

    def __init__(self, name: str, shade: str, filled: bool, sideways: bool, width: float, bar: float = 1.0) -> None:
        super().__init__(pg.PlotCurveItem(skipFiniteCheck=True), name, shade)
        self._filled, self._sideways, self._width, self._bar = filled, sideways, width, bar
        self.edges: Array = _NOTHING

    def set(self, edges: Array, values: Array) -> None:
        """Show values, shape (n,), between edges, shape (n + 1,), which rise."""
        self.edges = np.asarray(edges, dtype=float)
        self.x, self.y = 0.5 * (self.edges[1:] + self.edges[:-1]), np.asarray(values, dtype=float)
        self._draw()

    def limits(self) -> tuple[Limits, Limits] | None:
        """Return least and most of the edges and of the values; a histogram sideways has them the other way round."""
        found = super().limits()
        if found is None:
            return None
        along, (low, high) = (float(self.edges[0]), float(self.edges[-1])), found[1]
        across = (low if self.log else min(0.0, low), high)
        return (across, along) if self._sideways else (along, across)

    def columns(self) -> dict[str, Array]:
        """Return the data by what they are; a histogram sideways has its values along x."""
        found = super().columns()
        return {"y": self.x, "x": self.y} if found and self._sideways else found

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        self.item.setPen(pg.mkPen(colour(theme, self.shade), width=self._width))
        self.item.setBrush(pg.mkBrush(colour(theme, self.shade, FILLED)) if self._filled else None)

    def _draw(self) -> None:
        if not len(self.y):
            self.item.setData(_NOTHING, _NOTHING)
            return
        height = self._height(self.y)
        floor = float(np.nanmin(height)) - 3.0 if self.log else 0.0
        along, across = _bars(self.x, np.diff(self.edges) * self._bar, height, floor, apart=self._bar < 1)
        if self._sideways:  # closed along the axis, so that it can be filled
            along = np.concatenate([along[:1], along, along[-1:]])
            across = np.concatenate([[floor], across, [floor]])
            self.item.setData(across, along, fillLevel="enclosed" if self._filled else None)
        else:
            _set_curve(self.item, along, across, floor if self._filled else None)


def _bars(centres: Array, widths: Array, height: Array, floor: float, *, apart: bool) -> tuple[Array, Array]:
    """Return the outline of bars; those that are apart each stand on the floor."""
    corners = 4 if apart else 2
    along = np.empty((len(centres), corners))
    along[:, : corners // 2] = (centres - 0.5 * widths)[:, None]
    along[:, corners // 2 :] = (centres + 0.5 * widths)[:, None]
    across = np.repeat(height[:, None], corners, axis=1)
    if apart:
        across[:, 0] = across[:, 3] = floor
    return along.ravel(), across.ravel()


class Points(Artist):
    """Points; symbols as of pyqtgraph: ``o``, ``t``, ``d``, ``s``, ``x``, ``+`` ..."""

    def __init__(self, name: str, shade: str, symbol: str, size: float) -> None:
        super().__init__(pg.ScatterPlotItem(symbol=symbol, size=size, pen=None, pxMode=True), name, shade)
        self._open = symbol in ("x", "+")

    def set(self, x: Array, y: Array) -> None:
        """Show y against x, of the same shape; x rises."""
        self.x, self.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self._draw()

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        shade = colour(theme, self.shade)
        self.item.setBrush(pg.mkBrush(shade))
        self.item.setPen(pg.mkPen(shade) if self._open else None)

    def _draw(self) -> None:
        self.item.setData(self.x, self._height(self.y))


class ErrorBars(Artist):
    """Values with their standard errors."""

    def __init__(self, name: str, shade: str) -> None:
        super().__init__(pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True), name, shade)
        self.error: Array = _NOTHING

    def set(self, x: Array, y: Array, error: Array) -> None:
        """Show y with its standard error against x, all of the same shape; x rises."""
        self.x, self.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self.error = np.asarray(error, dtype=float)
        self._draw()

    def columns(self) -> dict[str, Array]:
        """Return the data by what they are."""
        return {**super().columns(), "error": self.error} if len(self.x) else {}

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme, and a font for words."""
        self.item.setPen(pg.mkPen(colour(theme, self.shade), width=1))

    def _draw(self) -> None:
        if not len(self.x):
            self.item.setData(_NOTHING, _NOTHING)
            return
        good = np.isfinite(self.y) & np.isfinite(self.error)
        x, y, error = self.x[good], self.y[good], self.error[good]
        ends = np.stack([self._height(y - error), self._height(y + error)], axis=1)
        self.item.setData(np.repeat(x, 2), ends.ravel())
