"""A plot of curves: build it once, set new data many times a second, let the axes follow."""

from typing import Any, TypeVar

import numpy as np
import pyqtgraph as pg
from qtpy.QtWidgets import QMenu

from acquisition.gui.plots.artists import Artist, ErrorBars, Line, Points, Steps
from acquisition.gui.plots.axis import Axis
from acquisition.gui.plots.canvas import Canvas
from acquisition.gui.plots.colours import colour
from acquisition.gui.plots.guides import Mark, Span
from acquisition.gui.plots.legend import Legend
from acquisition.gui.plots.table import csv_rows
from acquisition.gui.plots.words import Words
from acquisition.gui.theme.themes import Theme
from acquisition.gui.view import Desk

ArtistT = TypeVar("ArtistT", bound=Artist)

MOST_READ = 4
LEAST_DECADES = 1.0


class Plot(Canvas):
    """Curves in one pair of axes.

    Each of `line`, `steps`, `points`, `errors`, `span` and `mark` adds something and returns it; its ``set`` takes new
    data, its ``clear`` shows nothing. After new data, `refit` moves the axes. Colours are names of the theme, e.g.
    ``accent`` or ``charges.neutral``. Exported tables call data by their ``column``, or else by their name.

    Parameters
    ----------
    desk : Desk
    x, y : Axis
    title : str
        By which exported files are called.
    legend : bool
        Whether the names of what is drawn stand in a corner.
    from_zero : bool
        Whether the vertical axis begins at zero, as for counts; a logarithmic one does not.
    free_legend : bool
        Whether the legend goes where it hides no data, with room above them if there is no such corner.
    """

    def __init__(
        self, desk: Desk, x: Axis, y: Axis, title: str, *, legend: bool = False, from_zero: bool = True,
        free_legend: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(desk, x, y, title)
        self._artists: list[Artist] = []
        self._from_zero = from_zero
        self._fixed_x: tuple[float, float] | None = None
        self._fixed_y: tuple[float, float] | None = None
        self._legend = Legend() if legend or free_legend else None
        self._free_legend = free_legend
        if self._legend is not None:
            self._legend.setParentItem(self.box)
        self.left.setLogMode(x=False, y=self._log_y)
        self.restyle()

    # what is drawn

    def line(
        self, name: str, shade: str, *, width: float = 1.0, dashed: bool = False, column: str | None = None
    ) -> Line:
        """Add a line; ``set(x, y)``. A long one is drawn fast only with a width of 1."""
        return self._add(Line(name, shade, width, dashed), column)

    def steps(
        self, name: str, shade: str, *, filled: bool = False, sideways: bool = False, width: float = 1.0
    ) -> Steps:
        """Add a histogram; ``set(edges, values)``; `sideways` has the values along the horizontal axis."""
        return self._add(Steps(name, shade, filled, sideways, width))

    def bars(self, name: str, shade: str) -> Steps:
        """Add a histogram of bars that stand apart; ``set(edges, values)``."""
        return self._add(Steps(name, shade, True, False, 1.0, bar=0.8))

    def points(
        self, name: str, shade: str, *, symbol: str = "o", size: float = 4.0, column: str | None = None
    ) -> Points:
        """Add points; ``set(x, y)``."""
        return self._add(Points(name, shade, symbol, size), column)

    def errors(self, name: str, shade: str, *, column: str | None = None) -> ErrorBars:
        """Add error bars; ``set(x, y, error)``."""
        return self._add(ErrorBars(name, shade), column)

    def span(self, name: str, shade: str, *, opacity: float = 0.15) -> Span:
        """Add a shaded part of the horizontal axis; ``set(low, high)``."""
        return self._add(Span(name, shade, opacity))

    def mark(self, name: str, shade: str, *, level: bool = False, place: float = 0.94) -> Mark:
        """Add a dashed line with its name, at a horizontal value or, as a `level`, at a vertical one; ``set(value)``.

        `place` says where along the line the name stands, from 0 to 1.
        """
        return self._add(Mark(name, shade, level, place))

    def words(self, text: str, shade: str, *, anchor: tuple[float, float] = (0.5, 1.0), bold: bool = False) -> Words:
        """Add words; ``set(x, y)``. `anchor` is the point of the words that stands there: (0, 0) is their top left."""
        return self._add(Words(text, shade, anchor, bold=bold))

    def remove_all(self) -> None:
        """Take away everything that is drawn; zoom and choices stay."""
        for artist in list(self._artists):
            self.remove(artist)

    def remove(self, artist: Artist) -> None:
        """Take something away."""
        self._artists.remove(artist)
        self.box.removeItem(artist.item)
        if self._legend is not None:
            self._legend.removeItem(artist.item)

    def clear_all(self) -> None:
        """Show no data."""
        for artist in self._artists:
            artist.clear()

    def _add(self, artist: ArtistT, column: str | None = None) -> ArtistT:
        artist.column = artist.name if column is None else column
        self._artists.append(artist)
        self.box.addItem(artist.item, ignoreBounds=True)
        artist.log = self._log_y
        artist.restyle(self.desk.theme, self.small_font())
        if self._legend is not None and artist.name and isinstance(artist, Line | Steps | Points):
            self._legend.addItem(artist.item, artist.name)
            self._style_legend(self.desk.theme)
        return artist

    def say(self, words: str) -> None:
        """Write words over the middle, such as why nothing is drawn; empty takes them away."""
        super().say(words)
        if self._legend is not None:
            self._legend.setVisible(not words)

    # axes

    def show_x(self, low: float, high: float) -> None:
        """Let the horizontal axis show this, whatever the data are; `refit` makes it so."""
        self._fixed_x = low, high

    def show_y(self, low: float, high: float) -> None:
        """Let the vertical axis show this, whatever the data are (exponents on a logarithmic axis)."""
        self._fixed_y = low, high

    def set_log_y(self, log: bool) -> None:
        """Make the vertical axis logarithmic, or not."""
        if log == self._log_y:
            return
        self._log_y = log
        self.left.setLogMode(x=False, y=log)
        for artist in self._artists:
            artist.set_log(log)
        self.follow()

    def refit(self) -> None:
        """Fit the axes to the data, unless somebody has zoomed; call it after new data."""
        if not self._following:
            return
        found = [limits for artist in self._artists if (limits := artist.limits()) is not None]
        if not found:
            if self._fixed_x and self._fixed_y:
                self._show(self._fixed_x, self._fixed_y)
            return
        x = self._fixed_x or (min(each[0][0] for each in found), max(each[0][1] for each in found))
        low, high = min(each[1][0] for each in found), max(each[1][1] for each in found)
        if self._log_y:
            high = max(high, low + LEAST_DECADES)
        floor = 0.0 if self._from_zero and not self._log_y else None
        x = x if x[1] > x[0] else (x[0] - 0.5, x[1] + 0.5)
        y = self._fixed_y or self._y_calm.fit(low, high, floor)
        self._show(x, y)
        if self._free_legend and self._legend is not None:
            self._show(x, self._legend.find_room(self.box, [each.drawn() for each in self._artists], x, y))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - of Qt
        """Keep the legend off the data."""
        super().resizeEvent(event)
        if getattr(self, "_free_legend", False):  # Qt resizes while the base class is built
            self.layout_.layout.activate()
            self.refit()

    # what the canvas asks for

    def paint_in(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().paint_in(theme)
        for artist in getattr(self, "_artists", []):
            artist.restyle(theme, self.small_font())
        self._style_legend(theme)

    def table(self) -> list[list[str]]:
        """Return all data that have a name, side by side, with their units."""
        columns: list[tuple[str, Any]] = []
        for artist in self._artists:
            axes = {"x": self.x_axis, "y": self.y_axis, "error": self.y_axis}
            for key, values in artist.columns().items() if artist.column else ():
                word = f"{axes[key].quantity}, standard error" if key == "error" else axes[key].quantity
                heading = f"{artist.column}: {Axis(word, axes[key].unit).label}"
                if not any(heading == other and np.array_equal(values, same) for other, same in columns):
                    columns.append((heading, values))
        return csv_rows(columns)

    def remarks(self) -> list[str]:
        """Return what the legend says beyond what columns are called, such as results of fits."""
        said = [artist.name for artist in self._artists if artist.name != artist.column and len(artist.x)]
        return [text for text in dict.fromkeys(said) if text]

    def read_out(self, x: float, y: float) -> str:
        """Return where the mouse is, and the value of each curve there."""
        here = f"{self.x_axis.quantity} {_said(x, self.x_axis)}"
        found = []
        for artist in self._artists:
            value = artist.value_at(x) if artist.name and isinstance(artist, Line | Steps) else None
            if value is not None and value == value:
                found.append(f"{artist.name} {_said(value, self.y_axis)}")
        return " · ".join([here, *(found[:MOST_READ] or [f"{self.y_axis.quantity} {_said(y, self.y_axis)}"])])

    def add_choices(self, menu: QMenu) -> None:
        """Add to the menu how the plot is shown."""
        action = menu.addAction("Log y")
        action.setCheckable(True)
        action.setChecked(self._log_y)
        action.toggled.connect(self.set_log_y)

    def _style_legend(self, theme: Theme) -> None:
        legend: Any = self._legend
        if legend is None:
            return
        for _, label in legend.items:
            label.setText(label.text, color=colour(theme, "text"), size=f"{0.85 * self.font().pointSizeF():.1f}pt")
        legend.setBrush(pg.mkBrush(colour(theme, "panel", 0.7)))


def _said(value: float, axis: Axis) -> str:
    return f"{value:.5g} {axis.unit}".rstrip()
