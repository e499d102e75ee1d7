"""A picture of counts over two axes, with a bar that says what its colours mean."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import QRectF
from qtpy.QtWidgets import QMenu

from acquisition.gui.plots.artists import Artist, Line
from acquisition.gui.plots.axis import Axis, PlainAxis, number_text, round_step
from acquisition.gui.plots.canvas import Canvas
from acquisition.gui.plots.limits import CalmRange
from acquisition.gui.plots.table import cell
from acquisition.gui.plots.words import Words
from acquisition.gui.theme.themes import Theme
from acquisition.gui.view import Desk

Array = NDArray[Any]

SHADES = 256
BAR_WIDTH = 12
MOST_TICKS = 5

LEAST_PERCENT = 2.0
LEAST_STEPS = 4.0
THINNED = 3
"""Logarithmic colours begin at this percentile of every third value, rounded to so many steps per power of ten."""

SCALES = {"linear": 1.0, "square root": 0.5, "logarithmic": 0.0}
"""How counts become colours: exponents; 0 stands for the logarithm."""


class _BarAxis(PlainAxis):
    """Writes what the shades of a bar mean; `ticks` are heights between 0 and 1 with their text."""

    ticks: Mapping[float, str] = MappingProxyType({})

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - of pyqtgraph
        return [self.ticks.get(value, "") for value in values]

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        return [(0.25, list(self.ticks))]


class Picture(Canvas):
    """Values z over x and y, e.g. counts by pixel and delay.

    Parameters
    ----------
    desk : Desk
    x, y, z : Axis
    title : str
        By which exported files are called.
    scale : str
        Of colours at first, one of `SCALES`.
    """

    def __init__(self, desk: Desk, x: Axis, y: Axis, z: Axis, title: str, *, scale: str = "linear") -> None:
        super().__init__(desk, x, y, title)
        self.z_axis = z
        self._scale = scale
        self._values: Array = np.zeros((0, 0))
        self._edges: tuple[Array, Array] = (np.zeros(0), np.zeros(0))
        self._calm = CalmRange()
        self._limits: tuple[float, float] | None = None
        self._low, self._top = 0.0, 1.0
        self._least = 1.0
        self._part_y: tuple[float, float] | None = None
        self._outlines: list[Artist] = []
        self._image = pg.ImageItem(axisOrder="row-major")
        self.box.addItem(self._image, ignoreBounds=True)
        self._build_bar()
        self.restyle()

    def _build_bar(self) -> None:
        self._bar = pg.ImageItem(np.maximum(np.arange(SHADES), 1).astype(np.uint8)[:, None], axisOrder="row-major")
        self._bar.setRect(QRectF(0, 0, 1, 1))
        box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        box.addItem(self._bar, ignoreBounds=True)
        box.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
        box.setFixedWidth(BAR_WIDTH)
        self.right = _BarAxis("right")
        self.right.linkToView(box)
        self.right.setLabel(self.z_axis.label)
        spacer = self.layout_.addLabel("", 0, 2)
        spacer.setFixedWidth(8)
        self.layout_.addItem(box, 0, 3)
        self.layout_.addItem(self.right, 0, 4)

    # data

    def set(self, x_edges: Array, y_edges: Array, values: Array) -> None:
        """Show values.

        Parameters
        ----------
        x_edges, y_edges : arrays, shapes (n + 1,) and (m + 1,)
            Where columns and rows begin and end; rising or falling, of any widths.
        values : array, shape (m, n)
            NaN is left out.
        """
        self._values, self._edges = values, (np.asarray(x_edges, dtype=float), np.asarray(y_edges, dtype=float))
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self._values = np.zeros((0, 0))
        self._calm.reset()
        self._image.clear()

    def outline(self, name: str, shade: str, *, width: float = 1.5, dashed: bool = False) -> Line:
        """Add a line over the picture; ``set(x, y)``, where x need not rise."""
        line = Line(name, shade, width, dashed)
        self._outlines.append(line)
        self.box.addItem(line.item, ignoreBounds=True)
        line.restyle(self.desk.theme, self.small_font())
        return line

    def words(self, text: str, shade: str) -> Words:
        """Add words over the picture; ``set(x, y)``."""
        words = Words(text, shade, (0.5, 1.0), bold=True)
        self._outlines.append(words)
        self.box.addItem(words.item, ignoreBounds=True)
        words.restyle(self.desk.theme, self.small_font())
        return words

    def show_limits(self, low: float, high: float) -> None:
        """Give the colours fixed limits instead of those of the data."""
        self._limits = low, high

    def show_y(self, low: float, high: float) -> None:
        """Let the vertical axis show this part of the picture; `refit` makes it so."""
        self._part_y = low, high

    def set_scale(self, scale: str) -> None:
        """Say how values become colours: ``linear``, ``square root`` or ``logarithmic``."""
        self._scale = scale
        self._draw()

    @property
    def scale(self) -> str:
        """How values become colours."""
        return self._scale

    # drawing

    def _draw(self) -> None:
        if not self._values.size:
            return
        (x, x_places), (y, y_places) = (_even(edges) for edges in self._edges)
        values = self._values
        if y_places is not None:
            values = values[y_places]
        if x_places is not None:
            values = values[:, x_places]
        self._image.setImage(self._shades(values), autoLevels=False, levels=None)
        self._image.setRect(QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0]))
        ticks = self._bar_ticks()
        if ticks != self.right.ticks:
            self.right.ticks = ticks
            self.right.picture = None
            self.right.update()

    def _shades(self, values: Array) -> NDArray[np.uint8]:
        known = np.isfinite(values)
        values = np.where(known, values, 0.0).astype(np.float32)
        low, high = self._limits or (0.0, float(values.max(initial=0.0)))
        self._low, self._top = low, self._calm.fit(low, max(high, low + 1e-9), low)[1] if not self._limits else high
        self._least = _least(values[::THINNED, ::THINNED])
        return np.where(known, 1 + self._share(values) * (SHADES - 2), 0).astype(np.uint8)

    def _share(self, values: Array) -> Array:
        """Return which height of the bar values have, from 0 to 1."""
        share = np.clip((values - self._low) / (self._top - self._low), 0.0, 1.0)
        power = SCALES[self._scale]
        if power == 0.0:
            with np.errstate(divide="ignore"):
                share = np.clip(1.0 + np.log10(share) / self._decades(), 0.0, 1.0)
        elif power != 1.0:
            share = share**power
        return np.asarray(share)

    def _decades(self) -> float:
        """Return how many powers of ten the colours cover: one at least, six at most."""
        return float(np.clip(np.log10(max(self._top - self._low, 1e-9) / self._least), 1.0, 6.0))

    def _bar_ticks(self) -> dict[float, str]:
        """Return round values along the bar."""
        low, top = self._low, self._top
        if SCALES[self._scale] == 0.0:
            first = int(np.floor(np.log10(top - low)))
            values = low + 10.0 ** np.arange(first, first - int(self._decades()) - 1, -1)
            values = values[values >= top * 10.0 ** -self._decades() * (1 - 1e-9)]
        else:
            step = round_step((top - low) / MOST_TICKS)
            values = np.arange(np.ceil(low / step), np.floor(top / step) + 1) * step
        return {float(share): _short(value) for share, value in zip(self._share(values), values, strict=True)}

    def refit(self) -> None:
        """Show the whole picture, unless somebody has zoomed."""
        if self._following and self._values.size:
            x, y = self._edges
            self._show((float(x.min()), float(x.max())), self._part_y or (float(y.min()), float(y.max())))

    def paint_in(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().paint_in(theme)
        table = pg.colormap.get(theme.heat).getLookupTable(nPts=SHADES, alpha=True)
        table[0, 3] = 0  # of what is not known
        for image in (self._image, self._bar):
            image.setLookupTable(table)
        for line in self._outlines:
            line.restyle(theme, self.small_font())
        self._style_axis(self.right, theme, self.small_font())

    # what the canvas asks for

    def table(self) -> list[list[str]]:
        """Return the values as a matrix; the first row has the middles of the columns, the first column of the rows."""
        x, y = (0.5 * (edges[1:] + edges[:-1]) for edges in self._edges)
        corner = f"{self.z_axis.label}; rows: {self.y_axis.label}; columns: {self.x_axis.label}"
        if not self._values.size:
            return [[corner]]
        rows = [[cell(place), *(cell(value) for value in row)] for place, row in zip(y, self._values, strict=True)]
        return [[corner, *(cell(place) for place in x)], *rows]

    def read_out(self, x: float, y: float) -> str:
        """Return the place and its value."""
        column, row = (_place(edges, value) for edges, value in zip(self._edges, (x, y), strict=True))
        if column is None or row is None or not self._values.size:
            return ""
        parts = ((self.x_axis, x), (self.y_axis, y), (self.z_axis, float(self._values[row, column])))
        return " · ".join(f"{axis.quantity} {value:.5g} {axis.unit}".rstrip() for axis, value in parts)

    def add_choices(self, menu: QMenu) -> None:
        """Add to the menu how the picture is shown."""
        colours = menu.addMenu("Colours")
        for scale in SCALES:
            action = colours.addAction(scale)
            action.setCheckable(True)
            action.setChecked(scale == self._scale)
            action.triggered.connect(lambda _=False, scale=scale: self.set_scale(scale))


def _even(edges: Array) -> tuple[tuple[float, float], Array | None]:
    """Return the ends of edges, and, if bins are not all alike and rising, which bin lies at each of as many places."""
    widths, count = np.diff(edges), len(edges) - 1
    low, high = float(edges.min()), float(edges.max())
    if np.allclose(widths, widths[0], rtol=1e-6) and widths[0] > 0:
        return (low, high), None
    places = np.linspace(low, high, count + 1)
    middles = 0.5 * (places[1:] + places[:-1])
    rising = edges if edges[-1] > edges[0] else edges[::-1]
    found = np.clip(np.searchsorted(rising, middles, side="right") - 1, 0, count - 1)
    return (low, high), found if edges[-1] > edges[0] else count - 1 - found


def _place(edges: Array, value: float) -> int | None:
    """Return the bin in which a value lies."""
    if len(edges) < 2 or not edges.min() <= value <= edges.max():
        return None
    rising = edges[-1] > edges[0]
    found = int(np.searchsorted(edges if rising else edges[::-1], value, side="right")) - 1
    found = min(max(found, 0), len(edges) - 2)
    return found if rising else len(edges) - 2 - found


def _least(values: Array) -> float:
    """Return where logarithmic colours begin: below nearly all values, in steps so that they do not flicker."""
    low = max(float(np.percentile(values, LEAST_PERCENT)), 0.5) if values.size else 0.5
    return float(10.0 ** (np.floor(LEAST_STEPS * np.log10(low)) / LEAST_STEPS))


def _short(value: float) -> str:
    """Return a round value with its own decimals."""
    return number_text(value, max(0, -int(np.floor(np.log10(abs(value)) + 1e-9)))) if value else "0"
