"""What is known of a measurement besides its steps: names and values, those that the rig asks for first."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from acquisition.config import ConfigProblem
from acquisition.gui.dialogs import ask_text
from acquisition.gui.forms.nested import drop
from acquisition.gui.forms.words import label_of
from acquisition.gui.forms.yaml_field import ScalarField
from acquisition.gui.sequence_editor.outline import place_of_key
from acquisition.sequence.metadata import KNOWN


class MetadataForm(QWidget):
    """A row for each name; `changed` is emitted with all names and values when one was changed."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, ScalarField] = {}
        self._required: tuple[str, ...] = ()
        self._given: dict[str, Any] = {}
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._rows = QWidget()
        column.addWidget(self._rows)
        self.add_button = QToolButton()
        self.add_button.setText("+ Add")
        self.add_button.setToolTip("Add something that is known of the measurement")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.add_button)
        self.add_button.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_menu)
        column.addWidget(self.add_button, alignment=Qt.AlignmentFlag.AlignLeft)

    def show_metadata(self, metadata: Mapping[str, Any], required: Sequence[str]) -> None:
        """Show what a sequence says; `required` are the names that the rig asks for."""
        before, self._given = self._given, dict(metadata)
        names = [*required, *(name for name in metadata if name not in required)]
        if tuple(required) != self._required or set(names) != set(self.fields):
            self._required = tuple(required)
            self._build(names)
            return
        for name, field in self.fields.items():
            if before.get(name) != metadata.get(name) and field.data() != metadata.get(name):
                field.set_data(metadata.get(name))

    def mark(self, problems: Sequence[ConfigProblem]) -> None:
        """Show what is wrong beside its field, and what the rig still asks for."""
        said = {place_of_key(problem.key)[1:2]: problem.message for problem in problems}
        for name, field in self.fields.items():
            missing = name in self._required and self._given.get(name) in (None, "")
            asked = "the rig asks for it; fill it in before you start" if missing else ""
            field.mark(said.get((name,), asked))

    def add(self, name: str) -> None:
        """Add a row; its value is still empty."""
        if name and name not in self.fields:
            self._build([*self.fields, name])
        if name in self.fields:
            self.fields[name].line.setFocus()

    def _build(self, names: Sequence[str]) -> None:
        old, self._rows = self._rows, QWidget()
        grid = QGridLayout(self._rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        self.fields = {}
        for row, name in enumerate(names):
            self._add_row(grid, row, name)
        self._column.replaceWidget(old, self._rows)
        drop(old)

    def _add_row(self, grid: QGridLayout, row: int, name: str) -> None:
        known = KNOWN.get(name)
        tip = f"{known.what_for[:1].upper()}{known.what_for[1:]}, for example {known.example}" if known else name
        label = QLabel(label_of(name) + (" *" if name in self._required else ""))
        label.setToolTip(f"{tip}\nThe rig asks for it." if name in self._required else tip)
        field = ScalarField()
        field.line.setPlaceholderText(known.example.partition(": ")[2] if known else "")
        field.set_data(self._given.get(name))
        field.set_tip(tip)
        field.committed.connect(partial(self._commit, name))
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
        if name not in self._required:
            remove = QToolButton()
            remove.setText("×")
            remove.setToolTip("Leave it out")
            remove.clicked.connect(partial(self._commit, name, None))
            grid.addWidget(remove, row, 2)
        self.fields[name] = field

    def _commit(self, name: str, value: Any) -> None:
        kept = {key: given for key, given in self._given.items() if key != name or value is not None}
        if value is not None:
            kept[name] = value
        if kept == self._given:
            self._build([each for each in self.fields if each != name or value is not None])
        else:
            self.changed.emit(kept)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for name, known in KNOWN.items():
            if name not in self.fields:
                self._menu.addAction(f"{label_of(name)}: {known.what_for}", partial(self.add, name))
        self._menu.addSeparator()
        self._menu.addAction("Another name ...", self._ask_name)

    def _ask_name(self) -> None:
        ask_text(self, "Metadata", "Name, such as batch:", self.add)
