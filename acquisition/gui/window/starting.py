"""A small window that says what is waited for while the session starts, and can be cancelled."""

from collections.abc import Callable
from threading import Event
from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QProgressBar, QVBoxLayout

from acquisition.gui.client.local import LocalWork

_TICK_MS = 50


class StartingWindow(QDialog):
    """Calls a function beside the window and shows what it says; accepted once it has returned.

    Parameters
    ----------
    act : callable
        Is given an event that cancels it, and what it tells its progress; raises if it fails.

    Attributes
    ----------
    result_of_work : object
        What it returned.
    error : Exception or None
        Why it failed.
    """

    def __init__(self, act: Callable[[Event, Callable[[str], None]], Any]) -> None:
        super().__init__()
        self.setWindowTitle("cascadescope starts")
        self.setMinimumWidth(520)
        self.result_of_work: Any = None
        self.error: Exception | None = None
        self._cancelled, self._said = Event(), "Starting …"
        self._label, self._bar, self._failure = QLabel(self._said), QProgressBar(), QPlainTextEdit()
        self._bar.setRange(0, 0)
        self._failure.setReadOnly(True)
        self._failure.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self._label, self._bar, self._failure, self._buttons):
            layout.addWidget(widget)
        self._work = LocalWork()
        self._working = True
        self._work.do(lambda: act(self._cancelled, self._say), self._end)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)

    def reject(self) -> None:
        """Cancel what is waited for; closes once that has ended."""
        self._cancelled.set()
        if self._working:
            self._say("Cancelling …")
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close."""
        self._timer.stop()
        self._work.close()
        super().done(result)

    def _say(self, text: str) -> None:
        self._said = text

    def _tick(self) -> None:
        self._work.deliver()
        if self._working:
            self._label.setText(self._said)

    def _end(self, result: Any, error: Exception | None) -> None:
        self._working = False
        self.result_of_work, self.error = result, error
        if error is None:
            self.accept()
        elif self._cancelled.is_set():
            super().reject()
        else:
            self._show_error(str(error))

    def _show_error(self, text: str) -> None:
        head, _, rest = text.partition("\n")
        self._bar.hide()
        self._label.setWordWrap(True)
        self._label.setText(head)
        self._failure.setPlainText(rest)
        self._failure.setVisible(bool(rest))
        self._buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)
        self.resize(720, 320 if rest else 120)
