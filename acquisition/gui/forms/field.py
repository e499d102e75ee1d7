"""What all fields of forms have in common: a value, whether it can be used, and no change by a passing mouse wheel."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QKeyEvent, QWheelEvent
from qtpy.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QWidget


class WheelGuard(QObject):
    """Lets the mouse wheel change a widget only while it has the focus; else the page below scrolls."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Ignore the wheel over a widget without focus."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class Field(QWidget):
    """One value that a person can change.

    `committed` is emitted with the new value when a change is complete (Enter, focus out, a click) and it is valid;
    `edited` at every change, complete or not.
    """

    committed = Signal(object)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tip = ""
        self._sign = QLabel("!")
        self._sign.setObjectName("fieldSign")
        font = self._sign.font()
        font.setBold(True)
        self._sign.setFont(font)
        self._sign.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self._sign)

    @abstractmethod
    def value(self) -> Any:
        """Return the value as the program wants it; a text that stands for a variable (``$name``) as it is."""

    @abstractmethod
    def set_value(self, value: Any) -> None:
        """Show a value; emits nothing."""

    def data(self) -> Any:
        """Return the value as files have it; what cannot be read as it was typed."""
        return self.value()

    def set_data(self, data: Any) -> None:
        """Show a value as files have it; emits nothing."""
        self.set_value(data)

    def problem(self) -> str:
        """Return why the value cannot be used; empty if it can."""
        return ""

    @property
    def valid(self) -> bool:
        """Whether the value can be used."""
        return not self.problem()

    def set_tip(self, tip: str) -> None:
        """Set what is shown when the pointer rests on the field, below what is wrong with it."""
        self._tip = tip
        self.mark(self.problem())

    def mark(self, problem: str) -> None:
        """Show that something is wrong with the value, by a sign, a frame and the tooltip; empty: that nothing is."""
        self._sign.setVisible(bool(problem))
        self._sign.setToolTip(problem)
        self.setToolTip("\n".join(part for part in (problem, self._tip) if part))
        own = self.findChildren(QLineEdit, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for widget in (*own, self._sign):
            if bool(widget.property("problem")) != bool(problem):
                widget.setProperty("problem", bool(problem))
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def _put(self, widget: QWidget, stretch: int = 1) -> None:
        """Place a widget before the sign."""
        self._row.insertWidget(self._row.count() - 1, widget, stretch)
        self.setFocusProxy(widget)


class _Line(QLineEdit):
    """A line that tells of arrow keys and Escape, and of the wheel while it has the focus."""

    stepped = Signal(int)
    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Step by the arrow keys."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key == Qt.Key.Key_Escape and self.isModified():
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Step by the wheel; reached with the focus only."""
        if event.angleDelta().y():
            self.stepped.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()


class LineField(Field):
    """A field whose value is typed in a line.

    Parameters
    ----------
    optional : bool
        Whether the line may be empty, which means None.
    empty : str
        What an empty line shows in faint letters.
    """

    def __init__(self, *, optional: bool = False, empty: str = "") -> None:
        super().__init__()
        self.optional = optional
        self.line = _Line()
        self.line.setPlaceholderText(empty or ("not set" if optional else ""))
        self.line.setMinimumWidth(60)
        WheelGuard(self.line)
        self._put(self.line)
        self._shown = ""
        self.line.textEdited.connect(self._typed)
        self.line.returnPressed.connect(lambda: self._commit(always=True))
        self.line.editingFinished.connect(lambda: self._commit(always=False))
        self.line.stepped.connect(self._step_and_commit)
        self.line.given_up.connect(self._give_up)

    def value(self) -> Any:
        """Return the value, or the text as it is if it holds a variable or cannot be read."""
        text = self.line.text().strip()
        if not text and self.optional:
            return None
        if self._stands_for_another(text):
            return text
        try:
            return self._read(text)
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        """Show a value; None empties the line, and what does not belong here is shown as it is."""
        try:
            text = "" if value is None else value if is_variable(value) else self._write(value)
        except (TypeError, ValueError):
            text = str(value)
        self._show(text)

    def set_data(self, data: Any) -> None:
        """Show a value as files have it: texts as they are."""
        self._show(data) if isinstance(data, str) else self.set_value(data)

    def show_value(self, value: Any) -> None:
        """Show a value unless somebody is typing another one."""
        if not self.line.isModified():
            self.set_value(value)

    def suggest(self, texts: Iterable[str]) -> None:
        """Offer texts while somebody types, and all of them at the arrow key down."""
        completer = QCompleter(list(texts), self.line)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(lambda: self._commit(always=False))
        self.line.setCompleter(completer)

    def problem(self) -> str:
        """Return why what is typed cannot be used."""
        text = self.line.text().strip()
        if not text:
            return "" if self.optional else self._missing()
        if self._stands_for_another(text):
            return ""
        try:
            return self._outside(self._read(text))
        except ValueError as error:
            return str(error)

    def _read(self, text: str) -> Any:
        """Return the value of a text; raises `ValueError`."""
        return text

    def _write(self, value: Any) -> str:
        return str(value)

    def _stands_for_another(self, text: str) -> bool:
        """Whether a text holds a variable, so that nobody knows yet what it will be."""
        return is_variable(text)

    def _missing(self) -> str:
        return "must not be empty"

    def _outside(self, value: Any) -> str:
        """Return why a value that could be read is not allowed."""
        return ""

    def _stepped(self, steps: int) -> None:
        """Change the value by steps, if it is one that has steps; else show what is offered."""
        completer = self.line.completer()
        if completer is not None:
            completer.setCompletionPrefix("")
            completer.complete()

    def _show(self, text: str) -> None:
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self.line.setModified(False)
        self._shown = text
        self.mark(self.problem())

    def _typed(self) -> None:
        self.line.setModified(True)
        self.mark(self.problem())
        self.edited.emit()

    def _commit(self, *, always: bool) -> None:
        if not always and self.line.text() == self._shown:
            return
        problem = self.problem()
        self.mark(problem)
        if problem:
            return
        self._show(self._tidied(self.line.text().strip()))
        self.committed.emit(self.value())

    def _tidied(self, text: str) -> str:
        return text

    def _step_and_commit(self, steps: int) -> None:
        before = self.line.text()
        self._stepped(steps)
        if self.line.text() != before:
            self._typed()
            self._commit(always=False)

    def _give_up(self) -> None:
        self._show(self._shown)
        self.edited.emit()


def is_variable(value: Any) -> bool:
    """Whether a value is a text that holds a variable of a sequence, such as ``$temperature``."""
    return isinstance(value, str) and "$" in value
