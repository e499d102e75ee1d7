"""The sequence that the window edits and starts: its text, what it holds, and what is wrong with it."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QUndoCommand, QUndoStack

from acquisition.config import ConfigError, ConfigProblem, find_config, parse_config, shipped_names
from acquisition.config.yaml_file import MAX_BYTES
from acquisition.gui.client.local import LocalWork
from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.sequence_editor.yaml_text import plain_of, read_yaml, write_yaml
from acquisition.gui.view import Desk
from acquisition.sequence import Sequence
from acquisition.sequence.steps.called import reading

DEFAULT = "cascade"
"""Shipped sequence that a window begins with."""

NEW_NAME = "new"
"""Name of a new sequence, until it is saved or somebody names it."""

NEW = f"""\
name: {NEW_NAME}
steps: []
cleanup:
  - kind: set_laser
    emission: false
  - kind: set_shutter
    open: false
"""

UNDO_STEPS = 200
"""As many changes can be undone."""


class SequenceDocument(QObject):
    """A sequence file that is being edited, one per window; get it by `document_of`.

    `changed` is emitted whenever text, path, name or dirtiness changes, `checked` when `problems` are new.

    Parameters
    ----------
    work : LocalWork
        Checks the sequence beside the window.
    """

    changed = Signal()
    checked = Signal()

    def __init__(self, work: LocalWork) -> None:
        super().__init__()
        self._work = work
        self._path: Path | None = None
        self._shipped_name: str | None = None
        self._whole_paths: dict[str, str] = {}
        self._saved = self._text = ""
        self._content: dict[str, Any] = {}
        self._problems: tuple[ConfigProblem, ...] | None = None
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(UNDO_STEPS)
        self.open(find_config("sequences", DEFAULT))

    @property
    def text(self) -> str:
        """The sequence as a file has it."""
        return self._text

    @property
    def content(self) -> dict[str, Any]:
        """The sequence as plain data, as `Session.start` and `Session.check` take it; not to be changed."""
        return self._content

    @property
    def path(self) -> Path | None:
        """The whole path of the file that it was read from or saved to; None if it never was."""
        return self._path

    @property
    def shipped(self) -> bool:
        """Whether the file is one that comes with the program, which is not to be written over."""
        return self._shipped_name is not None

    @property
    def name(self) -> str:
        """What runs of it are called."""
        return str(self._content.get("name", ""))

    @property
    def dirty(self) -> bool:
        """Whether there are changes that are not saved."""
        return self._text != self._saved

    @property
    def problems(self) -> tuple[ConfigProblem, ...] | None:
        """What is wrong with it, with the place of each; None while it is being checked."""
        return self._problems

    @property
    def source(self) -> str | dict[str, Any]:
        """What to give to `Session.start` and `Session.check`: the name or path of the file, or what was edited."""
        if self._path is None or self.dirty:
            return self.standalone
        return self._shipped_name or str(self._path)

    @property
    def standalone(self) -> dict[str, Any]:
        """The content as it can be used away from its file: sequences that it calls have their whole paths; a copy."""
        return cast(dict[str, Any], self._with_paths(self._content))

    def open(self, path: str | Path) -> None:
        """Edit a file instead; raises `ConfigError` if it cannot be read, and nothing is changed."""
        path = Path(path)
        text = _text_of(path)
        read_yaml(text, str(path))
        self._begin(path, text, text)

    def new(self) -> None:
        """Edit a sequence without steps instead."""
        self._begin(None, NEW, NEW)

    def save(self, path: str | Path) -> None:
        """Write it to a file, which it belongs to from then on; raises `OSError`.

        A new sequence that nobody has named takes the name of the file.
        """
        path = Path(path)
        if self._path is None and self.name == NEW_NAME:
            self._take_name(path.stem)
        path.write_text(self._text, encoding="utf-8", newline="\n")
        self._belong_to(path)
        self._saved = self._text
        self._check()
        self.changed.emit()

    def _take_name(self, name: str) -> None:
        def rename(root: Any) -> None:
            root["name"] = name

        self.change("take the name of the file", rename)

    def change(self, words: str, edit: Callable[[Any], Place | None]) -> Place | None:
        """Change it in a way that can be undone, and return what `edit` returns.

        Parameters
        ----------
        words : str
            What is done, e.g. ``remove step``.
        edit : callable
            Takes the nodes of the file, changes them, and returns the place to look at next; what it raises is
            raised, and nothing is changed.
        """
        root = read_yaml(self._text)
        place = edit(root)
        text = write_yaml(root, self._text)
        if plain_of(read_yaml(text)) != self._content:
            self.undo.push(_Change(self, words, self._text, text))
        return place

    def put(self, text: str) -> None:
        """Show another text; what can be undone calls it."""
        self._text = text
        self._content = plain_of(read_yaml(text))
        self._check()
        self.changed.emit()

    def _begin(self, path: Path | None, text: str, saved: str) -> None:
        self._belong_to(path)
        self._saved = saved
        self.undo.clear()
        self.put(text)

    def _belong_to(self, path: Path | None) -> None:
        """Ask once what only the disk knows of a file: it may be far away, and each change of the text asks again."""
        self._path = None if path is None else path.resolve()
        self._shipped_name = None if self._path is None else find_shipped(self._path)
        self._whole_paths = {}

    def _check(self) -> None:
        text, path = self._text, self._path
        self._problems = None
        self._work.do(lambda: problems_of_text(text, path), lambda found, error: self._take(text, found, error))

    def _take(self, text: str, found: tuple[ConfigProblem, ...] | None, error: Exception | None) -> None:
        if text != self._text:
            return
        self._problems = found if error is None else (ConfigProblem(str(error) or repr(error)),)
        self.checked.emit()

    def _with_paths(self, part: Any) -> Any:
        """Return plain data with the whole path of each sequence that is called and lies beside the file."""
        if isinstance(part, list):
            return [self._with_paths(item) for item in part]
        if not isinstance(part, dict):
            return part
        found = {key: self._with_paths(value) for key, value in part.items()}
        called = part.get("sequence")
        if part.get("kind") == "call" and isinstance(called, str) and self._path is not None:
            found["sequence"] = self._whole_path(self._path.parent, called)
        return found

    def _whole_path(self, folder: Path, called: str) -> str:
        if called not in self._whole_paths:
            beside = folder / called
            self._whole_paths[called] = str(beside.resolve()) if beside.is_file() else called
        return self._whole_paths[called]


class _Change(QUndoCommand):
    """A change of the text."""

    def __init__(self, document: SequenceDocument, words: str, before: str, after: str) -> None:
        super().__init__(words)
        self._document, self._before, self._after = document, before, after

    def undo(self) -> None:
        """Show the text before."""
        self._document.put(self._before)

    def redo(self) -> None:
        """Show the text after."""
        self._document.put(self._after)


def shipped_sequences() -> dict[str, Path]:
    """Return the whole paths of the sequences that come with the program, by their names."""
    return {name: find_config("sequences", name).resolve() for name in shipped_names("sequences")}


def find_shipped(path: Path) -> str | None:
    """Return the name of a sequence that comes with the program, by its whole path; None for any other file."""
    return next((name for name, shipped in shipped_sequences().items() if shipped == path), None)


def problems_of_text(text: str, path: Path | None) -> tuple[ConfigProblem, ...]:
    """Return what is wrong with the text of a sequence; sequences that it calls lie beside `path`."""
    try:
        with reading(path) if path is not None else nullcontext():
            parse_config(text, Sequence, "the sequence")
    except ConfigError as error:
        return tuple(error.problems)
    return ()


_documents: "WeakKeyDictionary[QObject, SequenceDocument]" = WeakKeyDictionary()


def document_of(desk: Desk) -> SequenceDocument:
    """Return the sequence that the window of a desk edits and starts."""
    if desk.settings not in _documents:
        _documents[desk.settings] = SequenceDocument(desk.work)
    return _documents[desk.settings]


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text; save it as UTF-8"
        raise ConfigError(str(path), ConfigProblem(f"cannot be read: {reason}")) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(str(path), ConfigProblem(f"is larger than {MAX_BYTES} bytes; is it a sequence?"))
    return text.replace("\r\n", "\n")
