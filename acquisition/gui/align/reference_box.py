"""A reference dot: taken, shown beside the present one, forgotten."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QGroupBox, QLabel, QLineEdit, QPushButton

from acquisition.gui.align import words
from acquisition.gui.align.reference import Reference, remember, remembered
from acquisition.gui.view import Desk


class ReferenceBox(QGroupBox):
    """Takes what is seen now as the reference for the dots to come.

    Parameters
    ----------
    desk : Desk
        Its settings remember the reference.

    Attributes
    ----------
    changed : Signal
        Gets the `Reference`, or None.
    """

    changed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("Reference dot")
        self._desk = desk
        self._panel: Mapping[str, Any] | None = None
        self._devices: Sequence[Mapping[str, Any]] = ()
        self.reference = remembered(desk.settings)
        self.name = QLineEdit()
        self.name.setPlaceholderText("name")
        self.name.setToolTip("What the reference is called in the plots.")
        self.take = QPushButton("Take as reference")
        self.take.setToolTip("Keep the present spectrum and count rate, to compare the next dots with them.")
        self.forget = QPushButton("Forget")
        self.forget.setToolTip("Compare with nothing.")
        self.said = QLabel("")
        self.said.setWordWrap(True)
        self.said.setToolTip("Count rate now as a share of that of the reference.")
        layout = QGridLayout(self)
        layout.addWidget(self.name, 0, 0, 1, 2)
        layout.addWidget(self.take, 1, 0)
        layout.addWidget(self.forget, 1, 1)
        layout.addWidget(self.said, 2, 0, 1, 2)
        self.take.clicked.connect(self._take)
        self.forget.clicked.connect(lambda: self._put(None))

    def show_panel(self, panel: Mapping[str, Any] | None, devices: Sequence[Mapping[str, Any]]) -> None:
        """Take what is seen now; None without an alignment."""
        self._panel, self._devices = panel, devices
        self.take.setEnabled(panel is not None)
        self.forget.setEnabled(self.reference is not None)
        self.said.setText(_compared(self.reference, panel, devices))

    def _take(self) -> None:
        if self._panel is not None:
            self._put(Reference.of_panel(self.name.text().strip() or "reference", self._panel, self._devices))

    def _put(self, reference: Reference | None) -> None:
        self.reference = reference
        remember(self._desk.settings, reference)
        self.changed.emit(reference)
        self.show_panel(self._panel, self._devices)


def _compared(
    reference: Reference | None, panel: Mapping[str, Any] | None, devices: Sequence[Mapping[str, Any]]
) -> str:
    if reference is None:
        return "none"
    text = f"{reference.name}: {' '.join(words.rate(reference.rate_cps))}"
    if panel is None:
        return text
    if unlike := reference.unlike(panel, devices):
        return f"{text}; the rates cannot be compared: {unlike}"
    share = reference.share_of(panel)
    return text if share is None else f"{text}; this dot has {words.share(*share)} of it"
