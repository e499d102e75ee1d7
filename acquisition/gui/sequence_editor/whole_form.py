"""What belongs to the whole sequence: its name, metadata, and when a run of it pauses by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGroupBox, QVBoxLayout, QWidget

from acquisition.config import ConfigProblem, find_config, load_config
from acquisition.gui.forms.form import Form
from acquisition.gui.sequence_editor.metadata_form import MetadataForm
from acquisition.gui.view import Desk
from acquisition.rig.file import RigFile
from acquisition.sequence import Sequence as SequenceModel

KEYS = ("name", "readings_interval", "suspend")


class WholeForm(QWidget):
    """Name, metadata and conditions of a sequence; `edited` is emitted with a key and its new value, None: no key."""

    edited = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._content: Mapping[str, Any] = {}
        self._problems: Sequence[ConfigProblem] = ()
        self._required: tuple[str, ...] = ()
        self._own: dict[str, Any] = {}
        self.form = Form(desk, SequenceModel, only=("name", "readings_interval_s", "suspend"))
        self.form.changed.connect(self._changed)
        self.metadata = MetadataForm()
        self.metadata.changed.connect(lambda metadata: self.edited.emit("metadata", metadata or None))
        box = QGroupBox("Metadata")
        QVBoxLayout(box).addWidget(self.metadata)
        column = QVBoxLayout(self)
        column.addWidget(box)
        column.addWidget(self.form)
        column.addStretch(1)
        desk.work.do(lambda: required_by(desk.rig), self._take_required)

    def show_content(self, content: Mapping[str, Any], problems: Sequence[ConfigProblem]) -> None:
        """Show a sequence and what is wrong with it."""
        self._content, self._problems = content, problems
        own = {key: content[key] for key in KEYS if key in content}
        if own != self._own:  # else somebody may be typing
            self._own = own
            self.form.set_data(own)
        metadata = content.get("metadata")
        self.metadata.show_metadata(metadata if isinstance(metadata, Mapping) else {}, self._required)
        self.metadata.mark([problem for problem in problems if problem.key.startswith("metadata")])

    def restyle(self) -> None:
        """Take the colours of `Desk.theme`, which has changed."""
        self.form.restyle()

    def _take_required(self, found: tuple[str, ...] | None, error: Exception | None) -> None:
        if found and error is None:  # a rig file that cannot be read is told by whoever opens the rig
            self._required = found
            self.show_content(self._content, self._problems)

    def _changed(self) -> None:
        data = self._own = self.form.data()
        for key in KEYS:
            if data.get(key) != self._content.get(key):
                self.edited.emit(key, data.get(key))


def required_by(rig: str) -> tuple[str, ...]:
    """Return the metadata that a rig file asks for; raises `ConfigError` if it cannot be read."""
    return tuple(load_config(find_config("rigs", rig), RigFile).required_metadata)
