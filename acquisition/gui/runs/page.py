"""The runs that were made: finding, reading, comparing, analysing anew, resuming, judging."""

from functools import partial
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.runs.actions import RunActions
from acquisition.gui.runs.columns import Run
from acquisition.gui.runs.compare import Comparison
from acquisition.gui.runs.details import details_page
from acquisition.gui.runs.differences_table import DifferencesTable
from acquisition.gui.runs.filters import FilterBar
from acquisition.gui.runs.overlay_plots import DecaysOverlay, NumbersOverlay, Overlay, SpectraOverlay
from acquisition.gui.runs.table import RunsTable
from acquisition.gui.view import Desk, Place, View

NO_RUNS = "No runs here yet."
NONE_FITS = "No run fits these filters."


@view(
    "runs", "Runs", Place.PAGE, order=50,
    tip="All runs below the folder of results: what was measured when, on which sample, and what came of it. Select "
    "several to lay their spectra, decays and numbers over each other.",
)  # fmt: skip
class RunsPage(View):
    """List of runs above, what is selected below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.filters, self.table, self.verbs = FilterBar(), RunsTable(desk), RunActions(desk)
        self.comparison = Comparison(desk, self._show_compared)
        self.about = QTextBrowser()
        self.about.setOpenLinks(False)
        self.overlays: dict[str, Overlay | DifferencesTable] = {
            "Spectra": SpectraOverlay(desk), "Decays": DecaysOverlay(desk), "Numbers": NumbersOverlay(desk),
            "Differences": DifferencesTable(desk),
        }  # fmt: skip
        self.tabs = QTabWidget()  # gives way: with large letters the window must not become wider than the screen
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.tabs.addTab(self.about, "Run")
        for title, widget in self.overlays.items():
            self.tabs.addTab(widget, title)
        self.count, self.missing = QLabel(), QLabel()
        self.again = QToolButton()
        self.again.setText("Refresh")
        self.again.setToolTip("Read the list of runs again.")
        self.again.clicked.connect(self.refresh)
        self._said: tuple[str, dict[str, Any]] | None = None
        self._ran = False
        self._newest = 0
        self._lay_out()
        self.filters.changed.connect(self.refresh)
        self.table.selected.connect(self._selected)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.verbs.changed.connect(self._run_changed)
        self._selected()

    def _lay_out(self) -> None:
        for label in (self.count, self.missing):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setContentsMargins(6, 2, 6, 2)
        upper, lower, foot = QWidget(), QWidget(), QWidget()
        below = QHBoxLayout(foot)
        below.setContentsMargins(0, 0, 4, 0)
        below.addWidget(self.count, 1)
        below.addWidget(self.again)
        for widget, parts in ((upper, (self.filters, self.table, foot)),
                              (lower, (self.verbs, self.missing, self.tabs))):  # fmt: skip
            column = QVBoxLayout(widget)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            for part in parts:
                column.addWidget(part, 1 if part in (self.table, self.tabs) else 0)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(upper)
        splitter.addWidget(lower)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([1000, 1000])  # else the list begins with three rows
        splitter.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    # what the window tells

    def show_said(self, said: Said) -> None:
        """Read the list again when a run begins or ends."""
        runs = goes_on(said.status)
        if said.status is not None and runs is not self._ran:
            self._ran, self._said = runs, None
            self.refresh()
        self.verbs.follow(said.status)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Read the list again."""
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for overlay in self.overlays.values():
            overlay.restyle()
        self._show_details()

    def busy_because(self) -> str:
        """Return what goes on with runs; it ends by itself, but nobody will be told."""
        busy = self.verbs.busy()
        return f"{', '.join(busy)} is not over" if busy else ""

    # reading

    def refresh(self) -> None:
        """Read the list of runs again."""
        wanted = self.filters.wanted()
        self._newest += 1
        arguments = (wanted,) if wanted else ()
        self.desk.commands.do("runs", *arguments, then=partial(self._take_runs, self._newest, bool(wanted)))

    def _take_runs(self, number: int, filtered: bool, done: Done) -> None:
        if done.error is not None:
            self.count.setText(f"\N{WARNING SIGN} {done.error}")
            return
        if number != self._newest:  # one that was asked for later tells it
            return
        runs: list[Run] = list(done.result)
        self.table.show_runs(runs)
        nothing = NONE_FITS if filtered else NO_RUNS
        self.count.setText(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}" if runs else nothing)

    def _selected(self) -> None:
        runs = self.table.chosen
        self.verbs.choose(runs)
        self.comparison.choose(runs)
        one = str(runs[0]["path"]) if len(runs) == 1 else None
        if one is None:
            self._said = None
        elif self._said is None or self._said[0] != one:
            self._said = None
            self._read(one)
        self._show_details()
        self._tab_changed()

    def _read(self, path: str) -> None:
        self.desk.commands.do("read", path, then=partial(self._take_read, path))

    def _take_read(self, path: str, done: Done) -> None:
        runs = self.table.chosen
        if len(runs) != 1 or runs[0]["path"] != path:
            return
        self._said = path, dict(done.result) if done.error is None else {}
        self.verbs.take_report(self._said[1].get("report"))
        self._show_details()

    def _show_details(self) -> None:
        runs = self.table.chosen
        if len(runs) == 1:
            said = self._said[1] if self._said is not None and self._said[0] == runs[0]["path"] else None
            self.about.setHtml(details_page(runs[0], said, self.desk.theme))
        elif runs:
            names = "\n".join(f"{run['name']}  {run['path']}" for run in runs)
            self.about.setPlainText(f"{len(runs)} runs are selected; the other tabs compare them.\n\n{names}")
        else:
            self.about.setPlainText("Select a run in the list to read what is known of it.")

    # comparing

    def _tab_changed(self, *_: Any) -> None:
        if self.tabs.currentIndex() > 0:
            self.comparison.fetch()
        self._show_compared()

    def _show_compared(self) -> None:
        shown = self.tabs.currentIndex() > 0
        self.missing.setText(self.comparison.says if shown else "")
        self.missing.setVisible(bool(self.missing.text()))
        if shown:
            self.overlays[self.tabs.tabText(self.tabs.currentIndex())].show_measured(self.comparison.measured)

    def _run_changed(self, path: str) -> None:
        self.comparison.forget(path)
        if self._said is not None and self._said[0] == path:
            self._read(path)
        self._tab_changed()
        self.refresh()
