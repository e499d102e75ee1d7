"""Panel: the numbers of the measurement, large enough to be read from a distance."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QFont, QResizeEvent
from qtpy.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import CHARGE_NAMES, CHARGE_SIGNS, count_text, rate_text
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import duration

LARGE = 1.7
SMALL = 0.85
"""Sizes of text, as shares of that of the program."""

LETTERS = 11
"""Width of a tile in letters of its value."""

TILES = {
    "rate": ("count rate", "Photons per second of the whole array, dark counts included."),
    "charge": ("charge state", "Charge of the nanocrystal in the newest time bins, from counts and delays."),
    "photons": ("photons", "All photons recorded in this point."),
    "cascades": ("cascades", "Pulses with exactly two photons in region and window."),
    "elapsed": ("time of the point", "Time for which photons have been acquired."),
}


@view(
    "counts", "Counts", Place.LIVE, order=15, shows=("counts",),
    tip="Count rate, photons, cascades and charge state of the nanocrystal, as they stand.",
)  # fmt: skip
class Counts(PhotonPanel):
    """Tiles with numbers, in as many columns as there is room for."""

    main = "counts"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setSpacing(6)
        self.tiles = {name: _Tile(title, tip) for name, (title, tip) in TILES.items()}
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.hide()
        self._columns = 0
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.column.addWidget(self.words)
        self.column.addWidget(scroll, 1)
        self._arrange()

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Show the newest numbers."""
        charge = content["charge_state"]
        sign = f"{CHARGE_SIGNS[charge]} {CHARGE_NAMES[charge]}" if charge in CHARGE_SIGNS else "–"
        self.tiles["rate"].show_value(rate_text(content["count_rate_cps"]))
        self.tiles["charge"].show_value(sign, self.desk.theme.charges.get(str(charge), self.desk.theme.text))
        self.tiles["photons"].show_value(count_text(content["photons"]))
        self.tiles["cascades"].show_value(count_text(content["cascades"]))
        self.tiles["elapsed"].show_value(duration(content["elapsed_s"]))

    def clear(self) -> None:
        """Show dashes."""
        for tile in self.tiles.values():
            tile.show_value("–", self.desk.theme.text)

    def say(self, words: str) -> None:
        """Say why there are no numbers."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Use the room there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width = self.tiles["rate"].least_width()
        columns = max(1, min(len(self.tiles), (self.width() - 12) // max(1, width)))
        if columns == self._columns:
            return
        self._columns = columns
        for place, tile in enumerate(self.tiles.values()):
            self._grid.addWidget(tile, place // columns, place % columns)
        last = -(-len(self.tiles) // columns)
        for row in range(len(self.tiles) + 1):
            self._grid.setRowStretch(row, int(row == last))


class _Tile(QWidget):
    """A number and what it is."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.setToolTip(tip)
        self.value, self.title = QLabel("–"), QLabel(title)
        self._colour = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(0)
        column.addWidget(self.value)
        column.addWidget(self.title)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._size()

    def show_value(self, text: str, colour: str = "") -> None:
        """Show a value."""
        if text != self.value.text():
            self.value.setText(text)
        if colour != self._colour:
            self._colour = colour
            self.value.setStyleSheet(f"color: {colour};" if colour else "")

    def least_width(self) -> int:
        """Return how wide it is at least."""
        return self.value.fontMetrics().averageCharWidth() * LETTERS + 8

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take a new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size()

    def _size(self) -> None:
        for label, factor in ((self.value, LARGE), (self.title, SMALL)):
            font = QFont(self.font())
            font.setPointSizeF(factor * self.font().pointSizeF())
            label.setFont(font)
