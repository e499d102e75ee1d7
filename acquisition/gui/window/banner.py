"""Says so, unmistakably, where what is shown does not come from real instruments."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import QRect, Qt
from qtpy.QtGui import QBrush, QColor, QFont, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View


@view(
    "simulated", "Simulated", Place.STRIP, order=0,
    tip="The photons come from a simulation of dot, optics and instruments; no light or heat is real.",
)  # fmt: skip
class SimulatedBanner(View):
    """A hatched band that names what is simulated."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.text = ""
        font = QFont()
        font.setBold(True)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tip)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Take the size of the font."""
        self.setFixedHeight(self.fontMetrics().height() + 8)
        self.update()

    def show_said(self, said: Said) -> None:
        """Show or hide itself."""
        text = simulated_words(said.devices, said.status)
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.setVisible(bool(text))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw hatching with the words on a plain ground in the middle."""
        ground_colour, letters = map(QColor, self.desk.theme.banner)
        painter = QPainter(self)
        painter.fillRect(self.rect(), ground_colour)
        painter.fillRect(self.rect(), QBrush(letters, Qt.BrushStyle.BDiagPattern))
        room = self.width() - 40
        shown = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room)
        width = min(room, painter.fontMetrics().horizontalAdvance(shown)) + 24
        ground = QRect((self.width() - width) // 2, 0, width, self.height())
        painter.fillRect(ground, ground_colour)
        painter.setPen(letters)
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter), shown)
        painter.end()


def simulated_words(devices: Sequence[Mapping[str, Any]] | None, status: Mapping[str, Any] | None) -> str:
    """Return what is simulated, in words; empty if nothing is."""
    if clock_simulated(devices, status):
        return "SIMULATED – no instrument is real, and neither are the data; times of a run are simulated, too"
    roles = [str(device.get("role", "?")) for device in devices or () if device.get("simulated")]
    if devices and len(roles) == len(devices):
        return "SIMULATED – no instrument is real, and neither are the data"
    if roles:
        return f"PARTLY SIMULATED – not real: {', '.join(roles)}"
    if (status or {}).get("simulated"):
        return "SIMULATED DATA"
    return ""


def clock_simulated(devices: Sequence[Mapping[str, Any]] | None, status: Mapping[str, Any] | None) -> bool:
    """Whether the clock of runs is not that on the wall: so it is where every instrument dies with the session."""
    all_simulated = bool(devices) and all(device.get("simulated") for device in devices or ())
    return all_simulated and (status or {}).get("guardian") == "not needed"
