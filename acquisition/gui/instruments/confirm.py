"""A question that stands beside what it is about, and holds up nothing: no window opens over the measurement."""

from collections.abc import Callable, Hashable

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

PATIENCE_MS = 20_000
"""After this time without an answer the answer is no."""


class Confirm(QFrame):
    """Asks one question at a time; hidden else.

    Parameters
    ----------
    moment : callable
        Returns what the question rests on, such as the state and how often all was made safe. Once that is another,
        the question is given up, and a click that comes first does nothing.
    """

    def __init__(self, moment: Callable[[], Hashable]) -> None:
        super().__init__()
        self._moment, self._asked_at = moment, moment()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.yes, self.no = QPushButton(), QPushButton("Cancel")
        self.no.setToolTip("Change nothing (Escape).")
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.addWidget(self.question)
        column.addLayout(buttons)
        self._act: Callable[[], None] | None = None
        self._before: QWidget | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.give_up)
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.give_up)
        self.hide()

    def ask(self, question: str, yes: str, act: Callable[[], None]) -> None:
        """Ask, and call `act` if the answer is yes; a question that stood there is given up.

        Parameters
        ----------
        question : str
            What is to be decided, with what follows.
        yes : str
            What the button says that does it.
        act : callable
            What it does.
        """
        self.question.setText(question)
        self.yes.setText(yes)
        self.yes.setToolTip(question)
        self._act, self._asked_at = act, self._moment()
        self._before = self._beside(QApplication.focusWidget())
        self.show()
        self.no.setFocus()
        self._patience.start(PATIENCE_MS)

    def look(self) -> None:
        """Give the question up if it rests on what is not so any more."""
        if self._act is not None and self._moment() != self._asked_at:
            self.give_up()

    def give_up(self) -> None:
        """Answer no."""
        self._patience.stop()
        self._act = None
        self._give_focus_back()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Answer no by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def _beside(self, widget: QWidget | None) -> QWidget | None:
        """Return a widget if it belongs to the same card, and so is there as long as this."""
        card = self.parentWidget()
        return widget if widget is not None and card is not None and card.isAncestorOf(widget) else None

    def _give_focus_back(self) -> None:
        """Let whoever had the focus have it again: Qt would give it to the next button, and scroll there."""
        for button in (self.no, self.yes):
            if button.hasFocus():
                button.clearFocus()
                if self._before is not None and self._before.isEnabled():
                    self._before.setFocus()

    def _agree(self) -> None:
        self.look()
        act = self._act
        self.give_up()
        if act is not None:
            act()
