"""The queue as a table whose rows can be dragged; what was asked for is shown as pending until the session says it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from qtpy.QtGui import QColor, QFont

from acquisition.gui.run.queue_rows import FINISHED, HEADS, TIPS, may, position_after_drop, position_of, row_of
from acquisition.gui.view import Desk

MIME = "application/x-cascadescope-queue-entry"
_STATE = HEADS.index("State")
_COLOURS = {"failed": "bad", "aborted": "bad", "interrupted": "warn", "running": "accent", "completed": "good"}
_NO_PARENT = QModelIndex()


class QueueModel(QAbstractTableModel):
    """Rows are entries, finished ones first; `moved` carries the number and the wanted place of a dragged one."""

    moved = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.entries: tuple[Mapping[str, Any], ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self._pending: dict[int, str] = {}

    def show_entries(self, entries: Sequence[Mapping[str, Any]], pending: Mapping[int, str]) -> bool:
        """Show entries, and what was asked for some of them; return whether rows have come, gone or moved."""
        now = datetime.now(UTC)
        rows = [row_of(entry, now) for entry in entries]
        same = [entry["id"] for entry in entries] == [entry["id"] for entry in self.entries]
        if same:
            if (rows, dict(pending)) != (self._rows, self._pending):
                self.entries, self._rows, self._pending = tuple(entries), rows, dict(pending)
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADS) - 1))
            self.entries = tuple(entries)
            return False
        self.beginResetModel()
        self.entries, self._rows, self._pending = tuple(entries), rows, dict(pending)
        self.endResetModel()
        return True

    def entry_at(self, row: int) -> Mapping[str, Any] | None:
        """Return the entry of a row; None if there is none."""
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def row_of_entry(self, entry_id: int) -> int:
        """Return the row of an entry; -1 if it is gone."""
        return next((row for row, entry in enumerate(self.entries) if entry["id"] == entry_id), -1)

    # what Qt asks

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:  # noqa: N802
        """Return the number of entries."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:  # noqa: N802
        """Return the number of columns."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        texts = {Qt.ItemDataRole.DisplayRole: HEADS, Qt.ItemDataRole.ToolTipRole: TIPS}
        return texts[Qt.ItemDataRole(role)][section] if role in texts else None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, tooltip, colour and font of a cell."""
        entry = self.entry_at(index.row())
        if entry is None:
            return None
        pending = self._pending.get(int(entry["id"]), "")
        match role:
            case Qt.ItemDataRole.DisplayRole:
                text = self._rows[index.row()][index.column()]
                return pending if pending and index.column() == _STATE else text
            case Qt.ItemDataRole.ToolTipRole:
                return self._rows[index.row()][index.column()] or None
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self._colour(entry, index.column()))
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setItalic(bool(pending))
                font.setBold(entry["state"] == "running")
                return font
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Return which rows can be dragged; every place is one to drop at."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if self._desk.in_control and may("move", self.entry_at(index.row())):
            found |= Qt.ItemFlag.ItemIsDragEnabled
        return found

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Return that rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Return what can be dropped here."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Return the number of the dragged entry."""
        data = QMimeData()
        entry = self.entry_at(indexes[0].row()) if indexes else None
        if entry is not None:
            data.setData(MIME, str(entry["id"]).encode())
        return data

    def dropMimeData(  # noqa: N802
        self,
        data: QMimeData,
        action: Qt.DropAction,
        row: int,
        column: int,
        parent: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Ask for the new place of a dragged entry; the rows stay until the session says otherwise."""
        if data.hasFormat(MIME) and action is Qt.DropAction.MoveAction:
            entry_id = int(bytes(data.data(MIME).data()).decode())
            before = row if row >= 0 else parent.row() if parent.isValid() else len(self.entries)
            position = position_after_drop(self.entries, entry_id, before)
            if position != position_of(self.entries, entry_id):
                self.moved.emit(entry_id, position)
        return False

    def _colour(self, entry: Mapping[str, Any], column: int) -> str:
        theme, state = self._desk.theme, str(entry["state"])
        if column == _STATE and state in _COLOURS:
            return str(getattr(theme, _COLOURS[state]))
        return theme.faint if state in FINISHED or entry.get("held") else theme.text
