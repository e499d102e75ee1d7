"""The page of a measurement: one dock for each live panel."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMainWindow, QTabWidget, QWidget

from acquisition.gui.registry import views_at
from acquisition.gui.view import Desk, Place
from acquisition.gui.window.arrangement import LARGE, LARGE_FROM_PX, SMALL, arrange
from acquisition.gui.window.dock import Dock


class LivePage(QMainWindow):
    """Holds the live panels; each can be moved, tabbed, closed and popped out.

    Parameters
    ----------
    desk : Desk
        Of the window.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("live page")
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        nothing = QWidget()
        nothing.setMaximumSize(0, 0)
        self.setCentralWidget(nothing)
        nothing.hide()
        self.docks = [Dock(kind, desk) for kind in views_at(Place.LIVE)]

    def arrange(self, width_px: int) -> None:
        """Put the panels where they stand at first in a window of a width."""
        arrange(self, self.docks, LARGE if width_px >= LARGE_FROM_PX else SMALL)
