"""Across the window: which interlocks have tripped or warn, what to do, and a button once that was done."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.interlock_words import TIP, TRIPPED, interlock_words
from acquisition.gui.instruments.signs import colour, embolden
from acquisition.gui.instruments.words import Level
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.theme.themes import Theme
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.elided import ElidedLabel

ACKNOWLEDGE_TIP = "Says that a person has seen to the cause. Nothing goes on by it; light and heat may be used again."


@view("interlocks", "Interlocks", Place.STRIP, order=20, tip=TIP)
class InterlockStrip(View):
    """Hidden as long as all is well."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.lines: list[_Lines] = []
        self.refused = ElidedLabel()
        self.refused.hide()
        self.acknowledge = QPushButton("Acknowledge")
        self.acknowledge.clicked.connect(self._acknowledge)
        self._shown: Sequence[Mapping[str, Any]] = ()
        self._asking = False
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._column.addWidget(self.refused)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.addLayout(self._column, 1)
        row.addWidget(self.acknowledge)
        self.restyle()
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show what has tripped or warns, or hide."""
        status = said.status or {}
        interlocks = tuple(status.get("interlocks") or ())
        if interlocks != self._shown:
            self._shown = interlocks
            self._refuse("")
            self._show()
        self.acknowledge.setEnabled(self.desk.in_control and not self._asking)
        self.acknowledge.setToolTip(ACKNOWLEDGE_TIP if self.desk.in_control else LOOKS_ON)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colour(self.refused, self.desk.theme, Level.BAD)
        for lines in self.lines:
            lines.restyle(self.desk.theme)

    def _show(self) -> None:
        for number, interlock in enumerate(self._shown):
            if number == len(self.lines):
                self.lines.append(_Lines())
                self._column.insertWidget(number, self.lines[number])
            self.lines[number].show_interlock(interlock, self.desk.theme)
        for number, lines in enumerate(self.lines):
            lines.setVisible(number < len(self._shown))
        self.acknowledge.setVisible(any(each.get("state") == TRIPPED for each in self._shown))
        self.setVisible(bool(self._shown))

    def _refuse(self, why: str) -> None:
        self.refused.setText(why)
        self.refused.setVisible(bool(why))

    def _acknowledge(self) -> None:
        self._asking = True
        self._refuse("")
        self.desk.commands.do("acknowledge_interlock", then=self._acknowledged)

    def _acknowledged(self, done: Done) -> None:
        self._asking = False
        self._refuse("" if done.error is None else f"✗ Not acknowledged: {done.error}")


class _Lines(QWidget):
    """What has happened, and below it what to do; each on one line, so that the strip stays low."""

    def __init__(self) -> None:
        super().__init__()
        self.what, self.to_do = ElidedLabel(), ElidedLabel()
        self._level = Level.BAD
        embolden(self.what)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.what)
        column.addWidget(self.to_do)

    def show_interlock(self, interlock: Mapping[str, Any], theme: Theme) -> None:
        """Show one."""
        what, to_do = interlock_words(interlock)
        self.what.setText(what)
        self.to_do.setText(to_do)
        self._level = Level.BAD if interlock.get("state") == TRIPPED else Level.WARN
        self.restyle(theme)
        for label in (self.what, self.to_do):
            label.setToolTip(f"{what}\n{to_do}\n{TIP}")

    def restyle(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        colour(self.what, theme, self._level)
