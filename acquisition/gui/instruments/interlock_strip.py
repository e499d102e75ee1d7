"""Across the window: which interlocks have tripped or warn, what to do, and a button once that was done."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QPushButton

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.interlock_words import TIP, TRIPPED, interlock_words
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.instruments.words import Level, Sign
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.view import Desk, Place, View

ACKNOWLEDGE_TIP = "Says that a person has seen to the cause. Nothing goes on by it; light and heat may be used again."


@view("interlocks", "Interlocks", Place.STRIP, order=20, tip=TIP)
class InterlockStrip(View):
    """Hidden as long as all is well."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.labels: list[SignLabel] = []
        self.refused = SignLabel(desk.theme)
        self.acknowledge = QPushButton("Acknowledge")
        self.acknowledge.clicked.connect(self._acknowledge)
        self._shown: Sequence[Mapping[str, Any]] = ()
        self._asking = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 3, 8, 3)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.acknowledge, 0, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self.refused, 100, 0)
        self.setToolTip(TIP)
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show what has tripped or warns, or hide."""
        status = said.status or {}
        interlocks = tuple(status.get("interlocks") or ())
        if interlocks != self._shown:
            self._shown = interlocks
            self.refused.say(Sign(""))
            self._show()
        self.acknowledge.setEnabled(self.desk.in_control and not self._asking)
        self.acknowledge.setToolTip(ACKNOWLEDGE_TIP if self.desk.in_control else LOOKS_ON)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for label in (*self.labels, self.refused):
            label.restyle(self.desk.theme)

    def _show(self) -> None:
        for number, interlock in enumerate(self._shown):
            if number == len(self.labels):
                self.labels.append(SignLabel(self.desk.theme, bold=True))
                self._grid.addWidget(self.labels[number], number, 0)
            level = Level.BAD if interlock.get("state") == TRIPPED else Level.WARN
            self.labels[number].say(Sign(interlock_words(interlock), level))
        for label in self.labels[len(self._shown) :]:
            label.say(Sign(""))
        self.acknowledge.setVisible(any(each.get("state") == TRIPPED for each in self._shown))
        self.setVisible(bool(self._shown))

    def _acknowledge(self) -> None:
        self._asking = True
        self.refused.say(Sign(""))
        self.desk.commands.do("acknowledge_interlock", then=self._acknowledged)

    def _acknowledged(self, done: Done) -> None:
        self._asking = False
        self.refused.say(Sign("" if done.error is None else f"✗ Not acknowledged: {done.error}", Level.BAD))
