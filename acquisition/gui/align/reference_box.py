"""A reference dot: taken, shown beside the present one, forgotten."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QGridLayout, QGroupBox, QLabel, QLineEdit, QPushButton

from acquisition.gui.align import words
from acquisition.gui.align.light import light_cps
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

    def show_panel(self, panel: Mapping[str, Any] | None) -> None:
        """Take what is seen now; None without an alignment."""
        self._panel = panel
        self.take.setEnabled(panel is not None)
        self.forget.setEnabled(self.reference is not None)
        if self.reference is None:
            self.said.setText("none")
            return
        text = f"{self.reference.name}: {' '.join(words.rate(self.reference.rate_cps))}"
        if panel is not None and self.reference.rate_cps > 0:
            text += f"; this dot has {words.share(light_cps(panel) / self.reference.rate_cps, None)} of it"
        self.said.setText(text)

    def _take(self) -> None:
        if self._panel is not None:
            self._put(Reference.of_panel(self.name.text().strip() or "reference", self._panel))

    def _put(self, reference: Reference | None) -> None:
        self.reference = reference
        remember(self._desk.settings, reference)
        self.changed.emit(reference)
        self.show_panel(self._panel)
