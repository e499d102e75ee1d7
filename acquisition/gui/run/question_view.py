"""The strip by which a run, or a step by hand, asks a person, who answers with a click."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from superqt import QFlowLayout

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow
from acquisition.gui.view import Desk, Place, View

FLASH_MS = 700

BESIDE_LETTERS = 60
"""Most letters of choices that stand beside the question."""


@view(
    "question", "Question", Place.STRIP, order=25, tip="What a run or a step asks of a person; it waits for the answer."
)
class QuestionView(View):
    """The question with a button for each answer; hidden while nothing is asked."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("question")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._question: Mapping[str, Any] | None = None
        self._flashing = self._answered = False
        self._flash_end = QTimer(self, singleShot=True, interval=FLASH_MS)
        self._flash_end.timeout.connect(self._dim)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self.text.font()
        font.setBold(True)
        self.text.setFont(font)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.buttons: list[QPushButton] = []
        self._answers = QWidget()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self._answers)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addLayout(self._row)
        column.addWidget(self.problem)
        self.restyle()
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show the question, or nothing."""
        question = None if said.status is None else said.status.get("question")
        if question != self._question:
            self._question = question
            self._take(question)
        for button in self.buttons:
            tip = "" if self.desk.in_control else LOOKS_ON
            allow(button, tip, allowed=self.desk.in_control and not self._answered)

    def restyle(self) -> None:
        """Paint it so that it cannot be missed, and brighter while it flashes."""
        theme = self.desk.theme
        ground, ink = (theme.warn, theme.window) if self._flashing else (theme.panel, theme.text)
        self.setStyleSheet(
            f"#question {{ background: {ground}; border: 3px solid {theme.warn}; }}"
            f"#question QLabel {{ color: {ink}; background: transparent; }}"
        )

    def _take(self, question: Mapping[str, Any] | None) -> None:
        self._answered = False
        self.problem.hide()
        if question is not None:
            self.text.setText(f"Asked of you: {question['text']}")
            self._offer([str(choice) for choice in question["choices"]])
            self._flash()
        self.setVisible(question is not None)

    def _offer(self, choices: list[str]) -> None:
        """Put a button for each choice beside the question, or below it if they are long."""
        short = sum(map(len, choices)) + 4 * len(choices) <= BESIDE_LETTERS
        answers = QWidget()
        layout = QHBoxLayout(answers) if short else QFlowLayout(answers)
        layout.setContentsMargins(0, 0, 0, 0)
        self.buttons = []
        for choice in choices:
            button = QPushButton(choice[:1].upper() + choice[1:])
            button.clicked.connect(lambda _checked=False, choice=choice: self._answer(choice))
            self.buttons.append(button)
            layout.addWidget(button)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if short else QBoxLayout.Direction.TopToBottom)
        self._row.replaceWidget(self._answers, answers)
        self._answers.deleteLater()
        self._answers = answers

    def _answer(self, choice: str) -> None:
        self._answered = True
        self.problem.hide()
        for button in self.buttons:
            allow(button, "", allowed=False)
        self.desk.commands.do("answer", choice, then=self._ended)

    def _ended(self, done: Done) -> None:
        if done.error is not None:
            self._answered = False
            self.problem.setText(str(done.error))
            self.problem.show()

    def _flash(self) -> None:
        self._flashing = True
        self.restyle()
        self._flash_end.start()

    def _dim(self) -> None:
        self._flashing = False
        self.restyle()
