"""Keeps the focus with what is being set, although it can not be pressed meanwhile."""

from qtpy.QtWidgets import QApplication, QWidget


class FocusKeeper:
    """Enables and disables widgets, whose focus Qt would else give to another row, and scroll there."""

    def __init__(self) -> None:
        self._waits: QWidget | None = None

    def allow(self, widget: QWidget, *, allowed: bool) -> None:
        """Enable a widget, which gets its focus back unless somebody has gone elsewhere, or disable it."""
        focus = QApplication.focusWidget()
        if widget.isEnabled() and not allowed and focus is not None and _holds(widget, focus):
            focus.clearFocus()
            self._waits = focus
        widget.setEnabled(allowed)
        if allowed and self._waits is not None and _holds(widget, self._waits):
            waits, self._waits = self._waits, None
            if QApplication.focusWidget() is None and waits.isVisible():
                waits.setFocus()


def _holds(widget: QWidget, other: QWidget) -> bool:
    return widget is other or widget.isAncestorOf(other)
