"""The numbers of the states with their errors, as a table."""

from collections.abc import Mapping
from html import escape
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QGuiApplication
from qtpy.QtWidgets import QLabel, QScrollArea, QSplitter, QTableWidget, QTableWidgetItem, QToolButton, QVBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.live.number_rows import (
    as_csv,
    as_text,
    facts,
    missing_rows,
    quantities_of,
    state_cell,
    table_rows,
    why_missing,
)
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.report.words import NOT_FOUND, QUANTITIES, STATES, state_text

_READ_ONLY = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled


@view(
    "numbers", "Numbers with errors", Place.LIVE, order=68, shows=("numbers",),
    tip="Lifetime, efficiency, energies, PP fraction and rates of each state with their standard errors, by the last "
    "analysis of everything recorded so far. Where a number is missing, the tooltip says why.",
)  # fmt: skip
class NumbersPanel(StatePanel):
    """A row for each state, and below it what is known once and what is missing."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.results: Mapping[str, Any] = {}
        self._cascades = 0
        self.copy_text = self._button("Copy text", "Copy the table as text in columns.")
        self.copy_csv = self._button("Copy CSV", "Copy all values and errors with all their digits, for a spreadsheet.")
        self.copy_text.clicked.connect(lambda: _to_clipboard(as_text(table_rows(self.results))))
        self.copy_csv.clicked.connect(lambda: _to_clipboard(as_csv(self.results)))
        self.row.addStretch(1)
        self.table = QTableWidget()
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.more = QLabel()
        self.more.setWordWrap(True)
        self.more.setTextFormat(Qt.TextFormat.RichText)
        self.more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.more.setMargin(4)
        scroll = QScrollArea()
        scroll.setWidget(self.more)
        scroll.setWidgetResizable(True)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(scroll)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(splitter)

    def content(self, said: Said) -> Mapping[str, Any] | None:
        """Return the newest numbers."""
        found = said.panels.get("numbers")
        self.results = (found or {}).get("results") or {}
        self._cascades = int((found or {}).get("cascades") or 0)
        for button in (self.copy_text, self.copy_csv):
            button.setEnabled(bool(self.results.get("states")))
        return None if found is None else {**found, "values": {"results": self.results} if self.results else {}}

    def why_nothing(self) -> str:
        """Return nothing: what is missing stands among the numbers."""
        return ""

    def draw_figures(self, figures: StateFigures) -> str:
        """Fill the table."""
        results = self.results
        keys = quantities_of(results)
        found = [state for state in STATES if state in results.get("states", {})]
        self.table.setColumnCount(1 + len(keys))
        self.table.setRowCount(len(found))
        self.table.setHorizontalHeaderLabels(["state", *(QUANTITIES[key] for key in keys)])
        for row, state in enumerate(found):
            name = _item(state_text(state))
            name.setForeground(QColor(self.desk.theme.states[state]))
            font = name.font()
            font.setBold(True)
            name.setFont(font)
            self.table.setItem(row, 0, name)
            for column, key in enumerate(keys, start=1):
                item = _item(state_cell(results, state, key))
                if item.text() == NOT_FOUND:
                    item.setToolTip(why_missing(results, state) or "The analysis could not tell it yet.")
                self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()
        self.table.resizeRowsToContents()
        heights = sum(self.table.rowHeight(row) for row in range(len(found)))
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setMaximumHeight(self.table.horizontalHeader().sizeHint().height() + heights + bar + 4)
        self.table.setVisible(bool(found))
        lines = [f"{escape(name)}: <b>{escape(text)}</b>" for name, text in facts(results, self._cascades)]
        warn = self.desk.theme.warn
        lines += [f'<span style="color: {warn}">{escape(text)}</span>' for text in missing_rows(results)]
        self.more.setText("<br>".join(lines))
        return ""

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setEnabled(False)
        self.row.addWidget(button)
        return button


def _item(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(_READ_ONLY)
    return item


def _to_clipboard(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
