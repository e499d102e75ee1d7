"""A number of minutes and a button that asks for them."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from acquisition.config import quantity
from acquisition.gui.forms.fields import QuantityField

LONGEST_S = 3600.0


class TimeField(QWidget):
    """A time, and a button that adds it; `asked` carries it in s."""

    asked = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.field = QuantityField(quantity("s", "a time", "10 min"), -LONGEST_S, LONGEST_S)
        self.field.set_data("10 min")
        self.field.set_tip("How much longer; a time below zero shortens the point, not below what is measured.")
        self.button = QToolButton()
        self.button.setText("Add")
        self.button.clicked.connect(self._ask)
        self.field.edited.connect(lambda: self.button.setEnabled(self.field.valid))
        row = QHBoxLayout(self)
        row.addWidget(QLabel("+"))
        row.addWidget(self.field)
        row.addWidget(self.button)

    def _ask(self) -> None:
        if self.field.valid and self.field.value():
            self.asked.emit(float(self.field.value()))
