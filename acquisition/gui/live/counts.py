"""Panel: the numbers of the measurement, large enough to be read from a distance."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QFont, QFontMetricsF, QResizeEvent
from qtpy.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import CHARGE_NAMES, CHARGE_SIGNS, count_text, rate_text
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import duration

LARGE, LARGEST = 1.7, 7.0
SMALL, HALF = 0.85, 0.5
"""Sizes of text, as shares of that of the program: of numbers at least and at most, of what they are; that grows, too,
by this share of what numbers grow."""

WIDEST = "◆ charge −22"
"""A value for which each tile has room."""

LINES, SPARE = 1.45, 14
"""Height of a number and what it is, in heights of the number at its least size times 1.7; dots around a tile."""

NOT_NOW = dict.fromkeys(("pausing", "paused"), "Paused: what was counted before.")
ENDED = "This point has ended: what was counted at its end."
"""What stands above numbers that are not those of now."""

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
        self._columns, self._past = 0, ""
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.column.addWidget(self.words)
        self.column.addWidget(scroll, 1)
        self._arrange()

    def show_said(self, said: Said) -> None:
        """Show new numbers, and when those of now become those of the past."""
        past = what_is_past(said.status or {})
        if past != self._past:
            self._past = past
            self._drawn = {}
            self._arrange()
        super().show_said(said)

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Show the newest numbers."""
        past = what_is_past(said.status or {})
        self.say(past)
        charge = None if past else content["charge_state"]
        sign = f"{CHARGE_SIGNS[charge]} {CHARGE_NAMES[charge]}" if charge in CHARGE_SIGNS else "–"
        self.tiles["rate"].show_value(rate_text(None if past else content["count_rate_cps"]))
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
        """Stand in as many columns as let the numbers be largest; where even the least size needs more, scroll."""
        width, height = self.tiles["rate"].least_size()
        room = self.width() - 12, self.height() - (self.words.sizeHint().height() if self._past else 0) - 8
        count = len(self.tiles)
        growth = {
            columns: min((room[0] / columns - SPARE) / width, (room[1] / -(-count // columns) - SPARE) / height)
            for columns in range(1, count + 1)
        }
        columns = max(growth, key=lambda columns: growth[columns])
        if growth[columns] < 1.0:
            columns = max(1, min(count, int(room[0] // (width + SPARE))))
        for tile in self.tiles.values():
            tile.set_growth(growth[columns])
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
        self._colour, self._growth = "", 1.0
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

    def least_size(self) -> tuple[float, float]:
        """Return width and height with letters of the least size."""
        metrics = QFontMetricsF(self._font(LARGE))
        return metrics.horizontalAdvance(WIDEST), metrics.height() * LINES

    def set_growth(self, growth: float) -> None:
        """Let the number be so many times as large as it is at least, as far as that is sensible."""
        growth = min(max(growth, 1.0), LARGEST / LARGE)
        if abs(growth - self._growth) > 0.01:
            self._growth = growth
            self._size()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take a new size of text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size()

    def _size(self) -> None:
        self.value.setFont(self._font(LARGE * self._growth))
        self.title.setFont(self._font(SMALL * (1.0 + HALF * (self._growth - 1.0))))

    def _font(self, factor: float) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(factor * self.font().pointSizeF())
        return font


def what_is_past(status: Mapping[str, Any]) -> str:
    """Return in words why the last counts are not those of now; empty while photons may come in."""
    state = str(status.get("state") or "running")
    return NOT_NOW.get(state, ENDED if state in ("idle", "analysing", "broken") else "")
