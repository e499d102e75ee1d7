"""The sequence that the window edits and starts: its text, what it holds, and what is wrong with it."""

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from qtpy.QtCore import QObject, Signal

from acquisition.config import find_config
from acquisition.gui.client.local import LocalWork
from acquisition.gui.sequence_editor.yaml_text import plain_of, read_yaml
from acquisition.gui.view import Desk

DEFAULT = "cascade"
"""Shipped sequence that a window begins with."""


class SequenceDocument(QObject):
    """A sequence file that is being edited, one per window; get it by `document_of`.

    `changed` is emitted whenever text, path, name or dirtiness changes.
    """

    changed = Signal()

    def __init__(self, work: LocalWork) -> None:
        super().__init__()
        self._work = work
        self._path: Path | None = None
        self._text = self._saved = ""
        self.open(find_config("sequences", DEFAULT))

    @property
    def text(self) -> str:
        """The sequence as a file has it."""
        return self._text

    @property
    def content(self) -> dict[str, Any]:
        """The sequence as plain data, as `Session.start` and `Session.check` take it; a copy."""
        found: dict[str, Any] = plain_of(read_yaml(self._text))
        return found

    @property
    def path(self) -> Path | None:
        """The file that it was read from or saved to; None if it never was."""
        return self._path

    @property
    def name(self) -> str:
        """What runs of it are called."""
        return str(self.content.get("name", ""))

    @property
    def dirty(self) -> bool:
        """Whether there are changes that are not saved."""
        return self._text != self._saved

    def open(self, path: Path) -> None:
        """Edit a file instead; raises `ConfigError` or `OSError` if it cannot be read, and nothing is changed."""
        text = path.read_text(encoding="utf-8-sig")
        read_yaml(text, str(path))
        self._path, self._text, self._saved = path, text, text
        self.changed.emit()


_documents: "WeakKeyDictionary[QObject, SequenceDocument]" = WeakKeyDictionary()


def document_of(desk: Desk) -> SequenceDocument:
    """Return the sequence that the window of a desk edits and starts."""
    if desk.settings not in _documents:
        _documents[desk.settings] = SequenceDocument(desk.work)
    return _documents[desk.settings]
