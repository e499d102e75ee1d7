"""How the page of the queue is laid out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from acquisition.gui.run.queue_model import QueueModel
from acquisition.gui.run.queue_rows import HEADS

_OF_QUEUE = {
    "start": ("Start queue", "Carries out what waits, one run after the other, and releases a hold of the queue."),
    "stop": ("Stop after this run", "The present run goes on to its end; nothing more is started after it."),
    "clear": ("Clear finished", "Takes out all entries that have ended; their run folders stay."),
}
_OF_ENTRY = {
    "up": ("Up", "Runs it earlier; rows can be dragged, too."),
    "down": ("Down", "Runs it later; rows can be dragged, too."),
    "hold": ("Hold", "A held entry is passed over until it is released."),
    "edit": ("Change …", "What is replaced in its sequence, and what follows if it fails or is interrupted."),
    "repeat": ("Duplicate", "Adds the same once more at the end."),
    "remove": ("Remove", "Takes it out of the queue; a run folder stays."),
}
NOTHING_WAITS = "nothing waits"
"""Why a queue stopped that had carried out all: the number of those that wait says it already."""

_EMPTY = "The queue is empty. “Add to queue” in the Run panel puts the chosen sequence here."


class QueuePanel:
    """Table and buttons of the queue, placed in their page.

    Parameters
    ----------
    owner : QWidget
        The page.
    model : QueueModel
        What the table shows.
    """

    tips: Mapping[str, str] = MappingProxyType({name: tip for name, (_, tip) in {**_OF_QUEUE, **_OF_ENTRY}.items()})

    def __init__(self, owner: QWidget, model: QueueModel) -> None:
        self.state, self.problem = QLabel(), QLabel()
        for label in (self.state, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setObjectName("problem")
        self.problem.hide()
        self.table = _table(model)
        self.buttons = {name: QPushButton(text) for name, (text, _) in {**_OF_QUEUE, **_OF_ENTRY}.items()}
        column = QVBoxLayout(owner)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.state, 1)
        for name in _OF_QUEUE:
            top.addWidget(self.buttons[name])
        for name in _OF_ENTRY:
            bottom.addWidget(self.buttons[name])
        bottom.addStretch(1)
        column.addLayout(top)
        column.addWidget(self.problem)
        column.addWidget(self.table, 1)
        column.addLayout(bottom)

    def show_words(self, words: str) -> None:
        """Say what the queue does."""
        if words != self.state.text():
            self.state.setText(words)

    def show_problem(self, problem: str) -> None:
        """Say what the session refused; empty: nothing."""
        self.problem.setText(f"Refused: {problem}" if problem else "")
        self.problem.setVisible(bool(problem))


def queue_words(queue: Mapping[str, Any] | None) -> str:
    """Return what the queue does, why it is held, and why it stopped last."""
    if queue is None:
        return "Asking for the queue …"
    if not queue["entries"]:
        return _EMPTY
    held = sum(entry["state"] == "waiting" and bool(entry.get("held")) for entry in queue["entries"])
    waiting = sum(entry["state"] == "waiting" for entry in queue["entries"]) - held
    state = {
        "idle": "The queue is not being carried out",
        "running": "The queue is being carried out",
        "ending": "The queue ends after the present run",
    }.get(str(queue["state"]), str(queue["state"]))
    parts = [f"{state}; {waiting} waiting{f', {held} held' if held else ''}."]
    if queue.get("hold_reason"):
        parts.append(f"Held: {queue['hold_reason']}.")
    if queue.get("message") and queue["message"] != NOTHING_WAITS:
        parts.append(f"Stopped last because: {queue['message']}.")
    return " ".join(parts)


def _table(model: QueueModel) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
    table.setDefaultDropAction(Qt.DropAction.MoveAction)
    table.setDragDropOverwriteMode(False)
    table.setDropIndicatorShown(True)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.verticalHeader().hide()
    head = table.horizontalHeader()
    head.setHighlightSections(False)
    widths = {
        "No.": 5,
        "Sequence": 16,
        "Sample": 12,
        "Dot": 7,
        "State": 15,
        "Starts": 13,
        "Ends": 13,
        "Takes": 8,
        "Changes": 36,
    }
    for at, name in enumerate(HEADS):
        if name in widths:
            head.resizeSection(at, widths[name] * table.fontMetrics().averageCharWidth())
    head.setSectionResizeMode(len(HEADS) - 1, QHeaderView.ResizeMode.Stretch)
    return table
