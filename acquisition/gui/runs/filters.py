"""Which runs are listed: part of a text, sample, outcome, kind, verdict, dates."""

from datetime import date
from typing import Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtGui import QHideEvent
from qtpy.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from superqt import QFlowLayout

from acquisition.gui.forms.fields import ChoiceField
from acquisition.gui.runs.columns import KINDS, OUTCOMES

PAUSE_MS = 300
"""After the last key that was typed."""

ANY = ""
NOT_JUDGED = "not judged"


class FilterBar(QWidget):
    """Fields by which runs are found; `changed` is emitted a moment after somebody has changed one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PAUSE_MS)
        self._wait.timeout.connect(self.changed)
        self.text = self._line("search", "Part of name, sample, dot, operator or outcome.", 18)
        self.sample = self._line("sample", "Part of the name of the sample.", 14)
        self.since = self._line("from 2026-11-20", "First date (UTC), year-month-day.", 15)
        self.until = self._line("to 2026-11-21", "Last date (UTC), year-month-day.", 15)
        self.outcome = self._choice("any outcome", {name: name for name in OUTCOMES}, "How the run ended.")
        self.kind = self._choice("any kind", {name: name for name in KINDS}, "A sequence, or an alignment by hand.")
        verdicts = {"keep": "keep", "reject": "reject", NOT_JUDGED: NOT_JUDGED}
        self.verdict = self._choice("any verdict", verdicts, "What a person thinks of the dot.")
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        fields = QWidget()
        row = QFlowLayout(fields)
        row.setContentsMargins(4, 4, 4, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(fields)
        column.addWidget(self.problem)
        for widget in (
            self.text, self.sample, self.outcome, self.kind, self.verdict, self.since, self.until,
        ):  # fmt: skip
            row.addWidget(widget)

    def wanted(self) -> dict[str, Any]:
        """Return the filter for `Session.runs`; dates that cannot be read are left out."""
        found: dict[str, Any] = {}
        for key, line in (("text", self.text), ("sample", self.sample)):
            if line.text().strip():
                found[key] = line.text().strip()
        for key, line in (("since", self.since), ("until", self.until)):
            if line.text().strip() and not self._date_problem(line):
                found[key] = line.text().strip()
        for key, choice in (("outcome", self.outcome), ("kind", self.kind)):
            if choice.value() != ANY:
                found[key] = choice.value()
        if self.verdict.value() != ANY:
            found["verdict"] = None if self.verdict.value() == NOT_JUDGED else self.verdict.value()
        return found

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for nothing any more; the list is read again when it is shown."""
        super().hideEvent(event)
        self._wait.stop()

    def _line(self, empty: str, tip: str, letters: int) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText(empty)
        line.setToolTip(tip)
        line.setStatusTip(tip)
        line.setClearButtonEnabled(True)
        line.setFixedWidth(letters * self.fontMetrics().averageCharWidth() + 30)
        line.textChanged.connect(self._typed)
        return line

    def _choice(self, nothing: str, choices: dict[str, str], tip: str) -> ChoiceField:
        field = ChoiceField({ANY: nothing} | choices)
        field.set_tip(tip)
        field.setMinimumWidth(14 * self.fontMetrics().averageCharWidth() + 30)
        field.committed.connect(lambda value: self.changed.emit())
        return field

    def _typed(self) -> None:
        problems = [self._date_problem(line) for line in (self.since, self.until)]
        self.problem.setText("\n".join(f"  \N{WARNING SIGN} {problem}" for problem in problems if problem))
        self.problem.setVisible(any(problems))
        for line, problem in zip((self.since, self.until), problems, strict=True):
            line.setToolTip(problem or line.statusTip())
            line.setProperty("problem", bool(problem))
            line.style().unpolish(line)
            line.style().polish(line)
        self._wait.start()

    def _date_problem(self, line: QLineEdit) -> str:
        text = line.text().strip()
        if not text:
            return ""
        try:
            date.fromisoformat(text)
        except ValueError:
            return f"{text} is no date; write for example 2026-11-20. It is left out until then."
        return ""
