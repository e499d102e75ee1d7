"""What plots and pictures share: axes, zoom that can be left again, read-out under the mouse, a menu to export."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QGraphicsView, QLabel, QMenu, QToolButton

from acquisition.gui.plots.axis import Axis, PlainAxis
from acquisition.gui.plots.box import Box
from acquisition.gui.plots.colours import colour
from acquisition.gui.plots.corner import Corner
from acquisition.gui.plots.limits import CalmRange
from acquisition.gui.plots.menu import show_menu
from acquisition.gui.theme.themes import Theme
from acquisition.gui.view import Desk

SMALL = 0.9
"""Size of the text in plots, as a share of that of the window."""

AXIS_OVERHANG = 20
"""By how many dots the name of an axis may be longer than the axis; a longer one is left out."""


class Canvas(pg.GraphicsView):
    """Two axes around an area that is drawn; `Plot` and `Picture` fill it.

    Parameters
    ----------
    desk : Desk
        Its theme is used, and its settings remember the folder of exported files.
    x, y : Axis
    title : str
        By which exported files are called.

    Attributes
    ----------
    simulated : bool
        Whether the data are simulated; written into the corner, so that each exported file says so as well.
    on_paper : bool
        Whether it is drawn into a file just now, where nothing is left out.
    about : str
        What exported files say about where the data come from, such as run and point.
    """

    def __init__(self, desk: Desk, x: Axis, y: Axis, title: str) -> None:
        super().__init__()
        self.desk, self.title, self.about = desk, title, ""
        self.x_axis, self.y_axis = x, y
        self._simulated, self._following = False, True
        self._y_calm = CalmRange()
        self._log_y = y.log
        self._left_out = (False, False, False, False)
        self.on_paper = False
        self.layout_ = pg.GraphicsLayout()
        self.layout_.setContentsMargins(4, 6, 18, 4)
        self.layout_.setSpacing(0)
        self.setCentralItem(self.layout_)
        self.box = Box(lambda place: show_menu(self, place))
        self.bottom, self.left = PlainAxis("bottom"), PlainAxis("left")
        self.layout_.addItem(self.left, 0, 0)
        self.layout_.addItem(self.box, 0, 1)
        self.layout_.addItem(self.bottom, 1, 1)
        for axis in (self.bottom, self.left):
            axis.linkToView(self.box)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self.box.addItem(self._cursor, ignoreBounds=True)
        self._build_overlays()
        self._label_axes()
        self.box.sigRangeChangedManually.connect(self._leave)
        self.setMinimumSize(120, 90)

    def _build_overlays(self) -> None:
        self._corner = Corner(self, self.bottom)
        self._readout = QLabel(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for each in (self._readout, self._words):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            each.hide()
        self.follow_button = QToolButton(self)
        self.follow_button.setText("Follow")
        self.follow_button.setToolTip("Let the axes follow the data again; they stand still since you zoomed or moved.")
        self.follow_button.setCursor(Qt.CursorShape.ArrowCursor)
        self.follow_button.clicked.connect(self.follow)
        self.follow_button.hide()

    @property
    def following(self) -> bool:
        """Whether the axes follow the data; not after somebody has zoomed."""
        return self._following

    @property
    def simulated(self) -> bool:
        """Whether the data are simulated."""
        return self._simulated

    @simulated.setter
    def simulated(self, simulated: bool) -> None:
        if simulated != self._simulated:
            self._simulated = simulated
            self._corner.say("simulated data" if simulated else "")
            self._place_overlays()

    @property
    def log_y(self) -> bool:
        """Whether the vertical axis is logarithmic."""
        return self._log_y

    def set_axes(self, x: Axis, y: Axis) -> None:
        """Say that the axes show something else; whether they are logarithmic stays as it is."""
        if (x, y) == (self.x_axis, self.y_axis):
            return
        self.x_axis, self.y_axis = x, y
        self._label_axes()
        self.follow()

    def align_left(self, letters: int) -> None:
        """Give the numbers of the vertical axis room for so many letters, as those of plots above and below."""
        self.left.setWidth(int(self.fontMetrics().averageCharWidth() * letters + 1.3 * self.fontMetrics().height()))

    def leave_out(self, *, x: bool = False, x_values: bool = False, y: bool = False, y_values: bool = False) -> None:
        """Leave out names and numbers of axes that stand at a plot beside; exported files have them."""
        self._left_out = x, x_values, y, y_values
        self._leave_out()

    def _leave_out(self) -> None:
        x, x_values, y, y_values = (hidden and not self.on_paper for hidden in self._left_out)
        area, empty = self.box.sceneBoundingRect(), bool(self._words.text())
        for axis, shown, hidden, values_hidden, length in (
            (self.bottom, self.x_axis, x, x_values, area.width()), (self.left, self.y_axis, y, y_values, area.height()),
        ):  # fmt: skip
            axis.setStyle(showValues=not (values_hidden or empty))
            fits = self._name(axis, shown, length + AXIS_OVERHANG)
            if axis.label.isVisible() != (fits and not hidden):
                axis.showLabel(fits and not hidden)
            axis.resizeEvent()  # pyqtgraph centres the name only then

    def _name(self, axis: PlainAxis, shown: Axis, most: float) -> bool:
        """Write what an axis shows along it, in short if the whole is longer than `most`; return whether it fits."""
        for text in (shown.label, shown.short):
            if text and text != axis.labelText:
                axis.setLabel(text)
            if text and (self.on_paper or axis.label.boundingRect().width() <= most):
                return True
        return False

    def shown_y(self) -> tuple[float, float]:
        """Return what the vertical axis shows (exponents on a logarithmic one)."""
        low, high = self.box.viewRange()[1]
        return float(low), float(high)

    def say(self, words: str) -> None:
        """Write words over the middle, such as why nothing is drawn; empty takes them away."""
        if words != self._words.text() or self._words.isHidden() == bool(words):
            self._words.setText(words)
            self._words.setVisible(bool(words))
            self._leave_out()
            self._place_overlays()

    def start_anew(self) -> None:
        """Let the next data have the limits that they need; what was shown before was something else."""
        self._y_calm.reset()

    def follow(self) -> None:
        """Let the axes follow the data again, at once."""
        self._following = True
        self.start_anew()
        self.follow_button.hide()
        self.refit()

    def refit(self) -> None:
        """Fit the axes to the data, unless somebody has zoomed; call it after new data."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take the colours of the theme and the font of the program."""
        self.paint_in(self.desk.theme)

    def paint_in(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        font = self.small_font()
        self.setBackground(colour(theme, "panel"))
        for axis in (self.bottom, self.left):
            self._style_axis(axis, theme, font)
        self._cursor.setPen(pg.mkPen(colour(theme, "faint")))
        self._corner.restyle(theme, font)
        for each in (self._readout, self._words):
            each.setFont(font)
            each.setStyleSheet(f"background: {theme.panel}; color: {theme.text}; padding: 2px;")
        self._leave_out()
        self._place_overlays()

    def small_font(self) -> QFont:
        """Return the font of numbers and words in plots."""
        font = QFont(self.font())
        font.setPointSizeF(SMALL * font.pointSizeF())
        return font

    def _style_axis(self, axis: Any, theme: Theme, font: QFont) -> None:
        axis.setPen(pg.mkPen(colour(theme, "line")))
        axis.setTextPen(pg.mkPen(colour(theme, "text")))
        axis.setTickFont(font)
        axis.label.setFont(font)
        axis.setLabel(axis.labelText, color=theme.text)

    def table(self) -> list[list[str]]:
        """Return what is drawn as rows of text, the first with names and units."""
        raise NotImplementedError

    def remarks(self) -> list[str]:
        """Return what tables say above their columns, such as results of fits."""
        return []

    def add_choices(self, menu: QMenu) -> None:
        """Add to the menu how the data are shown."""
        raise NotImplementedError

    def read_out(self, x: float, y: float) -> str:
        """Return the values at a place, in units of the axes; empty if there is nothing."""
        raise NotImplementedError

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802 - of Qt
        """Show the values under the mouse."""
        super().mouseMoveEvent(event)
        self._point_at(event.position())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - of Qt
        """Hide the values."""
        super().leaveEvent(event)
        self.hide_values()

    def hide_values(self) -> None:
        """Hide the values under the mouse."""
        self._readout.hide()
        self._cursor.hide()

    def close(self) -> bool:
        """Close as any widget does: pyqtgraph would delete what is drawn, which Qt may still ask for."""
        return bool(QGraphicsView.close(self))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - of Qt
        """Keep overlays in their corners."""
        super().resizeEvent(event)
        if hasattr(self, "follow_button"):  # Qt resizes while the base class is built
            self._leave_out()
            self._place_overlays()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - of Qt
        """Take a new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "follow_button"):
            self.restyle()

    def _point_at(self, place: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(self.mapToScene(place.toPoint()))
        found = self.box.mapSceneToView(self.mapToScene(place.toPoint())) if inside else None
        text = "" if found is None else self.read_out(found.x(), self._value(found.y()))
        self._readout.setVisible(bool(text))
        self._cursor.setVisible(bool(text))
        if found is not None and text:
            self._cursor.setValue(found.x())
            self._readout.setText(text)
            self._place_overlays()

    def _value(self, height: float) -> float:
        """Return the value at a height of the area."""
        return float(10.0 ** min(height, 300.0)) if self._log_y else height

    def _label_axes(self) -> None:
        self.bottom.setLabel(self.x_axis.label)
        self.left.setLabel(self.y_axis.label)
        self._leave_out()

    def _leave(self, *_: Any) -> None:
        self._following = False
        self.follow_button.show()
        self._place_overlays()

    def _show(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show these limits, exponents on a logarithmic axis."""
        if self._following and all(np.isfinite((*x, *y))):
            self.box.setRange(xRange=x, yRange=y, padding=0)

    def _place_overlays(self) -> None:
        area = self.box.sceneBoundingRect()
        for label in (self._readout, self._words):
            label.setFixedWidth(min(int(0.95 * area.width()), 16 + label.fontMetrics().horizontalAdvance(label.text())))
            label.adjustSize()
        left, top = int(area.left()), int(area.top())
        self._readout.move(left + 4, top + 2)
        middle = area.center()
        self._words.move(int(middle.x() - self._words.width() / 2), int(middle.y() - self._words.height() / 2))
        self.follow_button.adjustSize()
        self.follow_button.move(int(area.right()) - self.follow_button.width() - 4, top + 4)
        self._corner.place(area, on_paper=self.on_paper)
