"""Several drawings beside each other where there is room, else one of them."""

from collections.abc import Mapping

from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from acquisition.gui.live.toggles import Toggles

LEAST_LETTERS = 44
"""Width that a drawing needs beside others, in letters of text."""


class Tiles(QWidget):
    """Widgets in a row; buttons choose one of them where the row is too narrow for all.

    Parameters
    ----------
    widgets : mapping of str to widget
    texts : mapping of str to str
        Of the buttons, and above drawings that stand beside others, by the same names.
    tip : str
        What the buttons choose.

    Attributes
    ----------
    toggles : Toggles
        The buttons; to be placed by whoever uses the tiles.
    """

    def __init__(self, widgets: Mapping[str, QWidget], texts: Mapping[str, str], tip: str) -> None:
        super().__init__()
        self.toggles = Toggles(texts, tip)
        self.toggles.changed.connect(self._arrange)
        self._offered = tuple(widgets)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(2)
        self._cells: dict[str, tuple[QWidget, QLabel]] = {}
        for name, widget in widgets.items():
            cell, caption = QWidget(), QLabel(texts[name])
            caption.setContentsMargins(6, 0, 0, 0)
            inside = QVBoxLayout(cell)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(0)
            inside.addWidget(caption)
            inside.addWidget(widget, 1)
            row.addWidget(cell, 1)
            self._cells[name] = cell, caption
        column.addLayout(row)
        self.setMinimumWidth(120)

    def offer(self, names: tuple[str, ...]) -> None:
        """Show these widgets only, as far as there is room."""
        if names != self._offered:
            self._offered = names
            if self.toggles.one not in names:
                self.toggles.choose(names[:1])
            self._arrange()

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the widgets that are shown."""
        needed = len(self._offered) * LEAST_LETTERS * self.fontMetrics().averageCharWidth()
        return self._offered if self.width() >= needed else (self.toggles.one,)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show as many as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        shown = self.shown
        for name, (cell, caption) in self._cells.items():
            cell.setVisible(name in shown)
            caption.setVisible(len(shown) > 1)
        self.toggles.offer(self._offered)
        self.toggles.setVisible(1 == len(shown) < len(self._offered))
