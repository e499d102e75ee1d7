"""Opening and saving the sequence, with questions before changes would be lost or a shipped file written over."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QMenu, QWidget

from acquisition.config import ConfigError, find_config, shipped_names
from acquisition.gui.dialogs import Answer, ask
from acquisition.gui.file_dialogs import ask_file, ask_new_file
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
        menu.addAction("Save", lambda: self.save()).setToolTip("Write the file (Ctrl+S)")
        menu.addAction("Save as ...", lambda: self.save_as())

    def new(self) -> None:
        """Begin a sequence without steps."""
        self.go_on(self._document.new)

    def choose(self) -> None:
        """Ask for a file, and edit it."""
        start = "" if self._document.path is None or self._document.shipped else str(self._document.path.parent)
        ask_file(self._page, "Open a sequence", start, PATTERN, lambda path: self.open(Path(path)))

    def open(self, path: Path) -> None:
        """Edit a file."""
        self.go_on(lambda: self._try(self._document.open, path))

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Write the file, asking for one if there is none of one's own; `then` is called once it is written."""
        if self._document.path is None or self._document.shipped:
            self.save_as(then)
        else:
            self._write(self._document.path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a file, and write it; `then` is called once it is written."""
        path = self._document.path
        start = f"{self._document.name or 'sequence'}.yaml" if path is None or self._document.shipped else str(path)
        ask_new_file(
            self._page, "Save the sequence", start, PATTERN, "yaml", lambda chosen: self._write(Path(chosen), then)
        )

    def go_on(self, act: Callable[[], object]) -> None:
        """Let another sequence take the place of this one; asks first if changes would be lost."""
        if not self._document.dirty:
            act()
            return
        ask(
            self._page,
            "Changes are not saved",
            f"The sequence {self._document.name} has changes that are not saved. Save them?",
            [
                Answer("Save", lambda: self.save(act)),
                Answer("Discard", act, "The changes are lost."),
            ],
        )

    def _write(self, path: Path, then: Callable[[], object] | None) -> None:
        if self._try(self._document.save, path) and then is not None:
            then()

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
