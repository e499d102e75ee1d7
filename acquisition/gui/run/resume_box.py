"""Offers to let the last run that was broken off go on where it was."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow
from acquisition.gui.run.progress import clock_time
from acquisition.gui.run.remembered import dismiss, is_dismissed
from acquisition.gui.view import Desk
from acquisition.numbers import duration
from acquisition.session import ChangedError


class ResumeBox(QWidget):
    """Hidden unless there is a run that can be resumed and that nobody has given up."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._run: Mapping[str, Any] | None = None
        self._busy, self._attended = False, True
        self.text, self.problem = QLabel(), QLabel()
        for label in (self.text, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.resume, self.anyway, self.leave = (
            QPushButton("Resume run"),
            QPushButton("Resume anyway"),
            QPushButton("Leave it"),
        )
        self.resume.clicked.connect(lambda: self._resume(allow_changes=False))
        self.anyway.clicked.connect(lambda: self._resume(allow_changes=True))
        self.leave.clicked.connect(self._leave)
        self.leave.setToolTip("Does not offer this run again; it stays in the list of runs.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        for button in (self.resume, self.anyway, self.leave):
            row.addWidget(button)
        row.addStretch(1)
        column.addWidget(self.text)
        column.addWidget(self.problem)
        column.addLayout(row)
        self._show(None)

    def ask(self) -> None:
        """Ask the session which run was broken off last."""
        self._desk.commands.do("runs", {"resumable": True}, then=self._take)

    def look(self, *, idle: bool, attended: bool) -> None:
        """Enable what may be done; hidden while a run goes on."""
        self._attended = attended
        self.setVisible(self._run is not None and idle)
        for button, tip in (
            (self.resume, "Sets the instruments as they were, keeps what was measured and goes on from there."),
            (self.anyway, "Goes on although something is different now; the journal says what."),
        ):
            in_control = self._desk.in_control
            allow(button, tip if in_control else LOOKS_ON, allowed=in_control and not self._busy)

    def _take(self, done: Done) -> None:
        newest = next((run for run in done.result or () if _of_rig(run, self._desk.rig)), None)
        given_up = newest is not None and is_dismissed(self._desk.settings, str(newest["path"]))
        self._show(None if given_up else newest)

    def _show(self, run: Mapping[str, Any] | None) -> None:
        self._run, self._busy = run, False
        self.resume.setText("Resume run")
        self.problem.hide()
        self.anyway.hide()
        if run is not None:
            self.text.setText(_offer(run))
        self.setVisible(run is not None)

    def _resume(self, *, allow_changes: bool) -> None:
        if self._run is not None:
            self._busy = True
            self.resume.setText("Resuming …")
            for button in (self.resume, self.anyway):
                allow(button, "It is being resumed.", allowed=False)
            run = str(self._run["path"])
            self._desk.commands.do("resume_run", run, allow_changes, self._attended, then=self._resumed)

    def _resumed(self, done: Done) -> None:
        self._busy = False
        self.resume.setText("Resume run")
        if done.error is None:
            self._show(None)
            return
        self.problem.setText(str(done.error))
        self.problem.show()
        self.anyway.setVisible(isinstance(done.error, ChangedError))

    def _leave(self) -> None:
        if self._run is not None:
            dismiss(self._desk.settings, str(self._run["path"]))
        self._show(None)


def _of_rig(run: Mapping[str, Any], rig: str) -> bool:
    """Whether a run was made on a rig, by its name or file; one that does not say may have been."""
    return run.get("rig") is None or Path(str(run["rig"])).stem == Path(rig).stem


def _offer(run: Mapping[str, Any]) -> str:
    when = ""
    if run.get("started_at"):
        when = f" of {clock_time(datetime.fromisoformat(str(run['started_at'])), datetime.now(UTC))}"
    points = int(run.get("points") or 0)
    done = f"{points} point{'s' if points != 1 else ''} begun"
    if run.get("measured_s"):
        done += f", {duration(float(run['measured_s']))} measured"
    return f"The run {run['name']}{when} was broken off ({run['outcome']}, {done}). It can go on where it was."
