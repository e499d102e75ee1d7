"""What is known of the dot in the spot: its dose, how it fades and drifts, and whether it is kept."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFormLayout, QGroupBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from acquisition.gui.align import words
from acquisition.gui.client.commands import Done
from acquisition.gui.view import Desk

FADES = 0.7
"""Share of the first rate below which fading is called out."""


class DotBox(QGroupBox):
    """Dose, bleaching, drift; keep or reject.

    Parameters
    ----------
    desk : Desk
        By which the judgement reaches the session.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__("This dot")
        self._desk, self._run = desk, ""
        self.dose, self.bleaching, self.drift, self.focus = (_value() for _ in range(4))
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, label, tip in (
            ("Dose", self.dose, "Light that this dot has got since the alignment began: time, pulses, and energy or "
             "percent of full intensity times seconds."),
            ("Remaining", self.bleaching, "Count rate now as a share of that of the first five seconds of light: below "
             "100 % the dot bleaches, or slips out of the spot. Blinking moves it up and down."),
            ("Intensity", self.drift, "Change of the count rate per minute over the last minute: a drift of sample, "
             "focus or laser if it goes on."),
            ("Focus", self.focus, "How far the focus has moved from where it stood when the alignment began."),
        ):  # fmt: skip
            label.setToolTip(tip)
            title = QLabel(name)
            title.setToolTip(tip)
            rows.addRow(title, label)
        self.comment = QLineEdit()
        self.comment.setPlaceholderText("why (optional)")
        self.comment.setToolTip("Stands beside the judgement in run.json.")
        self.keep, self.reject = QPushButton("Keep"), QPushButton("Reject")
        self.keep.setToolTip("Write into the run that this dot is worth measuring, and where the stage stands.")
        self.reject.setToolTip("Write into the run that this dot is not worth measuring.")
        self.keep.clicked.connect(lambda: self._judge("keep"))
        self.reject.clicked.connect(lambda: self._judge("reject"))
        self.judgement = _value()
        buttons = QHBoxLayout()
        buttons.addWidget(self.keep)
        buttons.addWidget(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(self.comment)
        layout.addLayout(buttons)
        layout.addWidget(self.judgement)

    def show_panel(self, panel: Mapping[str, Any] | None) -> None:
        """Show dose, bleaching and drift of the panel `alignment`; None before the first."""
        said = panel or {}
        self.dose.setText(words.dose(said.get("dose") or {}))
        self._show_bleaching(said.get("bleaching"))
        drift = said.get("drift") or {}
        self.drift.setText(words.trend(drift.get("rate_share_per_min")))
        focus_um = drift.get("focus_um")
        self.focus.setText("not known" if focus_um is None else f"{focus_um:+.2f} µm")

    def _show_bleaching(self, said: Mapping[str, Any] | float | None) -> None:
        if said is None:
            self.bleaching.setText("not known yet")
            return
        value, error = (said["value"], said.get("error")) if isinstance(said, Mapping) else (float(said), None)
        self.bleaching.setText(words.share(value, error) + (", fades" if value + 2 * (error or 0) < FADES else ""))

    def show_run(self, run: str) -> None:
        """Take the run whose dot is judged; empty if there is none."""
        if run != self._run:
            self._run = run
            self.judgement.setText("")
        for button in (self.keep, self.reject):
            button.setEnabled(bool(run) and self._desk.in_control)

    def _judge(self, verdict: str) -> None:
        comment = self.comment.text().strip()
        self._desk.commands.do("mark", self._run, verdict, comment, then=lambda done: self._judged(verdict, done))

    def _judged(self, verdict: str, done: Done) -> None:
        if done.error is None:
            self.judgement.setText({"keep": "kept", "reject": "rejected"}[verdict])
            self.comment.clear()
        else:
            self.judgement.setText(f"not written: {done.error}")


def _value() -> QLabel:
    label = QLabel("")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
