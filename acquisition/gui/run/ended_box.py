"""How the last run ended: its report, its folder, and whether the dot is kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.run import opening
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow, light
from acquisition.gui.run.progress import outcome_words
from acquisition.gui.view import Desk

_KEEP, _REJECT = "Keep dot", "Reject dot"


class EndedBox(QWidget):
    """Hidden until a run has ended."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run = ""
        self._verdict: Literal["keep", "reject"] | None = None
        self._has_report = self._was_opened = False
        self.text, self.problem = QLabel(), QLabel()
        for label in (self.text, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report = QPushButton("Open report")
        self.report.clicked.connect(self._open_report)
        self.folder = QPushButton("Open folder")
        self.folder.setToolTip("Shows the files of the run: photons, journal, results.")
        self.folder.clicked.connect(lambda: self._open(Path(self._run)))
        self.keep, self.reject = QPushButton(_KEEP), QPushButton(_REJECT)
        for button, verdict in ((self.keep, "keep"), (self.reject, "reject")):
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, verdict=verdict: self._mark(verdict))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        grid = QGridLayout()
        for at, button in enumerate((self.report, self.folder, self.keep, self.reject)):
            grid.addWidget(button, at // 2, at % 2)
        column.addLayout(grid)
        column.addWidget(self.problem)
        self.problem.hide()
        self.hide()

    @property
    def run(self) -> str:
        """Folder of the run that is shown; empty if there is none."""
        return self._run

    @property
    def comes_next(self) -> bool:
        """Whether there is a report that nobody has opened yet."""
        return not self.isHidden() and self._has_report and not self._was_opened

    def show_run(self, status: Mapping[str, Any]) -> None:
        """Show a run that has ended, as `Session.status` says it."""
        text = _ended_words(status)
        if str(status["run"]) != self._run:
            self._run, self._verdict = str(status["run"]), None
            self._has_report = self._was_opened = False
            self.problem.hide()
            run = self._run
            self._desk.commands.do("read", run, then=lambda done: self._take(run, done))
        self.text.setText(text)
        self.show()
        self.look()

    def look(self) -> None:
        """Enable what may be done."""
        shows = "Shows results with errors, fits and figures in the browser."
        none = "There is no report: nothing was analysed."
        allow(self.report, shows if self._has_report else none, allowed=self._has_report)
        light(self.report, self._desk.theme, on=self.comes_next)
        for button, verdict, tip in (
            (self.keep, "keep", "Writes into the run that this dot is worth measuring again; again: takes it back."),
            (self.reject, "reject", "Writes into the run that this dot is not worth more; again: takes it back."),
        ):
            button.setChecked(self._verdict == verdict)
            button.setText(("✓ " if self._verdict == verdict else "") + (_KEEP if verdict == "keep" else _REJECT))
            allow(button, tip if self._desk.in_control else LOOKS_ON, allowed=self._desk.in_control)

    def _take(self, run: str, done: Done) -> None:
        """Take from the run folder whether there is a report, and what was thought of the dot."""
        if run != self._run:
            return
        found = done.result or {}
        self._has_report = found.get("report") is not None
        verdict = ((found.get("run") or {}).get("judgement") or {}).get("verdict")
        self._verdict = verdict if verdict in ("keep", "reject") else None
        if done.error is not None:
            self._complain(str(done.error))
        self.look()

    def _open_report(self) -> None:
        self._was_opened = True
        self._open(Path(self._run) / "report.html")
        self.look()

    def _open(self, path: Path) -> None:
        if not opening.open_path(path):
            self._complain(f"{path}: the desktop knows no program that shows it; open it by hand")

    def _mark(self, verdict: Literal["keep", "reject"]) -> None:
        wanted = None if self._verdict == verdict else verdict
        self.look()
        run = self._run
        self._desk.commands.do("mark", run, wanted, then=lambda done: self._marked(run, wanted, done))

    def _marked(self, run: str, verdict: Literal["keep", "reject"] | None, done: Done) -> None:
        if run != self._run:
            return
        if done.error is not None:
            self._complain(str(done.error))
        else:
            self._verdict = verdict
            self.problem.hide()
        self.look()

    def _complain(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()


def _ended_words(status: Mapping[str, Any]) -> str:
    """Return how a run ended, with what went wrong and how much there is to be known."""
    text = f"{Path(str(status['run'])).name} {outcome_words(str(status['outcome']))}."
    if not status.get("ok") and status.get("message") and status["message"] != status.get("step"):
        text += f" {str(status['message']).rstrip('.')}."
    warnings = len(status.get("warnings") or ())
    return text + (f" {warnings} warning{'s' if warnings != 1 else ''}: see the report." if warnings else "")
