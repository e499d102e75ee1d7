"""The outline of a sequence as Qt's views want it: three columns, a tick for what is enabled, drag and drop."""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from qtpy.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from qtpy.QtGui import QColor, QFont

from acquisition.gui.sequence_editor.catalogue import what_it_does
from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.sequence_editor.outline import Node
from acquisition.gui.theme.themes import Theme

MIME = "application/x-cascadescope-steps"

COLUMNS = ("Step", "Settings", "Note")

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex

NOWHERE = QModelIndex()


class StepModel(QAbstractItemModel):
    """Shows an outline.

    `ticked` is emitted with the place of a step and whether it is to be enabled; `noted` with its place and note;
    `dropped` with the places of steps that were dragged, and the list and number where they were dropped.
    """

    ticked = Signal(object, bool)
    noted = Signal(object, str)
    dropped = Signal(object, object, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._root = Node((), "")

    def show_outline(self, root: Node, theme: Theme) -> None:
        """Show another outline."""
        self.beginResetModel()
        self._root, self._theme = root, theme
        self.endResetModel()

    def node(self, index: AnyIndex) -> Node:
        """Return what stands at an index; the whole sequence for none."""
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, Node) else self._root

    def index_of(self, place: Place) -> QModelIndex:
        """Return the index of a place; an invalid one if there is nothing."""
        for node in self._root.every():
            if node.place == place and node.parent is not None:
                return self.createIndex(node.parent.children.index(node), 0, node)
        return QModelIndex()

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        """Return the index of a child."""
        children = self.node(parent).children
        if 0 <= row < len(children) and 0 <= column < len(COLUMNS):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]
        """Return the index of what holds something."""
        above = self.node(index).parent
        if above is None or above.parent is None:
            return QModelIndex()
        return self.createIndex(above.parent.children.index(above), 0, above)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Return how many children there are."""
        return 0 if parent.column() > 0 else len(self.node(parent).children)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: AnyIndex, role: int = 0) -> Any:
        """Return text, tick, colour, font or tooltip."""
        node = self.node(index)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                sign = "! " if node.problems and role == Qt.ItemDataRole.DisplayRole else ""
                return (f"{sign}{node.title}", node.summary, node.note)[index.column()]
            case Qt.ItemDataRole.CheckStateRole if node.kind and index.column() == 0:
                return Qt.CheckState.Checked if node.enabled else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(node, index.column())
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self._colour(node))
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(not node.kind)
                font.setItalic(not _is_on(node))
                return font
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = 0) -> bool:  # noqa: N802 - Qt's name
        """Tell that somebody has ticked a step, or written a note to it."""
        node = self.node(index)
        if role == Qt.ItemDataRole.CheckStateRole:
            self.ticked.emit(node.place, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == COLUMNS.index("Note") and value != node.note:
            self.noted.emit(node.place, str(value))
            return True
        return False

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return what can be done with an item."""
        node = self.node(index)
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDropEnabled
        if node.kind:
            found |= Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsUserCheckable
            if index.column() == COLUMNS.index("Note"):
                found |= Qt.ItemFlag.ItemIsEditable
        elif node.parent is not None:
            found |= Qt.ItemFlag.ItemIsSelectable
        return found

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's name
        """Return that steps are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        """Return what can be dropped."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's name
        """Return what is dragged: the places of the steps."""
        places = list(dict.fromkeys(self.node(index).place for index in indexes))
        found = QMimeData()
        found.setData(MIME, json.dumps(places).encode())
        return found

    def dropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        """Tell that steps were dropped; returns False, as the outline follows from the sequence."""
        section, index = self.target(self.node(parent), row)
        if data.hasFormat(MIME) and section:
            places = [tuple(place) for place in json.loads(bytes(data.data(MIME).data()).decode())]
            self.dropped.emit(places, section, index)
        return False

    def target(self, node: Node, row: int = -1) -> tuple[Place, int]:
        """Return in which list, and before which number, steps go that are put on a node, or before a child of it."""
        if node.section:
            return node.section, row if row >= 0 else len(node.children)
        if node.kind and node.children:  # an `if`: what is put on it goes into its first list
            return node.children[0].section, len(node.children[0].children)
        if node.kind:
            return node.place[:-1], int(node.place[-1]) + 1
        return ("steps",), len(node.children[0].children) if node.children else 0

    def _colour(self, node: Node) -> str:
        if node.problems:
            return self._theme.bad
        return self._theme.text if node.kind and _is_on(node) else self._theme.faint

    def _tip(self, node: Node, column: int) -> str:
        if node.problems:
            return "\n".join(node.problems)
        if not node.kind:
            return "Steps can be dropped here."
        return (what_it_does(node.kind), node.summary, node.note or "Double-click to write a note")[column]


def _is_on(node: Node) -> bool:
    """Whether neither a step nor one around it is switched off."""
    return node.enabled and (node.parent is None or _is_on(node.parent))
