"""The tree of steps: which are chosen, which are folded, and keys to change them."""

from qtpy.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from qtpy.QtGui import QColor, QPalette, QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.sequence_editor.outline import Node
from acquisition.gui.sequence_editor.tree_model import AnyIndex, StepModel
from acquisition.gui.theme.themes import Theme


class StepTree(QTreeView):
    """Shows steps; `chosen` is emitted with the place of the present one when another one is chosen."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.steps = StepModel(theme)
        self.setModel(self.steps)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setStyleSheet("QTreeView::item { padding: 2px 0px; }")  # or ticks of neighbouring rows touch
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setAllColumnsShowFocus(True)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._folded: set[Place] = set()
        self.collapsed.connect(lambda index: self._folded.add(self.steps.node(index).place))
        self.expanded.connect(lambda index: self._folded.discard(self.steps.node(index).place))

    def show_outline(self, root: Node, theme: Theme, look_at: Place | None = None) -> None:
        """Show an outline; what was chosen and folded stays so, unless another place is to be looked at.

        Emits nothing.
        """
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(theme.faint))  # the style frames its ticks with it
        self.setPalette(palette)
        place, scrolled = look_at if look_at is not None else self.present(), self.verticalScrollBar().value()
        with QSignalBlocker(self):
            self.steps.show_outline(root, theme)
            for node in root.every():
                if node.children:
                    self.setExpanded(self.steps.index_of(node.place), node.place not in self._folded)
            self._fit()
            self.verticalScrollBar().setValue(scrolled)
            self.choose(place)

    def present(self) -> Place:
        """Return the place that was chosen last; empty if none."""
        return self.steps.node(self.currentIndex()).place

    def choose(self, place: Place) -> None:
        """Choose a place, or the nearest around it that is there."""
        while place and not self.steps.index_of(place).isValid():
            place = place[:-1]
        index = self.steps.index_of(place) if place else QModelIndex()
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)

    def selected(self) -> list[Place]:
        """Return the places of the steps that are chosen."""
        nodes = [self.steps.node(index) for index in self.selectionModel().selectedRows()]
        return [node.place for node in nodes if node.kind]

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: N802 - Qt's name
        """Tell which one it is now."""
        super().currentChanged(current, previous)
        self.chosen.emit(self.steps.node(current).place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Make the first and the last column as wide as they need, but leave room for the settings."""
        letter, width = self.fontMetrics().averageCharWidth(), self.viewport().width()
        needed = max(self.sizeHintForColumn(0), 20 * letter) + letter
        noted = max(self.sizeHintForColumn(2), 7 * letter) + letter
        self.setColumnWidth(0, min(needed, width // 2))
        self.setColumnWidth(2, min(noted, width // 5))
