"""The log: what the window asked of the session, as a Python program, and what went wrong, as its comments."""

from qtpy.QtGui import QFontDatabase, QTextCursor
from qtpy.QtWidgets import QPlainTextEdit, QVBoxLayout

from acquisition.gui.client.diary import KEPT, Entry, Kind
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View

_WORTH_SAYING_S = 0.1


@view(
    "log", "Log", Place.BOTTOM, order=10,
    tip="Every click as a line of Python with time and outcome. Copied into a Python program it does the same again.",
)  # fmt: skip
class LogPane(View):
    """Text that is only added to, except that the outcome of a command is written behind it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(KEPT)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setToolTip(self.tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        self._seen = 0
        self._open: dict[int, QTextCursor] = {}
        self.restyle()
        self.text.appendPlainText(head(desk.rig))

    def show_said(self, said: Said) -> None:
        """Add what is new."""
        changed = self.desk.diary.changes(self._seen)
        self._seen = changed[-1].change if changed else self._seen
        for entry in sorted(changed, key=lambda entry: entry.number):
            cursor = self._open.get(entry.number)
            if cursor is None:
                self._add(entry)
            else:
                self._end(entry, cursor)

    def restyle(self) -> None:
        """Take the size of the font."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.text.setFont(font)

    def _add(self, entry: Entry) -> None:
        bar = self.text.verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum()
        self.text.appendPlainText(lines_of(entry))
        if entry.kind is Kind.COMMAND and entry.ended_at is None:
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.setKeepPositionOnInsert(True)
            self._open[entry.number] = cursor
        if at_end and bar is not None:
            bar.setValue(bar.maximum())

    def _end(self, entry: Entry, cursor: QTextCursor) -> None:
        del self._open[entry.number]
        cursor.setKeepPositionOnInsert(False)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(lines_of(entry))


def head(rig: str) -> str:
    """Return the lines by which a Python program gets the session that the window talks to."""
    return f"from acquisition.remote import RemoteSession\nsession = RemoteSession.find({rig!r})"


def lines_of(entry: Entry) -> str:
    """Return an entry as lines of Python: a command with a comment, all else as comments."""
    if entry.kind is not Kind.COMMAND:
        return _comment(f"{entry.at:%H:%M:%S} {entry.kind}: {entry.text}")
    if entry.ended_at is None:
        return f"{entry.text}  # {entry.at:%H:%M:%S} …"
    took_s = (entry.ended_at - entry.at).total_seconds()
    if entry.error:
        why = _comment(f"{entry.ended_at:%H:%M:%S} error: {entry.error}")
        return f"{entry.text}  # {entry.at:%H:%M:%S} failed\n{why}"
    return f"{entry.text}  # {entry.at:%H:%M:%S} done" + (f" in {took_s:.2g} s" if took_s >= _WORTH_SAYING_S else "")


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())
