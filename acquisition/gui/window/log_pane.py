"""The log: what the window asked of the session, as a Python program, and what went wrong, as its comments."""

from qtpy.QtGui import QFontDatabase, QTextCursor
from qtpy.QtWidgets import QPlainTextEdit, QVBoxLayout

from acquisition.gui.client.diary import KEPT, Entry, Kind
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View

_WORTH_SAYING_S = 0.1

LONG = 160
"""Letters from which a command stands in a line of its own, such as a check of a whole sequence."""


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
        self._follows = True
        bar = self.text.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._follow)
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
        newest = max((entry.number for entry in changed), default=0)
        for number in [each for each in self._open if each <= newest - KEPT]:
            del self._open[number]  # the diary has forgotten it; a failure it tells in a line of its own

    def restyle(self) -> None:
        """Take the size of the font."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        self.text.setFont(font)

    def _scrolled(self, value: int) -> None:
        self._follows = value >= self.text.verticalScrollBar().maximum()

    def _follow(self, _least: int, most: int) -> None:
        """Stay at the end when there is more, unless somebody reads above; a long line alone makes room less, too."""
        if self._follows:
            self.text.verticalScrollBar().setValue(most)

    def _add(self, entry: Entry) -> None:
        lines = lines_of(entry)
        self.text.appendPlainText(lines)
        if entry.kind is Kind.COMMAND and entry.ended_at is None:
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock, n=lines.count("\n"))
            cursor.setKeepPositionOnInsert(True)
            self._open[entry.number] = cursor

    def _end(self, entry: Entry, cursor: QTextCursor) -> None:
        del self._open[entry.number]
        cursor.setKeepPositionOnInsert(False)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(_first_of(entry))


def head(rig: str) -> str:
    """Return the lines by which a Python program gets the session that the window talks to."""
    return f"from acquisition.remote import RemoteSession\nsession = RemoteSession.find({rig!r})"


def lines_of(entry: Entry) -> str:
    """Return an entry as lines of Python: a command with a comment, all else as comments."""
    if entry.kind is not Kind.COMMAND:
        return _comment(f"{entry.at:%H:%M:%S} {entry.kind}: {entry.text}")
    return _first_of(entry) + (f"\n{entry.text}" if _is_long(entry) else "")


def _is_long(entry: Entry) -> bool:
    return len(entry.text) > LONG


def _first_of(entry: Entry) -> str:
    """Return a command with its outcome; only the outcome if the command is long: it has the next line then."""
    before = "# " if _is_long(entry) else f"{entry.text}  # "
    below = f" {entry.text.partition('(')[0]}, in the next line" if _is_long(entry) else ""
    if entry.ended_at is None:
        return f"{before}{entry.at:%H:%M:%S} …{below}"
    took_s = (entry.ended_at - entry.at).total_seconds()
    if entry.error:
        why = _comment(f"{entry.ended_at:%H:%M:%S} error: {entry.error}")
        return f"{before}{entry.at:%H:%M:%S} failed{below}\n{why}"
    return f"{before}{entry.at:%H:%M:%S} done" + (f" in {took_s:.2g} s" if took_s >= _WORTH_SAYING_S else "") + below


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())
