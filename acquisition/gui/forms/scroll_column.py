"""A column that scrolls up and down only: never narrower than what stands in it."""

from qtpy.QtCore import QEvent, QObject, QSize, Qt, QTimer
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

_HEIGHT_PX = 120

_TURNS = 2
"""How often layouts are asked: lines that are wrapped know their height only with their width."""


class ScrollColumn(QScrollArea):
    """Shows a widget as wide as it needs, also when fonts or themes change later.

    Parameters
    ----------
    inside : QWidget
        What it shows.
    """

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the width of what is in it, and some height."""
        inside = self.widget()
        width = 0 if inside is None else inside.minimumSizeHint().width()
        return QSize(width + self.verticalScrollBar().sizeHint().width() + 2, _HEIGHT_PX)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return no more width than is needed."""
        return QSize(self.minimumSizeHint().width(), super().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Ask for more width when what is in it has grown."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Give what was added while it was hidden its height."""
        super().showEvent(event)
        self._ask_anew()
        QTimer.singleShot(0, self, self._ask_anew)  # lines that are wrapped know their height only with their width

    def settle(self) -> None:
        """Give what was added just now its height before it is painted, rather than some turns of the window later."""
        for _ in range(_TURNS):
            self._ask_anew()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def _ask_anew(self) -> None:
        if (inside := self.widget()) is not None:
            QApplication.postEvent(inside, QEvent(QEvent.Type.LayoutRequest))
