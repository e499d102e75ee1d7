"""The buttons by which a person steers the run that goes on: pause, stop, abort, more time, a note."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence, QShortcut
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidgetAction,
)

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import why_not
from acquisition.gui.run.lit import allow
from acquisition.gui.run.note_field import NoteField
from acquisition.gui.run.remembered import operator_of
from acquisition.gui.run.time_field import TimeField
from acquisition.gui.view import Desk, Place, View

TIPS = {
    "pause": "Takes the light off the sample within 0.5 s and holds the run; bias and cooling stay on, the heater as "
    "its step says. No data are lost. Ctrl+P",
    "resume": "Sets everything as it was, reads it back, and lets the present point go on; the pause is marked as a "
    "gap in its photons. Ctrl+P, outside of text fields",
    "stop": "Ends the present step early, keeps all photons, carries out the cleanup steps and analyses.",
    "abort": "Switches light, heat and gain off at once; what was recorded is kept, but not analysed. The run can be "
    "resumed later.",
    "extend": "Lets the point that is being acquired last longer: more photons, smaller errors, more light dose.",
    "note": "Writes a remark with the time into the journal of the run. Ctrl+N",
}

_LABELS = {"pause": "Pause", "resume": "Resume", "stop": "Stop", "abort": "Abort"}
_BUSY = {"pause": "Pausing …", "resume": "Resuming …", "stop": "Stopping …", "abort": "Aborting …"}
_TEXTS = tuple(words[verb] for words in (_LABELS, _BUSY) for verb in ("pause", "resume"))
_UNDER_WAY = {"pausing": "pause", "stopping": "stop", "aborting": "abort"}
_MINUTES = (1, 5)

TEXTS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
"""Where somebody may be typing."""


@view("verbs", "Run", Place.TOP, order=20, tip="Steers the run that goes on.")
class VerbsView(View):
    """Pause or resume, stop, abort, extend and note."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._status: Mapping[str, Any] | None = None
        self._asked = ""
        self.hold = self._button("Pause", self._hold)
        self.stop = self._button("Stop", lambda: self._ask("stop"))
        self.abort = self._button("Abort", lambda: self._ask("abort"))
        self.extend = self._button("Extend", None)
        self.note = self._button("Note", self._open_note)
        self.time = TimeField()
        self.time.asked.connect(self._extend)
        self.extend.setMenu(self._menu())
        self.note_field = NoteField(self)
        self.note_field.written.connect(self._note)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.hold, self.stop, self.abort, self.extend, self.note):
            row.addWidget(button)
        self._key("Ctrl+P", self._hold_by_key)
        self._key("Ctrl+N", self.note.click)
        self._look()

    def show_said(self, said: Said) -> None:
        """Enable what the state allows."""
        self._status = said.status
        self._look()

    def _button(self, text: str, act: Any) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if act is not None:
            button.clicked.connect(lambda: act())
        return button

    def _menu(self) -> QMenu:
        menu = QMenu(self.extend)
        for minutes in _MINUTES:
            menu.addAction(f"+ {minutes} min").triggered.connect(
                lambda _checked=False, minutes=minutes: self._extend(60.0 * minutes)
            )
        own = QWidgetAction(menu)
        own.setDefaultWidget(self.time)
        menu.addAction(own)
        return menu

    def _key(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(act)

    @property
    def _holding(self) -> str:
        """Whether the first button pauses or resumes."""
        paused = self._status is not None and self._status["state"] == "paused" and self._asked != "pause"
        return "resume" if paused or self._asked == "resume" else "pause"

    def _hold_by_key(self) -> None:
        """Pause from anywhere; light comes back only on a key that was not meant for a text."""
        if self._holding == "pause" or not isinstance(QApplication.focusWidget(), TEXTS):
            self.hold.click()

    def _hold(self) -> None:
        self._ask(self._holding)

    def _ask(self, verb: str) -> None:
        self._asked = verb
        self.desk.commands.do(verb, then=self._ended)
        self._look()

    def _ended(self, done: Done) -> None:
        if done.error is not None:
            self._asked = ""
        self._look()

    def _look(self) -> None:
        """Show what may be done, and what was asked for until it has come."""
        if self._asked and self._has_come(self._asked):
            self._asked = ""
        now = self._asked or _UNDER_WAY.get("" if self._status is None else str(self._status["state"]), "")
        holding = self._holding
        for verb, button in ((holding, self.hold), ("stop", self.stop), ("abort", self.abort)):
            _keep_width(button, _TEXTS if button is self.hold else (_LABELS[verb], _BUSY[verb]))
            button.setText(_BUSY[verb] if verb == now else _LABELS[verb])
            _allow(button, self._why_not(verb), TIPS[verb], busy=verb == self._asked)
        for verb, button in (("extend", self.extend), ("note", self.note)):
            _allow(button, self._why_not(verb), TIPS[verb])

    def _why_not(self, verb: str) -> str:
        return why_not(verb, self._status, in_control=self.desk.in_control)

    def _has_come(self, verb: str) -> bool:
        state = "idle" if self._status is None or self._status["outcome"] is not None else self._status["state"]
        return (
            state
            in {
                "pause": ("paused", "stopping", "aborting", "analysing", "idle", "broken"),
                "resume": ("running", "stopping", "aborting", "analysing", "idle", "broken"),
                "stop": ("stopping", "aborting", "analysing", "idle", "broken"),
                "abort": ("idle", "broken"),
            }[verb]
        )

    def _extend(self, seconds: float) -> None:
        self.extend.menu().close()
        self.desk.commands.do("extend", seconds)

    def _open_note(self) -> None:
        self.note_field.open_below(self.note)

    def _note(self, text: str) -> None:
        self.desk.commands.do("note", text, author=operator_of(self.desk.settings))


def _allow(button: QPushButton, why: str, tip: str, *, busy: bool = False) -> None:
    allow(button, f"{why}\n{tip}" if why else tip, allowed=not why and not busy)


def _keep_width(button: QPushButton, texts: Iterable[str]) -> None:
    """Make a button as wide as the longest of its texts, so that its neighbours do not move."""
    metrics = button.fontMetrics()
    button.setMinimumWidth(max(map(metrics.horizontalAdvance, texts)) + 3 * metrics.averageCharWidth())
