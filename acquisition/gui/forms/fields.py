"""Fields for single values: quantities, numbers, texts, choices, switches and paths."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qtpy.QtCore import QSignalBlocker
from qtpy.QtGui import QPainter, QPaintEvent
from qtpy.QtWidgets import QComboBox, QSizePolicy, QToolButton
from superqt import QToggleSwitch

from acquisition.gui.file_dialogs import ask_file, ask_folder
from acquisition.gui.forms.field import Field, LineField, WheelGuard
from acquisition.gui.forms.quantity_field import QuantityField, stepped

__all__ = [
    "ChoiceField",
    "Field",
    "IntegerField",
    "NumberField",
    "PathField",
    "QuantityField",
    "SwitchField",
    "TextField",
]


class TextField(LineField):
    """A line of text.

    Parameters
    ----------
    optional : bool
        Whether it may be empty.
    empty : str
        What an empty line shows in faint letters.
    longest : int, optional
        Most characters.
    """

    def __init__(self, *, optional: bool = True, empty: str = "", longest: int | None = None) -> None:
        super().__init__(optional=optional, empty=empty or " ")
        if longest is not None:
            self.line.setMaxLength(longest)

    def value(self) -> str:
        """Return the text."""
        return self.line.text()

    def _tidied(self, text: str) -> str:
        return self.line.text()


class NumberField(LineField):
    """A number without a unit.

    Parameters
    ----------
    low, high : float, optional
        Least and largest value.
    optional : bool
        Whether it may be empty, which means None.
    """

    def __init__(self, low: float | None = None, high: float | None = None, *, optional: bool = False) -> None:
        super().__init__(optional=optional)
        self.low, self.high = low, high

    def set_limits(self, low: float | None, high: float | None) -> None:
        """Set least and largest value."""
        self.low, self.high = low, high

    def _read(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a number, such as 3 or 0.5") from None

    def _write(self, value: Any) -> str:
        return str(value).removesuffix(".0")

    def _missing(self) -> str:
        return "is missing; write a number"

    def _outside(self, value: float) -> str:
        if value != value or (self.low is not None and value < self.low):
            return f"must be at least {self.low:g}" if self.low is not None else "must be a number"
        if self.high is not None and value > self.high:
            return f"must be at most {self.high:g}"
        return ""

    def _stepped(self, steps: int) -> None:
        text = stepped(self.line.text(), steps)
        if text is not None and not self._outside(self._read(text)):
            self.line.setText(text)


class IntegerField(NumberField):
    """A whole number; arrow keys and a focused wheel count up and down."""

    def _read(self, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a whole number, such as 3") from None


class ChoiceField(Field):
    """One of several values.

    Parameters
    ----------
    choices : mapping or sequence
        Text by value, or values that are their own text.
    optional : bool
        Whether there is also None, "not set".
    """

    def __init__(self, choices: Mapping[Any, str] | Sequence[Any], *, optional: bool = False) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setMinimumContentsLength(4)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        WheelGuard(self.box)
        if optional:
            self.box.addItem("not set", None)
        texts = choices if isinstance(choices, Mapping) else {value: str(value) for value in choices}
        for value, text in texts.items():
            self.box.addItem(text, value)
        self._known = self.box.count()
        self._put(self.box)
        self.box.activated.connect(self._chosen)

    def value(self) -> Any:
        """Return the value that is chosen."""
        return self.box.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a value; one that is none of the choices, such as a variable, becomes one more."""
        with QSignalBlocker(self.box):
            while self.box.count() > self._known:
                self.box.removeItem(self.box.count() - 1)
            index = next((at for at in range(self._known) if _same(self.box.itemData(at), value)), -1)
            if index < 0 and value is not None:
                self.box.addItem(str(value), value)
                index = self._known
            self.box.setCurrentIndex(index)

    def _chosen(self) -> None:
        self.edited.emit()
        self.committed.emit(self.value())


class _Switch(QToggleSwitch):
    """A switch in the colours of the window: any others would spoil eyes that are used to a dark room."""

    def initStyleOption(self, option: Any) -> None:  # noqa: N802 - Qt's name
        """Take the colours of the palette."""
        super().initStyleOption(option)
        palette = self.palette()
        option.on_color, option.off_color = palette.highlight().color(), palette.mid().color()
        option.handle_color = palette.text().color()

    def paintEvent(self, a0: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw a line below while it has the focus."""
        super().paintEvent(a0)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(self.palette().highlight().color())
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
            painter.end()


class SwitchField(Field):
    """On or off.

    Parameters
    ----------
    text : str
        Stands beside it.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text
        self._instead: Any = None
        self.switch = _Switch(text)
        WheelGuard(self.switch)
        self._put(self.switch)
        self.switch.clicked.connect(self._clicked)

    def value(self) -> Any:
        """Return True or False, or the variable that stands for it."""
        return self.switch.isChecked() if self._instead is None else self._instead

    def set_value(self, value: Any) -> None:
        """Switch on or off; a text that is neither, such as a variable, is kept until somebody switches."""
        self._instead = None if isinstance(value, bool) or value is None else value
        with QSignalBlocker(self.switch):
            self.switch.setChecked(value is True)
        self._write()

    def _clicked(self) -> None:
        self._instead = None
        self._write()
        self.edited.emit()
        self.committed.emit(self.value())

    def _write(self) -> None:
        said = self._text or ("on" if self.switch.isChecked() else "off")
        self.switch.setText(said if self._instead is None else str(self._instead))


class PathField(TextField):
    """The path of a file or folder, typed or chosen.

    Parameters
    ----------
    what : str
        Title of the dialogue.
    pattern : str
        Which files, as Qt's dialogues want it, e.g. ``Sequences (*.yaml)``; empty: a folder.
    """

    def __init__(self, what: str, pattern: str = "", *, optional: bool = True) -> None:
        super().__init__(optional=optional)
        self._what, self._pattern = what, pattern
        button = QToolButton()
        button.setText("...")
        button.setToolTip(what)
        button.clicked.connect(self._choose)
        self._row.insertWidget(1, button)

    def _choose(self) -> None:
        start = str(Path(self.value()).parent) if self.value() else ""
        if self._pattern:
            ask_file(self, self._what, start, self._pattern, self._take)
        else:
            ask_folder(self, self._what, start, self._take)

    def _take(self, path: str) -> None:
        self.line.setText(path)
        self._commit(always=True)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same choice: True is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
