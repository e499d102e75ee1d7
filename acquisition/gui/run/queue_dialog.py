"""Changing an entry of the queue: what it replaces in its sequence, and what follows when something goes wrong."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from acquisition.gui.forms.fields import ChoiceField
from acquisition.gui.run.queue_rows import overrides_text, read_overrides

_ON_FAILURE = {"continue": "go on with the next", "stop_queue": "stop the queue", "retry_once": "try once more"}
_ON_INTERRUPT = {
    "ask": "ask a person",
    "resume": "let it go on where it was",
    "repeat": "do it again from the start",
    "skip": "leave it out",
}


class QueueDialog(QDialog):
    """Edits one entry; `changed` carries its number and the fields that are others now."""

    changed = Signal(int, dict)

    def __init__(self, entry: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Entry {entry['id']} of the queue: {entry['sequence']}")
        self._entry = entry
        self.overrides = QPlainTextEdit(overrides_text(entry.get("overrides") or {}))
        self.overrides.setPlaceholderText("acquire_photons.duration = 2 min\nmetadata.sample = dot 7")
        self.overrides.setToolTip("One line for each: kind of step and key, or metadata, and the value with its unit.")
        self.overrides.setTabChangesFocus(True)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.on_failure, self.on_interrupt = ChoiceField(_ON_FAILURE), ChoiceField(_ON_INTERRUPT)
        self.on_failure.set_value(entry.get("on_failure"))
        self.on_interrupt.set_value(entry.get("on_interrupt"))
        self.attended = QCheckBox("A person stays with it")
        self.attended.setChecked(bool(entry.get("attended")))
        waits = entry["state"] == "waiting"
        self.overrides.setEnabled(waits)
        self.attended.setEnabled(waits)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.close)
        form = QFormLayout()
        form.addRow("If it fails", self.on_failure)
        form.addRow("If it is interrupted", self.on_interrupt)
        column = QVBoxLayout(self)
        column.addWidget(QLabel("Replaced in the sequence:"))
        for part in (self.overrides, self.problem):
            column.addWidget(part)
        column.addLayout(form)
        column.addWidget(self.attended)
        column.addWidget(buttons)
        self.resize(460, 320)

    def _take(self) -> None:
        try:
            overrides = read_overrides(self.overrides.toPlainText())
        except ValueError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        now = {
            "overrides": overrides,
            "on_failure": self.on_failure.value(),
            "on_interrupt": self.on_interrupt.value(),
            "attended": self.attended.isChecked(),
        }
        before = {**self._entry, "overrides": dict(self._entry.get("overrides") or {})}
        changes = {key: value for key, value in now.items() if value != before.get(key)}
        if changes:
            self.changed.emit(int(self._entry["id"]), changes)
        self.close()
