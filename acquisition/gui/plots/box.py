"""The area of a plot: the wheel zooms, the left button moves, the right one shows a menu."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from qtpy.QtCore import Qt


class Box(pg.ViewBox):
    """A view box that follows nothing by itself.

    Parameters
    ----------
    raise_menu : callable
        Is given the place on the screen.
    """

    def __init__(self, raise_menu: Callable[[Any], None]) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self._raise_menu = raise_menu
        self.disableAutoRange()

    def mouseClickEvent(self, event: Any) -> None:  # noqa: N802 - of pyqtgraph
        """Show the menu."""
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()
            self._raise_menu(event.screenPos().toPoint())
