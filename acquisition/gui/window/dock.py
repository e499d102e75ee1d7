"""A dock that holds a view: it can be moved, tabbed, popped out and closed, and knows whether it is looked at."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from acquisition.gui.view import Desk, View
from acquisition.gui.window.holder import Holder


class Dock(QDockWidget):
    """A dock for one view.

    Parameters
    ----------
    kind : type of View
        What it holds.
    desk : Desk
        Of the window.
    """

    def __init__(self, kind: type[View], desk: Desk) -> None:
        super().__init__(kind.title)
        self.setObjectName(f"dock {kind.name}")  # by which its place is remembered
        self.holder = Holder(kind, desk)
        self.setWidget(self.holder)
        self.setTitleBarWidget(_TitleBar(self, kind))
        self._seen = False
        self.visibilityChanged.connect(self._see)

    def looked_at(self) -> bool:
        """Whether it can be seen now: neither closed, nor behind another tab, nor in a window that is minimised."""
        return self._seen and self.isVisible() and not self.window().isMinimized()

    def _see(self, seen: bool) -> None:
        self._seen = seen


class _TitleBar(QWidget):
    """Title and buttons, drawn as text so that they have the colours of the theme."""

    def __init__(self, dock: Dock, kind: type[View]) -> None:
        super().__init__(dock)
        self._dock = dock
        title = QLabel(kind.title)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        title.setToolTip(kind.tip or kind.title)
        font = QFont()  # of which only this is said, so that its size stays that of the program
        font.setBold(True)
        title.setFont(font)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(5, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(title, 1)
        pop_out = _button("⇱", f"Pop {kind.title} out into a window of its own, or put it back.")
        pop_out.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        close = _button("×", f"Close {kind.title}; the View menu opens it again.")
        close.clicked.connect(dock.close)
        layout.addWidget(pop_out)
        layout.addWidget(close)


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setStyleSheet("QToolButton { padding: 0px 5px; border-radius: 0px; }")
    return button
