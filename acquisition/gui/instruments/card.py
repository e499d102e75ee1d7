"""The card of one instrument: who it is, what it does, what can be set, what it reads, and what is wrong."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.instruments.allowed import LIGHT, Situation
from acquisition.gui.instruments.card_actions import CardActions
from acquisition.gui.instruments.confirm import Confirm
from acquisition.gui.instruments.control_row import ControlRow, row_for
from acquisition.gui.instruments.signs import SignLabel, colour, embolden
from acquisition.gui.instruments.step_table import STEPS, question_before, step_for
from acquisition.gui.instruments.value_table import ValueTable
from acquisition.gui.instruments.words import Level, Sign, identity_of, state_of, title_of
from acquisition.gui.view import Desk
from acquisition.gui.window.elided import ElidedLabel

OPEN_AT_FIRST = frozenset({"laser", "shutter", "heater", "spectrograph", "attenuator"})
"""Roles whose cards are not folded before somebody has folded or opened them."""

IN_STATE = frozenset(
    {
        "emission", "interlock_closed", "heating", "alarm", "setpoint_c", "bias", "moving", "open", "acquiring",
        "transmission", "readable", "power_w",
    }
)  # fmt: skip
"""Readings that the line of the state tells already."""


class Card(QFrame):
    """An instrument of the rig.

    Parameters
    ----------
    desk : Desk
        Shared with the window.
    role : str
        Of the instrument.
    """

    def __init__(self, desk: Desk, role: str) -> None:
        super().__init__()
        self.desk, self.role = desk, role
        self.device: Mapping[str, Any] = {}
        self._situation = Situation()
        self.rows: dict[str, ControlRow] = {}
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.fold = QToolButton()
        self.badge = QLabel("simulated")
        self.badge.setToolTip("A simulator stands in for it: what it does and reads is computed.")
        self.state = SignLabel(desk.theme, bold=True)
        self.problem = SignLabel(desk.theme)
        self.identity = ElidedLabel()
        self.confirm = Confirm(lambda: (desk.commands.made_safe, self._situation))
        self.readings, self.settings = ValueTable(desk.theme, "It reads"), ValueTable(desk.theme, "It is set up with")
        self.more = QPushButton("More")
        self.buttons = CardActions(desk, role, self.confirm)
        self.body = QWidget()
        self._rows_at = QVBoxLayout()
        self._build()
        self.restyle()
        self._open(opened=bool(desk.settings.value(self._key, role in OPEN_AT_FIRST, type=bool)))

    def show_device(self, device: Mapping[str, Any], situation: Situation) -> None:
        """Show what the session says of the instrument."""
        changed, self._situation = device is not self.device, situation
        self.device = device
        if changed:
            self._show_values()
        self.state.say(state_of(device, lost=situation.lost(self.role)))
        self.confirm.look()
        why_not = situation.why_not_set(device)
        for row in self.rows.values():
            row.block(why_not)
            row.wait_for_person(asked=situation.asks)
        self.buttons.show_situation(situation)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        parts: list[SignLabel | ValueTable | ControlRow] = [self.state, self.problem, self.readings, self.settings]
        for part in (*parts, *self.rows.values()):
            part.restyle(theme)
        colour(self.identity, theme, Level.FAINT)
        colour(self.badge, theme, Level.WARN)

    @property
    def _key(self) -> str:
        return f"instruments/{self.role}/open"

    def _build(self) -> None:
        self.fold.setText(title_of(self.role))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        embolden(self.fold)
        self.fold.setToolTip("Opens or folds the card; its state stays visible.")
        self.fold.clicked.connect(lambda: self._open(opened=self.body.isHidden()))
        head = QHBoxLayout()
        head.addWidget(self.fold)
        head.addStretch()
        head.addWidget(self.badge)
        self._rows_at.setSpacing(0)
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(3)
        body.addWidget(self.identity)
        body.addLayout(self._rows_at)
        body.addWidget(self.readings)
        body.addWidget(self.settings)
        body.addLayout(self._buttons())
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 4)
        column.setSpacing(2)
        column.addLayout(head)
        for part in (self.state, self.problem, self.confirm, self.body):
            column.addWidget(part)

    def _buttons(self) -> QHBoxLayout:
        self.more.setCheckable(True)
        self.more.setToolTip("How the instrument is set up: what belongs to it, rather than to a measurement.")
        self.more.toggled.connect(self._show_settings)
        self.settings.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(self.buttons.off)
        buttons.addWidget(self.buttons.reconnect)
        buttons.addStretch()
        buttons.addWidget(self.more)
        return buttons

    def _open(self, *, opened: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.body.setVisible(opened)
        self.desk.settings.setValue(self._key, opened)

    def _show_settings(self, shown: bool) -> None:
        self.settings.setVisible(shown)
        self._show_values()

    def _show_values(self) -> None:
        device = self.device
        self.identity.setText(identity_of(device))
        self.badge.setVisible(bool(device.get("simulated")))
        problem = device.get("problem")
        self.problem.say(Sign(f"{problem}" if problem else "", Level.BAD))
        controls: Mapping[str, Any] = device.get("controls") or {}
        moving = bool(device.get("readings", {}).get("moving"))
        for name, control in controls.items():
            if name not in self.rows:
                self._add_row(name, control)
            self.rows[name].show_control(control, moving=moving)
        for name, row in self.rows.items():
            if name not in controls:
                row.forget()
        readings = device.get("readings") or {}
        self.readings.show_values(
            {name: value for name, value in readings.items() if name not in controls and name not in IN_STATE}
        )
        if self.settings.isVisibleTo(self):
            self.settings.show_values(device.get("settings") or {})

    def _add_row(self, name: str, control: Mapping[str, Any]) -> None:
        if self.role not in STEPS or name not in STEPS[self.role].settings:
            return
        row = row_for(self.desk.theme, self.role, name, control)
        row.off_at_once = LIGHT.get(self.role) == name
        row.asked.connect(partial(self._ask, name))
        self.rows[name] = row
        widest = max(each.label.sizeHint().width() for each in self.rows.values())
        for each in self.rows.values():
            each.label.setMinimumWidth(widest)
        order = list(STEPS[self.role].settings)
        self._rows_at.insertWidget(sum(order.index(each) < order.index(name) for each in self.rows), row)

    def _ask(self, name: str, value: Any, data: Any) -> None:
        """Set something, after a question where it is dangerous."""
        question = question_before(self.role, name, value, self._situation.mode)
        if question:
            yes = "Switch on" if isinstance(value, bool) else "Heat"
            self.confirm.ask(question, yes, lambda: self._set(name, value, data))
        else:
            self._set(name, value, data)

    def _set(self, name: str, value: Any, data: Any) -> None:
        self.rows[name].begin(value)
        if value is False and LIGHT.get(self.role) == name:
            self.buttons.switch_off(then=partial(self._end, name))
        else:
            self.desk.commands.do("do_step", step_for(self.role, name, data), then=partial(self._end, name))

    def _end(self, name: str, done: Done) -> None:
        self.rows[name].end("" if done.error is None else str(done.error))
        if isinstance(done.result, Mapping) and done.result.get("role") == self.role:
            self.show_device(done.result, self._situation)
