"""Which sequence is to be started: a shipped one, one that was used lately, or any file."""

from pathlib import Path

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from acquisition.config import ConfigError, find_config, shipped_names
from acquisition.gui.forms.field import WheelGuard
from acquisition.gui.run.remembered import recent_files, remember_file
from acquisition.gui.sequence_editor.document import document_of
from acquisition.gui.view import Desk


class SequenceBox(QWidget):
    """Chooses the sequence that the window edits and starts; `problem` tells why one could not be read."""

    problem = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._document = document_of(desk)
        self.choice = QComboBox()
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.setToolTip("What is done, step by step: shipped sequences first, then files that were used lately.")
        WheelGuard(self.choice)
        self.open = QPushButton("Open …")
        self.open.setToolTip("Choose another sequence file.")
        self.edit = QPushButton("Edit")
        self.edit.setToolTip("Shows the steps of the sequence on the Sequence page, where they can be changed.")
        self.changed_sign = QLabel("Changed, not saved")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.choice, 0, 0, 1, 3)
        grid.addWidget(self.changed_sign, 1, 0)
        grid.addWidget(self.open, 1, 1)
        grid.addWidget(self.edit, 1, 2)
        grid.setColumnStretch(0, 1)
        self.choice.activated.connect(self._chosen)
        self.open.clicked.connect(self._open)
        self.edit.clicked.connect(lambda: desk.show("sequence"))
        self._document.changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """Show which sequence is the one of the window, and whether it was changed."""
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for name in shipped_names("sequences"):
                self.choice.addItem(name, str(find_config("sequences", name)))
            recent = [path for path in recent_files(self._desk.settings) if Path(path).is_file()]
            present = "" if self._document.path is None else str(self._document.path.resolve())
            for path in dict.fromkeys([*recent, present]):
                if path and self.choice.findData(path) < 0:
                    self.choice.addItem(f"{Path(path).name}  ({Path(path).parent})", path)
            if not present:
                self.choice.addItem(f"{self._document.name or 'new'} (not saved)", "")
            self.choice.setCurrentIndex(self.choice.findData(present))
        self.choice.setToolTip(present or "Not saved in a file yet.")
        self.changed_sign.setVisible(self._document.dirty)

    def _chosen(self) -> None:
        path = str(self.choice.currentData() or "")
        if path and (self._document.path is None or Path(path) != self._document.path.resolve()):
            self.take(path)

    def _open(self) -> None:
        start = str(self._document.path.parent) if self._document.path else ""
        path, _ = QFileDialog.getOpenFileName(self, "Open a sequence", start, "Sequences (*.yaml *.yml)")
        if path:
            self.take(path)

    def take(self, path: str) -> None:
        """Read a sequence file, unless changes of the present one would be lost and a person wants to keep them."""
        if not self._document.dirty or self._may_be_lost():
            try:
                self._document.open(Path(path))
            except (ConfigError, OSError) as error:
                self.problem.emit(str(error))
            else:
                if find_shipped(path) is None:
                    remember_file(self._desk.settings, path)
        self.show_document()

    def _may_be_lost(self) -> bool:
        name = self._document.name
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self,
            "Changes are not saved",
            f"The changes of {name} are not saved. Open the other sequence and lose them?",
            buttons.Discard | buttons.Cancel,
            buttons.Cancel,
        )
        return answer == buttons.Discard


def find_shipped(path: str) -> str | None:
    """Return the name of a sequence that comes with the program; None for any other file."""
    return next((name for name in shipped_names("sequences") if str(find_config("sequences", name)) == path), None)
