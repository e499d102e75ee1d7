"""Names and values in two columns, for what is only looked at."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from acquisition.gui.instruments.signs import colour
from acquisition.gui.instruments.words import Level
from acquisition.gui.theme.themes import Theme
from acquisition.gui.window.elided import ElidedLabel
from acquisition.numbers import with_unit, words_of

DIGITS = 5
"""Of numbers that are only looked at: more of them flicker."""


class ValueTable(QWidget):
    """Plain values by name, each with the unit that its name tells.

    Parameters
    ----------
    theme : Theme
        Colours to begin with.
    heading : str
        Stands above them.
    """

    def __init__(self, theme: Theme, heading: str) -> None:
        super().__init__()
        self._theme = theme
        self.heading = QLabel(heading)
        self._rows: dict[str, tuple[QLabel, ElidedLabel]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.heading, 0, 0, 1, 2)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show these; rows of names that are not among them are hidden."""
        self.heading.setVisible(bool(values))
        for name in values:
            if name not in self._rows:
                self._add(name)
        for name, row in self._rows.items():
            if name in values:
                row[1].setText(with_unit(name, values[name], DIGITS))
            for label in row:
                label.setVisible(name in values)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        for label, _ in self._rows.values():
            colour(label, theme, Level.FAINT)

    def _add(self, name: str) -> None:
        label, value = QLabel(words_of(name)), ElidedLabel()
        colour(label, self._theme, Level.FAINT)
        row = 1 + len(self._rows)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        self._rows[name] = (label, value)
