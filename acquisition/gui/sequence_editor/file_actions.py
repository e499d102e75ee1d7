"""Opening and saving the sequence, with questions before changes would be lost or a shipped file written over."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from acquisition.config import ConfigError, find_config, shipped_names
from acquisition.gui.sequence_editor.document import SequenceDocument

PATTERN = "Sequences (*.yaml *.yml);;All files (*)"


class FileActions:
    """Files of a sequence.

    Parameters
    ----------
    page : QWidget
        Above which questions stand.
    document : SequenceDocument
    say : callable
        Is told what went wrong; an empty text if nothing did.
    """

    def __init__(self, page: QWidget, document: SequenceDocument, say: Callable[[str], None]) -> None:
        self._page, self._document, self._say = page, document, say

    def fill(self, menu: QMenu) -> None:
        """Put all of them into a menu."""
        menu.addAction("New", self.new)
        menu.addAction("Open file ...", self.choose)
        shipped = menu.addMenu("Open a shipped sequence")
        for name in shipped_names("sequences"):
            shipped.addAction(name, partial(self.open, find_config("sequences", name)))
        menu.addSeparator()
        menu.addAction("Save", self.save).setToolTip("Write the file (Ctrl+S)")
        menu.addAction("Save as ...", self.save_as)

    def new(self) -> None:
        """Begin a sequence without steps."""
        if self.may_go_on():
            self._document.new()

    def choose(self) -> None:
        """Ask for a file, and edit it."""
        start = "" if self._document.path is None or self._document.shipped else str(self._document.path.parent)
        found, _ = QFileDialog.getOpenFileName(self._page, "Open a sequence", start, PATTERN)
        if found:
            self.open(Path(found))

    def open(self, path: Path) -> None:
        """Edit a file."""
        if self.may_go_on():
            self._try(self._document.open, path)

    def save(self) -> bool:
        """Write the file, asking for one if there is none of one's own; return whether it was written."""
        if self._document.path is None or self._document.shipped:
            return self.save_as()
        return self._try(self._document.save, self._document.path)

    def save_as(self) -> bool:
        """Ask for a file, and write it; return whether it was written."""
        path = self._document.path
        start = f"{self._document.name or 'sequence'}.yaml" if path is None or self._document.shipped else str(path)
        found, _ = QFileDialog.getSaveFileName(self._page, "Save the sequence", start, PATTERN)
        if not found:
            return False
        chosen = Path(found)
        return self._try(self._document.save, chosen if chosen.suffix else chosen.with_suffix(".yaml"))

    def may_go_on(self) -> bool:
        """Return whether another sequence may take the place of this one; asks if changes would be lost."""
        if not self._document.dirty:
            return True
        answers = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._page,
            "Changes are not saved",
            f"The sequence {self._document.name} has changes that are not saved. Save them?",
            answers.Save | answers.Discard | answers.Cancel,
        )
        return self.save() if answer == answers.Save else answer == answers.Discard

    def _try(self, act: Callable[[Any], Any], path: Path) -> bool:
        try:
            act(path)
        except ConfigError as error:
            self._say(str(error))
        except OSError as error:
            self._say(f"{path} cannot be written: {error.strerror or error}; choose another place")
        else:
            self._say("")
            return True
        return False
