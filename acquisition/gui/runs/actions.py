"""What can be done with runs that are selected: open, analyse anew, resume, recover, judge."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt, QUrl, Signal
from qtpy.QtGui import QDesktopServices, QGuiApplication
from qtpy.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from superqt import QFlowLayout

from acquisition.gui.client.commands import Done
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow
from acquisition.gui.run.progress import goes_on
from acquisition.gui.runs.columns import Run
from acquisition.gui.view import Desk
from acquisition.session import ChangedError

NOTHING = "Select a run in the list."
ONLY_ONE = "Select one run only."
A_RUN_GOES_ON = "A run goes on; wait for its end."

_TIPS = {
    "report": "Opens the report in the web browser.",
    "folder": "Opens the folder of the run in the file manager.",
    "copy": "Copies the path of the run folder.",
    "analyse": "Analyses the recorded photons anew with the present program, and writes results and report anew. "
    "Takes up to minutes; everything else goes on meanwhile.",
    "make": "Writes the report anew from the stored analysis.",
    "resume": "Sets the instruments as they were, keeps what was measured and goes on with what is missing.",
    "anyway": "Goes on although this is different now; the journal says what.",
    "recover": "Makes recordings readable that a killed program left behind.",
    "keep": "Writes into the run that this dot is worth keeping, with the comment.",
    "reject": "Writes into the run that this dot is not worth keeping, with the comment.",
    "unjudge": "Takes the verdict on this dot back.",
}
_TEXTS = {
    "report": "Open report", "folder": "Open folder", "copy": "Copy path", "analyse": "Analyse anew",
    "make": "Make report", "resume": "Resume", "anyway": "Resume anyway", "recover": "Recover",
    "keep": "Keep", "reject": "Reject", "unjudge": "No verdict",
}  # fmt: skip
_READS_ONLY = ("report", "folder", "copy")
_WORDS = {"analyze": "Analysing", "report": "Writing the report of", "recover": "Recovering"}


class RunActions(QWidget):
    """Buttons for the selected runs, and what is being done with which run.

    `changed` is emitted with the path of a run that is not as it was.
    """

    changed = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._runs: list[Run] = []
        self._report: str | None = None
        self._status: Mapping[str, Any] = {}
        self._told: tuple[bool, bool, int] | None = None
        self._busy: dict[tuple[str, str], float] = {}
        self._refused: tuple[str, Exception] | None = None
        self.buttons = {name: QPushButton(text) for name, text in _TEXTS.items()}
        self.comment = QLineEdit()
        self.comment.setPlaceholderText("comment on the dot")
        self.comment.setToolTip("Written into the run together with the verdict.")
        self.comment.setFixedWidth(26 * self.fontMetrics().averageCharWidth())
        self.unattended = QCheckBox("Nobody stays with it")
        self.unattended.setToolTip(
            "For a run that is resumed: what only a person at the instruments can do then fails at once instead of "
            "asking, and a laser that no software can darken is not used."
        )
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.hide()
        flow = QFlowLayout()
        flow.setContentsMargins(4, 2, 4, 2)
        for name, button in self.buttons.items():
            if name == "keep":
                flow.addWidget(self.comment)
            flow.addWidget(button)
            if name == "anyway":
                flow.addWidget(self.unattended)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(flow)
        column.addWidget(self.says)
        self._connect()
        self.look()

    def _connect(self) -> None:
        acts = {
            "report": self._open_report,
            "folder": lambda: self._open(str(self._runs[0]["path"])),
            "copy": lambda: QGuiApplication.clipboard().setText("\n".join(str(run["path"]) for run in self._runs)),
            "analyse": lambda: self._for_each("analyze"),
            "make": lambda: self._for_each("report"),
            "resume": lambda: self._resume(allow_changes=False),
            "anyway": lambda: self._resume(allow_changes=True),
            "recover": lambda: self._for_each("recover"),
            "keep": lambda: self._judge("keep"),
            "reject": lambda: self._judge("reject"),
            "unjudge": lambda: self._judge(None),
        }
        for name, act in acts.items():
            self.buttons[name].clicked.connect(act)

    def choose(self, runs: Sequence[Run]) -> None:
        """Act on these runs from now on."""
        if [run["path"] for run in runs] != [run["path"] for run in self._runs]:
            self._report, self._refused = None, None
            self.comment.clear()
        self._runs = list(runs)
        self.look()

    def take_report(self, path: str | None) -> None:
        """Take where the report of the one selected run is; None if it has none."""
        self._report = path
        self.look()

    def follow(self, status: Mapping[str, Any] | None) -> None:
        """Take what the session does; told many times a second."""
        self._status = status or {}
        told = goes_on(status), self._desk.in_control, int(time.monotonic()) if self._busy else 0
        if told != self._told:
            self._told = told
            self.look()

    def look(self) -> None:
        """Enable what may be done now, and say what is being done."""
        for name, button in self.buttons.items():
            why = self._why_not(name)
            allow(button, why or _TIPS[name], allowed=not why)
        refused = self._refused is not None and self._is_one and self._refused[0] == self._runs[0]["path"]
        self.buttons["anyway"].setVisible(
            refused and self._refused is not None and isinstance(self._refused[1], ChangedError)
        )
        self.comment.setEnabled(not self._why_not("keep"))
        self.unattended.setEnabled(not self._why_not("resume"))
        lines = [f"{_WORDS[method]} {Path(path).name}… {time.monotonic() - began_s:.0f} s"
                 for (method, path), began_s in self._busy.items()]  # fmt: skip
        if refused and self._refused is not None:
            lines.append(f"\N{WARNING SIGN} {self._refused[1]}")
        if self.says.text() != "\n".join(lines):
            self.says.setText("\n".join(lines))
        self.says.setVisible(bool(lines))

    def busy(self) -> list[str]:
        """Return what is being done, for a person who is about to close the window."""
        return [f"{_WORDS[method]} {Path(path).name}" for method, path in self._busy]

    # insides

    @property
    def _is_one(self) -> bool:
        return len(self._runs) == 1

    def _why_not(self, name: str) -> str:
        """Return why something may not be done now; empty if it may."""
        if not self._runs:
            return NOTHING
        if not self._is_one and name not in ("copy", "analyse", "make"):
            return ONLY_ONE
        if name not in _READS_ONLY and not self._desk.in_control:
            return LOOKS_ON
        run = self._runs[0]
        if name == "report" and self._report is None:
            return "It has no report yet; make one."
        if name in ("analyse", "make", "recover") and any(each.get("outcome") == "running" for each in self._runs):
            return "It is going on."
        if name in ("resume", "anyway"):
            if goes_on(self._status):
                return A_RUN_GOES_ON
            if name == "resume" and not run.get("resumable") and not self._only_with_changes(run):
                return f"It cannot go on: {run.get('not_resumable_because') or 'its folder does not say how'}."
        if name == "recover" and run.get("outcome") not in ("killed", "aborted", "failed") and not run.get("problem"):
            return "Nothing is to be recovered: its recordings are whole."
        return ""

    @staticmethod
    def _only_with_changes(run: Run) -> bool:
        """Whether a run was stopped on purpose, and may still be told to go on."""
        return run.get("outcome") == "stopped"

    def _open_report(self) -> None:
        if self._report is not None:
            self._open(self._report)

    def _open(self, path: str) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            self.says.setText(f"No program of this computer opens {path}.")
            self.says.show()

    def _for_each(self, method: str) -> None:
        for run in self._runs:
            path = str(run["path"])
            if (method, path) not in self._busy:
                self._busy[method, path] = time.monotonic()
                self._desk.commands.do(method, path, then=partial(self._done, method, path))
        self.look()

    def _done(self, method: str, path: str, done: Done) -> None:
        self._busy.pop((method, path), None)
        self.changed.emit(path)
        self.look()

    def _resume(self, *, allow_changes: bool) -> None:
        path = str(self._runs[0]["path"])
        more = {"allow_changes": True} if allow_changes else {}
        if self.unattended.isChecked():
            more["attended"] = False
        self._refused = None
        self._desk.commands.do("resume_run", path, then=partial(self._resumed, path, allow_changes), **more)

    def _resumed(self, path: str, allow_changes: bool, done: Done) -> None:
        if done.error is not None and not allow_changes:
            self._refused = path, done.error
        elif done.error is None:
            self._desk.show("measure")
        self.changed.emit(path)
        self.look()

    def _judge(self, verdict: str | None) -> None:
        path = str(self._runs[0]["path"])
        self._desk.commands.do(
            "mark", path, verdict, self.comment.text().strip(), then=lambda done: self.changed.emit(path)
        )
