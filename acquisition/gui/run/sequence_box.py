"""Which sequence is to be started: a shipped one, one that was used lately, or any file."""

from pathlib import Path

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from acquisition.config import ConfigError
from acquisition.gui.dialogs import Answer, ask
from acquisition.gui.file_dialogs import ask_file
from acquisition.gui.forms.field import WheelGuard
from acquisition.gui.run.remembered import forget_file, recent_files, remember_file
from acquisition.gui.sequence_editor.document import document_of, shipped_sequences
from acquisition.gui.view import Desk


class SequenceBox(QWidget):
    """Chooses the sequence that the window edits and starts; `problem` tells why one could not be read."""

    problem = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._document = document_of(desk)
        self._shipped = {name: str(path) for name, path in shipped_sequences().items()}
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
            for name, path in self._shipped.items():
                self.choice.addItem(name, path)
            present = "" if self._document.path is None else str(self._document.path)
            for path in dict.fromkeys([*recent_files(self._desk.settings), present]):
                if path and self.choice.findData(path) < 0:
                    self.choice.addItem(f"{Path(path).name}  ({Path(path).parent})", path)
            if not present:
                self.choice.addItem(f"{self._document.name or 'new'} (not saved)", "")
            self.choice.setCurrentIndex(self.choice.findData(present))
        self.choice.setToolTip(present or "Not saved in a file yet.")
        self.changed_sign.setVisible(self._document.dirty)

    def _chosen(self) -> None:
        path = str(self.choice.currentData() or "")
        if path and (self._document.path is None or path != str(self._document.path)):
            self.take(path)

    def _open(self) -> None:
        start = str(self._document.path.parent) if self._document.path else ""
        ask_file(self, "Open a sequence", start, "Sequences (*.yaml *.yml)", self.take)

    def take(self, path: str) -> None:
        """Read a sequence file, unless changes of the present one would be lost and a person wants to keep them."""
        self.show_document()  # what was chosen is not there yet
        if not self._document.dirty:
            self._read(path)
            return
        text = f"The changes of {self._document.name} are not saved. Open the other sequence and lose them?"
        ask(self, "Changes are not saved", text, [Answer("Discard", lambda: self._read(path))])

    def _read(self, path: str) -> None:
        try:
            self._document.open(Path(path))
        except (ConfigError, OSError) as error:
            self.problem.emit(str(error))
            if isinstance(error.__cause__, FileNotFoundError):
                forget_file(self._desk.settings, path)
        else:
            if not self._document.shipped:
                remember_file(self._desk.settings, str(self._document.path))
        self.show_document()
