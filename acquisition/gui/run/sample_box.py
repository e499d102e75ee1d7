"""Which sample lies under the simulated microscope, and laying another one there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QSizePolicy, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.file_dialogs import ask_file
from acquisition.gui.forms.field import WheelGuard
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk

TIP = "What lies under the simulated objective. Another one switches everything off and begins a new simulated world."
_OTHER = "Other file …"


class SampleBox(QWidget):
    """Hidden where what is measured is not simulated; `problem` tells why a sample could not be laid there.

    Attributes
    ----------
    changes : int
        How often another sample was laid there since it is known which one lay there.
    """

    problem = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._sample: str | None = None
        self.changes = 0
        self._shipped: Mapping[str, str] = {}
        self._files: list[str] = []
        self._choosing = False
        self.choice = QComboBox()
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        WheelGuard(self.choice)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Simulated sample", self.choice)
        self.choice.activated.connect(self._chosen)
        self.hide()

    @property
    def sample(self) -> str | None:
        """What lies there, as the session says; None if nothing there is simulated."""
        return self._sample

    @property
    def choosing(self) -> bool:
        """Whether another one was asked for and is not there yet."""
        return self._choosing

    def offer(self, samples: Mapping[str, str]) -> None:
        """Take the shipped samples: in words what each is, by its name."""
        self._shipped = samples
        self._fill()

    def follow(self, status: Mapping[str, Any] | None) -> None:
        """Show what the session says lies there, and whether another may be laid there now."""
        said = None if status is None else status.get("sample")
        if said != self._sample:
            self.changes += self._sample is not None
            self._sample = said
            self._fill()
        self.setVisible(said is not None)
        why = self._why_not(status)
        about = self._shipped.get(said or "", "") or said or ""
        allow(self.choice, f"{about}\n{why or TIP}", allowed=not why)

    def _why_not(self, status: Mapping[str, Any] | None) -> str:
        if not self._desk.in_control:
            return LOOKS_ON
        if self._choosing:
            return "It is being laid there."
        return "A run goes on: another sample can be laid there after it." if goes_on(status) else ""

    def _fill(self) -> None:
        """Offer the shipped samples, files that lay there, and any other; the present one is shown."""
        present = self._sample
        if present is not None and present not in self._shipped and present not in self._files:
            self._files.append(present)
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for name, about in self._shipped.items():
                self._add(name, name, about)
            for path in self._files:
                if path not in self._shipped:
                    self._add(f"{Path(path).name}  ({Path(path).parent})", path, path)
            self._add(_OTHER, None, "A sample file of your own: emitters, their photophysics, background.")
            self.choice.setCurrentIndex(self.choice.findData(present))

    def _add(self, text: str, sample: str | None, tip: str) -> None:
        self.choice.addItem(text, sample)
        self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def _chosen(self) -> None:
        sample = self.choice.currentData()
        if sample is None:
            self._fill()  # what lies there now
            start = str(Path(self._files[-1]).parent) if self._files else ""
            ask_file(self, "Choose a sample", start, "Samples (*.yaml *.yml)", self._choose)
        elif sample == self._sample:
            self._fill()
        else:
            self._choose(str(sample))

    def _choose(self, sample: str) -> None:
        self._choosing = True
        allow(self.choice, "It is being laid there.", allowed=False)
        self._desk.commands.do("choose_sample", sample, then=self._ended)

    def _ended(self, done: Done) -> None:
        self._choosing = False
        if done.error is not None:
            self._fill()
            self.problem.emit(str(done.error))
