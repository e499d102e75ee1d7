"""The page of the queue: what ran, what runs, and what will run, in an order that is changed by dragging."""

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import QItemSelectionModel
from qtpy.QtWidgets import QTableView

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow, light
from acquisition.gui.run.queue_dialog import QueueDialog
from acquisition.gui.run.queue_model import QueueModel
from acquisition.gui.run.queue_panel import QueuePanel, queue_words
from acquisition.gui.run.queue_pending import Pending
from acquisition.gui.run.queue_rows import FINISHED, WAITING, may, position_of
from acquisition.gui.view import Desk, Place, View


@view("queue", "Queue", Place.PAGE, order=40, tip="Runs that are carried out one after the other.")
class QueueView(View):
    """A table of entries with buttons for the chosen one, and for the whole queue."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._queue: Mapping[str, Any] | None = None
        self._chosen: int | None = None
        self._pending, self._shown_pending = Pending(), dict[int, str]()
        self.model = QueueModel(desk)
        self.model.moved.connect(self._move)
        self.panel = panel = QueuePanel(self, self.model)
        panel.table.selectionModel().selectionChanged.connect(lambda *_: self._choose())
        panel.table.doubleClicked.connect(lambda _index: self._edit())
        acts: dict[str, Callable[[], None]] = {
            "start": self._start, "stop": self._stop, "clear": self._clear, "up": lambda: self._step(-1),
            "down": lambda: self._step(1), "hold": self._hold, "edit": self._edit, "repeat": self._repeat,
            "remove": self._remove,
        }  # fmt: skip
        for name, act in acts.items():
            panel.buttons[name].clicked.connect(lambda _checked=False, act=act: act())
        self._look()

    def show_said(self, said: Said) -> None:
        """Show the queue, unless a row is being dragged."""
        if said.queue is not None and self.panel.table.state() is not QTableView.State.DraggingState:
            pending = self._pending.see(said.queue)
            if said.queue is not self._queue or pending != self._shown_pending:
                self._queue, self._shown_pending = said.queue, pending
                if self.model.show_entries(said.queue["entries"], pending):
                    self._select_chosen()
        self._look()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.panel.table.viewport().update()
        self._look()

    # the chosen entry

    @property
    def chosen(self) -> Mapping[str, Any] | None:
        """The entry that is selected; None if there is none."""
        return None if self._chosen is None else self.model.entry_at(self.model.row_of_entry(self._chosen))

    def _choose(self) -> None:
        rows = self.panel.table.selectionModel().selectedRows()
        entry = self.model.entry_at(rows[0].row()) if rows else None
        self._chosen = None if entry is None else int(entry["id"])
        self._look()

    def _select_chosen(self) -> None:
        row = -1 if self._chosen is None else self.model.row_of_entry(self._chosen)
        if row < 0:
            self._chosen = None
            return
        flags = QItemSelectionModel.SelectionFlag
        index = self.model.index(row, 0)
        self.panel.table.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)

    # what is asked for

    def _move(self, entry_id: int, position: int) -> None:
        self._pending.ask(entry_id, "moving …", lambda entries: position_of(entries, entry_id) == position)
        self._do(entry_id, "queue_move", entry_id, position)

    def _step(self, by: int) -> None:
        place = None if self._chosen is None else position_of(self.model.entries, self._chosen)
        if place is not None and self._chosen is not None and 1 <= place + by <= self._waiting:
            self._move(self._chosen, place + by)

    def _hold(self) -> None:
        entry = self.chosen
        if entry is not None:
            held, number = not entry["held"], int(entry["id"])
            words = "being held …" if held else "being released …"
            self._pending.ask(number, words, lambda entries: _entry(entries, number).get("held") is held)
            self._do(number, "queue_edit", number, {"held": held})

    def _edit(self) -> None:
        entry = self.chosen
        if may("edit", entry) and entry is not None and self.desk.in_control:
            dialog = QueueDialog(entry, self.window())
            dialog.changed.connect(self._change)
            dialog.show()

    def _change(self, entry_id: int, changes: Mapping[str, Any]) -> None:
        self._pending.ask(
            entry_id,
            "being changed …",
            lambda entries: all(_entry(entries, entry_id).get(key) == value for key, value in changes.items()),
        )
        self._do(entry_id, "queue_edit", entry_id, dict(changes))

    def _repeat(self) -> None:
        if self._chosen is not None:
            self.desk.commands.do("queue_repeat", self._chosen, then=self._ended)

    def _remove(self) -> None:
        if self._chosen is not None:
            number = self._chosen
            self._pending.ask(number, "being removed …", lambda entries: not _entry(entries, number))
            self._do(number, "queue_remove", number)

    def _start(self) -> None:
        self.desk.commands.do("queue_start", then=self._ended)

    def _stop(self) -> None:
        self.desk.commands.do("queue_stop", then=self._ended)

    def _clear(self) -> None:
        self.desk.commands.do("queue_clear_finished", then=self._ended)

    def _do(self, entry_id: int, method: str, *arguments: Any) -> None:
        def ended(done: Done) -> None:
            self._pending.end(entry_id, refused=done.error is not None)
            self._ended(done)

        self.desk.commands.do(method, *arguments, then=ended)
        if self._queue is not None:
            self.model.show_entries(self._queue["entries"], self._pending.see(self._queue))

    def _ended(self, done: Done) -> None:
        self.panel.show_problem("" if done.error is None else str(done.error))

    # how it looks

    @property
    def _waiting(self) -> int:
        return sum(entry["state"] == WAITING for entry in self.model.entries)

    def _look(self) -> None:
        panel, entry = self.panel, self.chosen
        state = "" if self._queue is None else str(self._queue["state"])
        panel.show_words(queue_words(self._queue))
        place = None if self._chosen is None else position_of(self.model.entries, self._chosen)
        allowed = {
            "start": state in ("idle", "ending") and self._waiting > 0,
            "stop": state == "running",
            "clear": any(each["state"] in FINISHED for each in self.model.entries),
            "up": place is not None and place > 1,
            "down": place is not None and place < self._waiting,
            **{action: may(action, entry) for action in ("hold", "edit", "repeat", "remove")},
        }
        panel.buttons["hold"].setText("Release" if entry is not None and entry.get("held") else "Hold")
        for name, button in panel.buttons.items():
            in_control = self.desk.in_control
            allow(button, panel.tips[name] if in_control else LOOKS_ON, allowed=allowed[name] and in_control)
        light(panel.buttons["start"], self.desk.theme, on=state == "idle")


def _entry(entries: Any, entry_id: int) -> Mapping[str, Any]:
    return next((entry for entry in entries if entry["id"] == entry_id), {})
