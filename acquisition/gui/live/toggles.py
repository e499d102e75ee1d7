"""A row of small buttons that choose one or several things; a mouse wheel that passes changes nothing."""

from collections.abc import Mapping, Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Toggles(QWidget):
    """Buttons that stay down.

    Parameters
    ----------
    texts : mapping of str to str
        Text by name.
    tip : str
        What is chosen, for people.
    several : bool
        Whether several may be chosen, else exactly one is.
    """

    changed = Signal()
    """Emitted when a person has chosen."""

    def __init__(self, texts: Mapping[str, str], tip: str, *, several: bool = False) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._group.setExclusive(not several)
        self._buttons: dict[str, QToolButton] = {}
        for name, text in texts.items():
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setChecked(several or not self._buttons)
            button.clicked.connect(self.changed)
            self._group.addButton(button)
            row.addWidget(button)
            self._buttons[name] = button

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of what is chosen, in their order."""
        return tuple(name for name, button in self._buttons.items() if button.isChecked())

    @property
    def one(self) -> str:
        """The name that is chosen, the first of several; empty if none is."""
        return next(iter(self.chosen), "")

    def choose(self, names: Sequence[str]) -> None:
        """Press the buttons of these names; emits nothing."""
        for name, button in self._buttons.items():
            if self._group.exclusive() and name not in names:
                continue
            button.setChecked(name in names)

    def offer(self, names: Sequence[str]) -> None:
        """Show only the buttons of these names."""
        for name, button in self._buttons.items():
            button.setVisible(name in names)

    def button(self, name: str) -> QToolButton:
        """Return the button of a name."""
        return self._buttons[name]
