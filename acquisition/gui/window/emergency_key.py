"""The key of the emergency stop: heard before any window, menu or dialog gets it."""

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication

_PRESSED = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


class EmergencyKey(QObject):
    """Hears F12 wherever in the program it is pressed; a shortcut is not heard while a dialog or a menu is open.

    Parameters
    ----------
    stop : callable
        The emergency stop.
    owner : QObject
        With which it ends.
    """

    def __init__(self, stop: Callable[[], object], owner: QObject) -> None:
        super().__init__(owner)
        self._stop = stop
        self._app = QApplication.instance()
        if self._app is not None:
            self._app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stop at the key, and keep it from whoever would get it."""
        kind = event.type()
        if kind not in _PRESSED or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_F12:
            return False
        event.accept()  # of the override: no shortcut takes it, the press itself follows
        if kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._stop()
        return True

    def close(self) -> None:
        """Hear nothing more."""
        if self._app is not None:
            self._app.removeEventFilter(self)
