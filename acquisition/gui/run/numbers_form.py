"""The main numbers of the sequence, to be changed for one run without editing its file."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QLabel, QWidget

from acquisition.config import quantity
from acquisition.gui.forms.field import LineField
from acquisition.gui.forms.fields import QuantityField
from acquisition.gui.run.main_numbers import DURATION, INTENSITY, TEMPERATURES, MainNumber, main_numbers
from acquisition.gui.run.temperatures_field import TemperaturesField, write_temperatures

_LABELS = {DURATION: "Each point", TEMPERATURES: "Temperatures", INTENSITY: "Laser intensity"}
_TIPS = {
    DURATION: "How long photons of each point are recorded: relative errors shrink with the square root of it.",
    TEMPERATURES: "Substrate temperatures, one after the other; the run waits until each is stable.",
    INTENSITY: "Share of the full laser intensity: sets how many excitations a pulse makes.",
}


class NumbersForm(QWidget):
    """A row for each main number of a sequence; `changed` tells that one is another now."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, LineField] = {}
        self._first: dict[str, str] = {}
        self._shown: tuple[MainNumber, ...] | None = None
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)

    def show_numbers_of(self, content: Mapping[str, Any]) -> None:
        """Show the numbers of a sequence; what was typed for another one is forgotten."""
        numbers = main_numbers(content)
        if numbers == self._shown:
            return
        self._shown = numbers
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields, self._first = {}, {}
        for number in numbers:
            self._add(number)
        self.setVisible(bool(numbers))

    def changes(self) -> dict[str, Any]:
        """Return what was typed and is another value than that of the sequence, by the name of the number."""
        typed = {name: field for name, field in self.fields.items() if field.line.text().strip() != self._first[name]}
        return {name: field.value() if name == TEMPERATURES else field.data() for name, field in typed.items()}

    def restore(self, changes: Mapping[str, Any]) -> None:
        """Show numbers that were typed before, as `changes` has given them."""
        for name, data in changes.items():
            if (field := self.fields.get(name)) is not None:
                field.set_data(write_temperatures(tuple(data)) if name == TEMPERATURES else str(data))

    def problems(self) -> list[str]:
        """Return what cannot be used."""
        found = {name: field.problem() for name, field in self.fields.items()}
        return [f"{_LABELS[name]}: {problem}" for name, problem in found.items() if problem]

    def _add(self, number: MainNumber) -> None:
        field = _field_of(number)
        field.set_data(_text_of(number) or None)
        self._first[number.name] = field.line.text()
        field.set_tip(_TIPS[number.name])
        field.edited.connect(self.changed)
        field.committed.connect(lambda _value: self.changed.emit())
        label = QLabel(_LABELS[number.name])
        label.setToolTip(_TIPS[number.name])
        self._form.addRow(label, field)
        self.fields[number.name] = field


def _field_of(number: MainNumber) -> LineField:
    if number.name == TEMPERATURES:
        return TemperaturesField()
    several = len(number.values) > 1
    if number.name == DURATION:
        field = QuantityField(quantity("s", "a time", "10 min"), 0.0, optional=several, above_low=True)
    else:
        field = QuantityField(quantity("percent", "a percentage", "20 %"), 0.0, 100.0, optional=several)
    if several:
        field.line.setPlaceholderText("as each step says")
    return field


def _text_of(number: MainNumber) -> str:
    """Return what a field shows first; empty where steps say different things."""
    if number.name == TEMPERATURES:
        return write_temperatures(number.values)
    if len(number.values) > 1:
        return ""
    [value] = number.values
    unit = " s" if number.name == DURATION else " %"
    return value if isinstance(value, str) else f"{value:.15g}{unit}"
