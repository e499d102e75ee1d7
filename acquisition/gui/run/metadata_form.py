"""What is said of a measurement: who, which sample and dot, why, what the rig asks for, and anything else."""

from collections.abc import Iterable, Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCompleter,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acquisition.gui.forms.fields import TextField
from acquisition.sequence.metadata import KNOWN

USUAL = ("operator", "sample", "dot", "purpose")
_TIPS = {"dot": "Number or name of the nanocrystal on this sample."}


class MetadataForm(QWidget):
    """Rows of text by name; `changed` tells that one is another now.

    Parameters
    ----------
    operator : str
        Who measures.
    """

    changed = Signal()

    def __init__(self, operator: str) -> None:
        super().__init__()
        self.fields: dict[str, TextField] = {}
        self.free: list[tuple[QLineEdit, QLineEdit]] = []
        self._required: frozenset[str] = frozenset()
        self._before: dict[str, str] = {}
        self._content: Mapping[str, Any] = {}
        self._labels: dict[str, QLabel] = {}
        self._form = QFormLayout()
        self._rows = QVBoxLayout()
        self.add = QPushButton("+ Other …")
        self.add.setToolTip("Adds a line for anything else that should be known of the measurement.")
        self.add.clicked.connect(lambda: self.add_free())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form)
        column.addLayout(self._rows)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.add)
        column.addLayout(line)
        for name in USUAL:
            self._add(name)
        self.fields["operator"].set_value(operator)

    def restore(self, said: Mapping[str, str]) -> None:
        """Show what was typed before; what has no field of its own waits for what the rig asks for."""
        self._before = dict(said)
        for name, field in self.fields.items():
            if text := self._before.pop(name, ""):
                field.set_value(text)

    def require(self, names: Iterable[str]) -> None:
        """Mark what the rig asks for; without it nothing can be checked or started."""
        self._required = frozenset(names)
        for name in names:
            if name not in self.fields:
                self._add(name)
        before, self._before = self._before, {}
        self.restore(before)
        left, self._before = self._before, {}
        for name, value in left.items():
            self.add_free(name, value, focus=False)
        if before:
            self.changed.emit()
        for name, label in self._labels.items():
            label.setText(f"{_words(name)} *" if name in self._required else _words(name))
        self.show_metadata_of(self._content)

    def show_metadata_of(self, content: Mapping[str, Any]) -> None:
        """Show in faint letters what the sequence itself says."""
        self._content = content
        for name, field in self.fields.items():
            known = self._known().get(name)
            example = KNOWN[name].example.partition(": ")[2] if name in self._required else ""
            field.line.setPlaceholderText(f"e.g. {example}" if known is None and example else str(known or ""))
        self.mark_missing(seen=False)

    def said(self) -> dict[str, str]:
        """Return what was typed, by name."""
        found = {name: field.value() for name, field in self.fields.items()}
        return found | {name.text().strip(): value.text() for name, value in self.free if name.text().strip()}

    def missing(self) -> list[str]:
        """Return what the rig asks for and nobody has said."""
        said, known = self.said(), self._known()
        return [
            name for name in self.fields if name in self._required and not said[name].strip() and not known.get(name)
        ]

    def mark_missing(self, *, seen: bool = True) -> None:
        """Show at the fields what is missing, and go to the first of them; or take these marks away."""
        missing = self.missing() if seen else []
        for name, field in self.fields.items():
            field.mark("The rig asks for it." if name in missing else "")
        if missing:
            self.fields[missing[0]].line.setFocus()

    def add_free(self, name: str = "", value: str = "", *, focus: bool = True) -> None:
        """Add a line for something else."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        fields = QLineEdit(name), QLineEdit(value)
        fields[0].setPlaceholderText("name")
        fields[1].setPlaceholderText("value")
        remove = QToolButton()
        remove.setText("×")
        remove.setToolTip("Takes this line away.")
        for part, stretch in ((fields[0], 2), (fields[1], 3), (remove, 0)):
            line.addWidget(part, stretch)
        for field in fields:
            field.textEdited.connect(lambda _text: self.changed.emit())
        remove.clicked.connect(lambda: self._remove(row, fields))
        self.free.append(fields)
        self._rows.addWidget(row)
        completer = QCompleter([each for each in KNOWN if each not in self.fields], fields[0])
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        fields[0].setCompleter(completer)
        fields[0].setToolTip("\n".join(f"{each}: {known.what_for}" for each, known in KNOWN.items()))
        if focus:
            fields[0].setFocus()

    def _remove(self, row: QWidget, fields: tuple[QLineEdit, QLineEdit]) -> None:
        self.free.remove(fields)
        self._rows.removeWidget(row)
        row.deleteLater()
        self.changed.emit()

    def _known(self) -> Mapping[str, Any]:
        metadata = self._content.get("metadata")
        return metadata if isinstance(metadata, Mapping) else {}

    def _add(self, name: str) -> None:
        field = TextField()
        known = KNOWN.get(name)
        what_for = known.what_for[:1].upper() + known.what_for[1:] + "." if known else _TIPS.get(name, "")
        field.set_tip(f"{what_for} It is written into the run folder.")
        field.edited.connect(self._edited)
        label = QLabel(_words(name))
        label.setToolTip(what_for)
        self._labels[name], self.fields[name] = label, field
        self._form.addRow(label, field)

    def _edited(self) -> None:
        for name, field in self.fields.items():
            if field.value().strip() or name not in self._required:
                field.mark("")
        self.changed.emit()


def _words(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")
