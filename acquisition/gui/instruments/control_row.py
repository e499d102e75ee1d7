"""One setting of an instrument: what it is to be, what it was set to, and what it reads back, apart."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from acquisition.gui.forms.field import Field, LineField
from acquisition.gui.forms.fields import ChoiceField
from acquisition.gui.forms.quantity_field import QuantityField
from acquisition.gui.instruments.focus import FocusKeeper
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.instruments.step_table import STEPS, Setting, unit_of
from acquisition.gui.instruments.words import Level, Sign, agrees, control_words, range_words
from acquisition.gui.theme.themes import Theme

STALE_LOOKS = 2
"""How often in a row a value that was set just now may read back otherwise: the first look may be an old one."""


class ControlRow(QWidget):
    """A setting: label, field and button above, how it stands below.

    `asked` is emitted with the value, in the unit of its name, and as files have it; nothing else is done.

    Parameters
    ----------
    theme : Theme
        Colours to begin with.
    name : str
        Of the setting.
    setting : Setting
        In words.

    Attributes
    ----------
    off_at_once : bool
        Whether it can be switched off also while something else is being set.
    """

    asked = Signal(object, object)

    def __init__(self, theme: Theme, name: str, setting: Setting) -> None:
        super().__init__()
        self.name, self.setting = name, setting
        self.label = QLabel(setting.label)
        self.state = SignLabel(theme)
        self.busy = self.off_at_once = False
        self._was = ""
        self._last: Any = None
        self._wrong_looks = 0
        self._failed = ""
        self._control: Mapping[str, Any] = {}
        self._moving = False
        self._blocked = ""
        self._person_asked = False
        self._focus = FocusKeeper()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 2, 0, 2)
        self.grid.setVerticalSpacing(1)
        self.grid.addWidget(self.label, 0, 0)
        self.grid.addWidget(self.state, 1, 0, 1, 3)
        self.grid.setColumnStretch(1, 1)

    def show_control(self, control: Mapping[str, Any], *, moving: bool = False) -> None:
        """Show how the setting stands by a new look at the instrument; one that is typed in stays."""
        new = any(control.get(key) != self._control.get(key) for key in ("limits", "choices"))
        self._control, self._moving, self._was = control, moving, ""
        self._wrong_looks = 0 if agrees(control, self._wanted) else self._wrong_looks + 1
        self._show_value()
        if new:
            self._look()
        self._say()

    def forget(self) -> None:
        """Show that nobody knows how the setting stands, because the instrument does not tell any more."""
        if not self._was:
            self._was = control_words(self.name, self._control, self._last).text.lstrip("✓✗▶ ")
            self._control = {key: self._control[key] for key in ("limits", "choices") if key in self._control}
            self._last = None
            self._show_value()
            self._say()

    def block(self, why: str) -> None:
        """Let nothing be set, for a reason; empty: let it."""
        if why != self._blocked:
            self._blocked = why
            self._look()

    def wait_for_person(self, *, asked: bool) -> None:
        """Take note of whether a person is asked to do something by hand, on which a setting may wait."""
        if asked != self._person_asked:
            self._person_asked = asked
            self._say()

    def begin(self, value: Any) -> None:
        """Take note that a value was asked for."""
        self.busy, self._failed, self._last, self._wrong_looks = True, "", value, 0
        self._look()
        self._say()

    def end(self, problem: str) -> None:
        """Take note of what came of it: empty if it was done."""
        self.busy, self._failed = False, problem
        if problem:
            self._last = None
        self._look()
        self._say()

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.state.restyle(theme)

    @property
    def tip(self) -> str:
        """What it is, what is allowed, and why nothing can be set now."""
        allowed = range_words(self.name, self._control)
        choices = [str(each["text"]) for each in self._control.get("choices") or ()]
        parts = (self._blocked, self.setting.tip, f"Allowed: {allowed}." if allowed else "", *choices)
        return "\n".join(part for part in parts if part)

    @property
    def _wanted(self) -> Any:
        return self._last if self._control.get("set") is None else self._control["set"]

    def _typed(self) -> str:
        """Return what is written in the field and not set; empty if nothing."""
        return ""

    def _show_value(self) -> None:
        """Bring the field to what the instrument says."""

    def _look(self) -> None:
        """Enable what may be done."""

    def _say(self) -> None:
        self.state.say(self._sign())

    def _sign(self) -> Sign:
        if self.busy:
            by_hand = "… waits for your hand: do what the question asks, then answer it"
            return Sign(by_hand if self._person_asked else "… being set", Level.WARN)
        if self._failed:
            return Sign(f"✗ NOT SET: {self._failed}", Level.BAD)
        if self._was:
            return Sign(f"not known now, was: {self._was}", Level.WARN)
        if typed := self._typed():
            return Sign(f"{typed} is not set yet: press Enter or Set", Level.WARN)
        sign = control_words(self.name, self._control, self._last, moving=self._moving)
        if sign.level is Level.BAD and 0 < self._wrong_looks < STALE_LOOKS:
            return Sign("… being read back", Level.WARN)
        allowed = range_words(self.name, self._control)
        return Sign(f"{sign.text} · {allowed}" if allowed else sign.text, sign.level)


class FieldRow(ControlRow):
    """A number or a choice; Enter or the button sets it, Escape takes back what was written.

    Parameters
    ----------
    theme, name, setting
        As of `ControlRow`.
    field : Field
        Where it is written.
    """

    def __init__(self, theme: Theme, name: str, setting: Setting, field: Field) -> None:
        super().__init__(theme, name, setting)
        self.field = field
        self.button = QPushButton("Set")
        self._touched = False
        self.grid.addWidget(field, 0, 1)
        self.grid.addWidget(self.button, 0, 2)
        self.label.setBuddy(field)
        field.edited.connect(self._edit)
        self.button.clicked.connect(self._ask)
        if isinstance(field, LineField):
            field.line.returnPressed.connect(self._ask)
        self._look()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take back what was written by Escape."""
        if event.key() == Qt.Key.Key_Escape and (self._touched or self._failed):
            self._touched, self._failed = False, ""
            self._show_value()
            self._say()
        else:
            super().keyPressEvent(event)

    def begin(self, value: Any) -> None:
        """Take note that a value was asked for; what was written is not new any more."""
        self._touched = False
        super().begin(value)

    def _edit(self) -> None:
        self._touched, self._failed = True, ""
        self._say()

    def _typed(self) -> str:
        if not self._touched or self.field.value() == self._shown_value():
            return ""
        return str(self.field.data())

    def _shown_value(self) -> Any:
        wanted = self._wanted
        return self._control.get("read") if wanted is None else wanted

    def _show_value(self) -> None:
        limits = self._control.get("limits")
        if isinstance(self.field, QuantityField) and limits and (self.field.low, self.field.high) != tuple(limits):
            self.field.set_limits(*limits)
        value = self._shown_value()
        if not (self._touched or self.busy or self._failed) and value is not None and value != self.field.value():
            self.field.set_value(value)

    def _look(self) -> None:
        enabled = not self._blocked and not self.busy
        self._focus.allow(self.field, allowed=enabled)
        self._focus.allow(self.button, allowed=enabled)
        self.field.set_tip(self.tip)
        self.label.setToolTip(self.tip)
        self.button.setToolTip(self._blocked or f"Set it and read it back. {self.setting.tip}")

    def _ask(self) -> None:
        if not self.button.isEnabled():
            return
        problem = self.field.problem() or ("" if self.field.value() is not None else "write a value first")
        self.field.mark(problem)
        if problem:
            self._failed = problem
            self._say()
            return
        self.asked.emit(self.field.value(), self.field.data())


class SwitchRow(ControlRow):
    """Two positions, both written on it; the one that reads back is pressed in."""

    def __init__(self, theme: Theme, name: str, setting: Setting) -> None:
        super().__init__(theme, name, setting)
        self.off, self.on = QPushButton(setting.off), QPushButton(setting.on)
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        for value, button in ((False, self.off), (True, self.on)):
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, value=value: self._ask(value))
            row.addWidget(button, 1)
        self._group.setExclusive(False)
        self.grid.addLayout(row, 0, 1, 1, 2)
        self._look()

    def _show_value(self) -> None:
        read = self._control.get("read")
        self.off.setChecked(read is False)
        self.on.setChecked(read is True)

    def _look(self) -> None:
        self.label.setToolTip(self.tip)
        for button in (self.off, self.on):
            urgent = button is self.off and self.off_at_once
            self._focus.allow(button, allowed=not self._blocked and (urgent or not self.busy))
            button.setToolTip(self.tip)

    def _ask(self, value: bool) -> None:
        self._show_value()  # a click shows nothing: what reads back does
        self.asked.emit(value, value)


def row_for(theme: Theme, role: str, name: str, control: Mapping[str, Any]) -> ControlRow:
    """Return the row of a setting, with the field that fits it.

    Parameters
    ----------
    theme : Theme
        Colours to begin with.
    role, name : str
        Of the instrument, and of the setting.
    control : mapping
        As of `acquisition.session.device_controls.controls`.
    """
    setting = STEPS[role].settings[name]
    if setting.on:
        return SwitchRow(theme, name, setting)
    if (unit := unit_of(role, name)) is not None:
        low, high = control.get("limits") or (None, None)
        return FieldRow(theme, name, setting, QuantityField(unit, low, high, optional=True))
    short = {each["value"]: str(each["text"]).split(",")[0] for each in control.get("choices") or ()}
    return FieldRow(theme, name, setting, ChoiceField(short))
