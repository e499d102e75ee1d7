"""A question that stands beside what it is about, and holds up nothing: no window opens over the measurement."""

from collections.abc import Callable

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

PATIENCE_MS = 20_000
"""After this time without an answer the answer is no."""


class Confirm(QFrame):
    """Asks one question at a time; hidden else."""

    def __init__(self) -> None:
        super().__init__()
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
        self._act = act
        self.show()
        self.no.setFocus()
        self._patience.start(PATIENCE_MS)

    def give_up(self) -> None:
        """Answer no."""
        self._patience.stop()
        self._act = None
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Answer no by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def _agree(self) -> None:
        act = self._act
        self.give_up()
        if act is not None:
            act()
