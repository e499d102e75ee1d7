"""A table that says by how many standard errors the numbers of runs differ from those of one of them."""

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QGuiApplication
from qtpy.QtWidgets import QLabel, QTableWidget, QTableWidgetItem, QToolButton, QVBoxLayout, QWidget
from superqt import QFlowLayout

from acquisition.gui.forms.fields import ChoiceField
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.runs.measured import (
    DIFFERENCE_HEADINGS,
    Measured,
    difference_row,
    differences,
    differences_csv,
    legend_names,
)
from acquisition.gui.view import Desk
from acquisition.report.words import QUANTITIES

CLEAR_SIGMA = 3.0
"""A difference of more standard errors is marked."""

NEEDS_TWO = "Select at least two analysed runs in the list; hold Ctrl to select several."
_READ_ONLY = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled


class DifferencesTable(QWidget):
    """Differences of one quantity to a reference."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._measured: Sequence[Measured] = ()
        self.quantity = Toggles(QUANTITIES, "Which quantity is compared.")
        self.quantity.changed.connect(self.redraw)
        self.reference: ChoiceField | None = None
        self._number = 0
        self.copy = QToolButton()
        self.copy.setText("Copy CSV")
        self.copy.setToolTip("Copy the table with all digits, for a spreadsheet.")
        self.copy.clicked.connect(self._copy)
        self._row = QFlowLayout()
        self._row.setContentsMargins(4, 2, 4, 0)
        self._row.addWidget(self.quantity)
        self._row.addWidget(self.copy)
        self.says = QLabel(NEEDS_TWO)
        self.says.setWordWrap(True)
        self.says.setMargin(6)
        self.table = QTableWidget(0, len(DIFFERENCE_HEADINGS))
        self.table.setHorizontalHeaderLabels(list(DIFFERENCE_HEADINGS))
        self.table.verticalHeader().hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._row)
        column.addWidget(self.says)
        column.addWidget(self.table, 1)

    def show_measured(self, measured: Sequence[Measured]) -> None:
        """Compare these points."""
        self._measured = measured
        self._offer_references(legend_names(measured))
        self.redraw()

    def redraw(self) -> None:
        """Fill the table again."""
        names = legend_names(self._measured)
        found = differences(self._measured, self.quantity.one, self._number) if len(names) > 1 else []
        self.table.setRowCount(len(found))
        for row, each in enumerate(found):
            clear = each.sigma is not None and abs(each.sigma) > CLEAR_SIGMA
            for column, text in enumerate(difference_row(each, names)):
                last = column == len(DIFFERENCE_HEADINGS) - 1
                item = QTableWidgetItem(f"{text} \N{WARNING SIGN}" if clear and last else text)
                item.setFlags(_READ_ONLY)
                if clear:
                    item.setForeground(QColor(self.desk.theme.warn))
                    item.setToolTip(f"Differs by more than {CLEAR_SIGMA:g} standard errors.")
                self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()
        self.copy.setEnabled(bool(found))
        words = (
            NEEDS_TWO if len(names) < 2 else "" if found else "The reference and the others have no number in common."
        )
        self.says.setText(words)
        self.says.setVisible(bool(words))
        self.table.setVisible(not words)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.redraw()

    def _offer_references(self, names: Sequence[str]) -> None:
        if self.reference is not None:
            self._row.removeWidget(self.reference)
            self.reference.deleteLater()
            self.reference = None
        self._number = min(self._number, max(0, len(names) - 1))
        if len(names) < 2:
            return
        self.reference = ChoiceField({number: f"against {name}" for number, name in enumerate(names)})
        self.reference.set_value(self._number)
        self.reference.set_tip("The run that the others are compared with.")
        self.reference.setMinimumWidth(30 * self.fontMetrics().averageCharWidth())
        self.reference.committed.connect(self._refer)
        self._row.addWidget(self.reference)

    def _refer(self, number: int) -> None:
        self._number = number
        self.redraw()

    def _copy(self) -> None:
        names = legend_names(self._measured)
        found = differences(self._measured, self.quantity.one, self._number)
        QGuiApplication.clipboard().setText(differences_csv(found, names, self.quantity.one, names[self._number]))
