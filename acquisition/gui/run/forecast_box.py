"""The pre-flight report: what the sequence would be like, before anything is switched on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from acquisition.gui.run.forecast_dialog import ForecastDialog
from acquisition.gui.run.forecast_html import forecast_html, problem_html
from acquisition.gui.view import Desk

_WAITING = "Trying the sequence on the twin of the rig …"
_STALE = "Something was changed since; check again before you start."


class ForecastBox(QWidget):
    """Shows a forecast, why there is none, or that it is being made."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._found: Mapping[str, Any] | None = None
        self._problem = ""
        self.dialog: ForecastDialog | None = None
        self._made_at = datetime.now(UTC)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(6)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.stale = QLabel(_STALE)
        self.stale.setWordWrap(True)
        self.more = QPushButton("Points and steps …")
        self.more.setToolTip("Each point with its counts and expected errors, and each step with its time.")
        self.more.clicked.connect(self._show_more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.busy, self.stale, self.text):
            column.addWidget(part)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.more)
        column.addLayout(line)
        self._look("")

    def wait(self) -> None:
        """Say that a forecast is being made."""
        self._found, self._problem = None, ""
        self._look(_WAITING, busy=True)

    def show_forecast(self, found: Mapping[str, Any]) -> None:
        """Show a forecast."""
        self._found, self._problem, self._made_at = found, "", datetime.now(UTC)
        self.restyle()

    def show_problem(self, problem: str) -> None:
        """Show why there is no forecast, or why something could not be done; empty: nothing."""
        self._found, self._problem = None, problem
        self.restyle()

    def show_stale(self, stale: bool) -> None:
        """Say that it is the forecast of something else than what would be started."""
        self.stale.setVisible(stale and self._found is not None)

    def restyle(self) -> None:
        """Write it anew, with the colours of the theme."""
        theme = self._desk.theme
        if self._found is not None:
            self._look(forecast_html(self._found, theme, self._made_at))
        elif self._problem:
            self._look(problem_html(self._problem, theme))
        elif not self.busy.isVisibleTo(self):
            self._look("")

    def _look(self, text: str, *, busy: bool = False) -> None:
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.busy.setVisible(busy)
        self.more.setVisible(self._found is not None)
        self.stale.hide()

    def _show_more(self) -> None:
        if self._found is not None:
            self.dialog = ForecastDialog(self._found, self.window())
            self.dialog.show()
