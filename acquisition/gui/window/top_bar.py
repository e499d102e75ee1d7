"""The bar that is always visible: one row where there is room, else two."""

from collections.abc import Sequence

from qtpy.QtCore import QEvent, QSize
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from acquisition.gui.window.holder import Holder

_SPACE_PX = 8
_ROOM_FOR_STATE = 30
"""Letters of the state that are worth being seen."""

_SECOND_ROW = ("verbs",)
"""What goes below if there is not enough room."""


class TopBar(QWidget):
    """Holds views beside each other; the first one takes what room is left.

    Parameters
    ----------
    holders : sequence of Holder
        From the left.
    """

    def __init__(self, holders: Sequence[Holder]) -> None:
        super().__init__()
        self._holders = list(holders)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 0, 8, 2)
        rows.setSpacing(2)
        rows.addLayout(self._first)
        rows.addLayout(self._second)
        self._first.setSpacing(_SPACE_PX)
        self._second.setSpacing(_SPACE_PX)
        self._two: bool | None = None
        self._fit()

    @property
    def rows(self) -> int:
        """How many rows it has now."""
        return 2 if self._two else 1

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the size of two rows, which it can always have."""
        below = [holder for holder in self._holders if holder.kind.name in _SECOND_ROW]
        above = [holder for holder in self._holders if holder not in below]
        return QSize(max(_width(above), _width(below)) + 16, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Choose the number of rows."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Choose the number of rows anew when a view or the font has changed its size."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self._fit()
        return handled

    def _fit(self) -> None:
        two = _width(self._holders) + self.fontMetrics().averageCharWidth() * _ROOM_FOR_STATE > self.width() - 16
        if two == self._two:
            return
        self._two = two
        for holder in self._holders:
            below = two and holder.kind.name in _SECOND_ROW
            (self._first, self._second)[not below].removeWidget(holder)
            row = (self._first, self._second)[below]
            row.removeWidget(holder)
            row.addWidget(holder, 1 if holder is self._holders[0] else 0)
        self.updateGeometry()


def _width(holders: Sequence[Holder]) -> int:
    """Return how much room views need beside each other; the state of the run can be shortened."""
    needed = sum(holder.minimumSizeHint().width() for holder in holders)
    return needed + _SPACE_PX * max(0, len(holders) - 1)
