"""The list of runs as a table that can be sorted, and keeps what is selected when it is filled anew."""

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QHeaderView, QTableView

from acquisition.gui.runs.columns import COLUMNS, Run
from acquisition.gui.view import Desk

SORT_ROLE = Qt.ItemDataRole.UserRole
_AT_THE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RunsModel(QAbstractTableModel):
    """Runs by rows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.runs: list[Run] = []

    def set_runs(self, runs: Sequence[Run]) -> None:
        """Replace all."""
        self.beginResetModel()
        self.runs = list(runs)
        self.endResetModel()

    def rowCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        """Return how many runs there are."""
        return len(self.runs) if parent is None or not parent.isValid() else 0

    def columnCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        """Return how many columns there are."""
        return len(COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return title and tip of a column."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            if role == Qt.ItemDataRole.ToolTipRole:
                return COLUMNS[section].tip
        return None

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what is shown in a cell."""
        run, column = self.runs[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run)
        if role == SORT_ROLE:
            return column.key(run)
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(run.get("problem") or column.text(run))
        if role == Qt.ItemDataRole.TextAlignmentRole and column.to_the_right:
            return _AT_THE_RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and run.get("problem"):
            return QColor(self._desk.theme.bad)
        return None


class _ByKey(QSortFilterProxyModel):
    """Sorts by what a column is sorted by, whatever that is."""

    def lessThan(self, left: Any, right: Any) -> bool:  # noqa: N802 - Qt's name
        """Return whether one run stands before another."""
        return bool(left.data(SORT_ROLE) < right.data(SORT_ROLE))


class RunsTable(QTableView):
    """Shows runs; the newest first until somebody sorts otherwise."""

    selected = Signal()
    """Emitted when others are selected."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._model = RunsModel(desk)
        self._sorted = _ByKey(self)
        self._sorted.setSourceModel(self._model)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setHighlightSections(False)
        self._fitted = False
        self._filling = False
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    @property
    def runs(self) -> list[Run]:
        """All runs, as they stand in the table."""
        return [self._run(self._sorted.index(row, 0)) for row in range(self._sorted.rowCount())]

    @property
    def chosen(self) -> list[Run]:
        """The runs that are selected, from above."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._run(self._sorted.index(row, 0)) for row in rows]

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs; those that were selected stay so."""
        before = {run["path"] for run in self.chosen}
        self._filling = True
        self._model.set_runs(runs)
        self.select_paths(before)
        self._filling = False
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        if runs and not self._fitted:
            self._fitted = True
            self.resizeColumnsToContents()
        self.selected.emit()

    def select_paths(self, paths: set[str]) -> None:
        """Select the runs of these folders."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().clearSelection()
        for row in range(self._sorted.rowCount()):
            index = self._sorted.index(row, 0)
            if self._run(index)["path"] in paths:
                self.selectionModel().select(index, flags.Select | flags.Rows)

    def _run(self, index: QModelIndex) -> Run:
        return self._model.runs[self._sorted.mapToSource(index).row()]

    def _selection_changed(self, *_: Any) -> None:
        if not self._filling:
            self.selected.emit()
