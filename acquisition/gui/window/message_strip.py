"""The newest error or warning, until somebody has taken note of it."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QFont, QMouseEvent
from qtpy.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout

from acquisition.gui.client.diary import Entry, Kind
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.elided import ElidedLabel


@view(
    "message", "Message", Place.STRIP, order=20,
    tip="The newest error or warning. A click shows the whole text; the log has all of them.",
)  # fmt: skip
class MessageStrip(View):
    """One line that can be opened and closed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("message")
        self.sign, self.text = QLabel(), ElidedLabel()
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setToolTip("Take note of it and close this line.")
        self.close_button.clicked.connect(self.dismiss)
        font = QFont()
        font.setBold(True)
        self.sign.setFont(font)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.addWidget(self.sign)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.close_button)
        self.entry: Entry | None = None
        self._seen = 0
        self._run: object = None
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show the newest that nobody has seen; an error is not hidden by a warning that comes after it."""
        status = said.status or {}
        if goes_on(status) and status["run"] != self._run:
            self._run = status["run"]
            self._forget()
        changed = self.desk.diary.changes(self._seen)
        self._seen = changed[-1].change if changed else self._seen
        entries = [each for each in changed if _message(each)]
        if not entries:
            return
        newest = next((each for each in reversed(entries) if _is_error(each)), entries[-1])
        if self.entry is not None and _is_error(self.entry) and not _is_error(newest):
            return
        self.entry = newest
        self.sign.setText(f"{newest.ended_at or newest.at:%H:%M:%S} {'Error' if _is_error(newest) else 'Warning'}:")
        self.text.setText(_message(newest))
        self.restyle()
        self.show()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        colour = theme.bad if self.entry is not None and _is_error(self.entry) else theme.warn
        self.setStyleSheet(f"#message {{ background: {theme.panel}; border: 1px solid {colour}; }}")
        self.sign.setStyleSheet(f"color: {colour};")

    def dismiss(self) -> None:
        """Close the line."""
        self.entry = None
        self.hide()

    def _forget(self) -> None:
        """Close what belongs to the time before a run that has just begun: warnings, and what was asked in vain."""
        if self.entry is not None and self.entry.kind is not Kind.ERROR:
            self.dismiss()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the whole text."""
        if self.entry is None:
            return
        dialog = QDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Error" if _is_error(self.entry) else "Warning")
        text = QPlainTextEdit(f"{self.entry.at:%Y-%m-%d %H:%M:%S}\n{_message(self.entry)}")
        text.setReadOnly(True)
        QVBoxLayout(dialog).addWidget(text)
        dialog.resize(640, 240)
        dialog.show()


def _is_error(entry: Entry) -> bool:
    return entry.kind is Kind.ERROR or (entry.kind is Kind.COMMAND and bool(entry.error))


def _message(entry: Entry) -> str:
    """Return what a person should read of an entry; empty if nothing."""
    if entry.kind in (Kind.ERROR, Kind.WARNING):
        return entry.text
    return entry.error if entry.kind is Kind.COMMAND else ""
