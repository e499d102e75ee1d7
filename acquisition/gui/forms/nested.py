"""Fields that hold other fields: a part that may be left out, one of several parts, and lists of parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from acquisition.gui.forms.field import Field
from acquisition.gui.forms.fields import ChoiceField, SwitchField


class Inner(Protocol):
    """What is asked of a form inside a field."""

    def data(self) -> dict[str, Any]:
        """Return its data."""

    def set_data(self, data: Mapping[str, Any] | None) -> None:
        """Show data."""


class _Framed(Field):
    """A field with others below each other, set off by a line at the left."""

    def __init__(self) -> None:
        super().__init__()
        body = QWidget()
        self._body = QVBoxLayout(body)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(4)
        self._row.insertWidget(0, body, 1)

    def _tell(self, *_: Any) -> None:
        self.edited.emit()
        self.committed.emit(self.data())

    def set_value(self, value: Any) -> None:
        """Show a value, as files have it."""
        self.set_data(value)

    def value(self) -> Any:
        """Return the value, as files have it."""
        return self.data()


class FormField(_Framed):
    """A form inside a form.

    Parameters
    ----------
    form : QWidget
        With `data` and `set_data`, and a signal `changed`.
    optional : bool
        Whether it may be left out.
    """

    def __init__(self, form: Any, *, optional: bool) -> None:
        super().__init__()
        self._form: Inner = form
        self._widget: QWidget = form
        self._switch = SwitchField() if optional else None
        if self._switch is not None:
            self._body.addWidget(self._switch)
            self._switch.committed.connect(self._switched)
        frame = _frame(form)
        self._frame = frame
        self._body.addWidget(frame)
        form.changed.connect(self._changed)
        self._instead: Any = None

    def data(self) -> Any:
        """Return what the form holds; None if it is left out."""
        if self._instead is not None:
            return self._instead
        return self._form.data() if self._switch is None or self._switch.value() else None

    def set_data(self, data: Any) -> None:
        """Show data; None leaves it out, and what is no mapping is kept until something is changed."""
        self._instead = None if data is None or isinstance(data, Mapping) else data
        self._form.set_data(None if self._instead is not None else data)
        if self._switch is not None:
            self._switch.set_value(data is not None)
            self._frame.setVisible(data is not None)

    def _switched(self, on: bool) -> None:
        self._frame.setVisible(on)
        self._changed()

    def _changed(self) -> None:
        self._instead = None
        self._tell()


@dataclass(frozen=True, slots=True)
class Option:
    """One of the parts of which exactly one is there, with what makes its field.

    Attributes
    ----------
    text : str
        In the choice.
    make : callable
        Returns its field.
    key : str
        Under which its data stand; empty: its data are a mapping of several keys.
    """

    text: str
    make: Callable[[], Field]
    key: str = ""


class OneOfField(_Framed):
    """Exactly one of several parts, such as the goal of an acquisition.

    Parameters
    ----------
    options : mapping
        By the key that tells it from the others.
    optional : bool
        Whether there may be none; else the first is taken until another is chosen.
    tag : str
        Key whose value tells which one it is; empty: the keys themselves do.
    """

    def __init__(self, options: Mapping[str, Option], *, optional: bool, tag: str = "") -> None:
        super().__init__()
        self._options = options
        self._first = None if optional else next(iter(options))
        self._tag = tag
        self._choice = ChoiceField({key: option.text for key, option in options.items()}, optional=optional)
        self._choice.committed.connect(self._chosen)
        self._body.addWidget(self._choice)
        self._field: Field | None = None
        self._unknown: Any = None
        self.set_data(None)

    def data(self) -> Any:
        """Return a mapping with the chosen part; None if there is none."""
        if self._field is None:
            return self._unknown
        option = self._options[self._choice.value()]
        return {option.key: self._field.data()} if option.key else self._field.data()

    def set_data(self, data: Any) -> None:
        """Show data; what is none of the options is kept until one is chosen."""
        given = data if isinstance(data, Mapping) else {}
        said = given.get(self._tag) if self._tag else next((key for key in self._options if key in given), None)
        key = self._first if data is None else said if said in self._options else None
        self._unknown = data if key is None else None
        self._choice.set_value(key if key is not None else None if data is None else str(data))
        self._take(key)
        if data is not None and key is not None and self._field is not None:
            self._field.set_data(given[key] if self._options[key].key else given)

    def _chosen(self, key: str | None) -> None:
        self._unknown = None
        self._take(key)
        self._tell()

    def _take(self, key: str | None) -> None:
        if self._field is not None:
            drop(self._field)
            self._field = None
        if key in self._options and key is not None:
            self._field = self._options[key].make()
            self._field.committed.connect(self._tell)
            self._body.addWidget(self._field)


class PartsField(_Framed):
    """A list of parts, each with a button that removes it, and one that adds another.

    Parameters
    ----------
    make : callable
        Returns the field of one part.
    """

    def __init__(self, make: Callable[[], Field]) -> None:
        super().__init__()
        self._make = make
        self._parts: list[tuple[QWidget, Field]] = []
        self._instead: Any = None
        self.add_button = QToolButton()
        self.add_button.setText("+ Add")
        self.add_button.setToolTip("Add another")
        self.add_button.clicked.connect(self._add_new)
        self._body.addWidget(self.add_button, alignment=Qt.AlignmentFlag.AlignLeft)

    def data(self) -> Any:
        """Return the data of all parts; None if there are none."""
        if self._instead is not None:
            return self._instead
        return [field.data() for _, field in self._parts] or None

    def set_data(self, data: Any) -> None:
        """Show a list of data; what is none is kept until something is changed."""
        self._instead = None if data is None or isinstance(data, list | tuple) else data
        for row, _ in self._parts:
            drop(row)
        self._parts = []
        for part in data if isinstance(data, list | tuple) else ():
            self._append().set_data(part)

    def _append(self) -> Field:
        field = self._make()
        field.committed.connect(self._changed)
        remove = QToolButton()
        remove.setText("×")
        remove.setToolTip("Remove this one")
        row = _frame(field, remove)
        remove.clicked.connect(lambda: self._remove(row))
        self._body.insertWidget(self._body.count() - 1, row)
        self._parts.append((row, field))
        return field

    def _add_new(self) -> None:
        self._append()
        self._changed()

    def _remove(self, row: QWidget) -> None:
        self._parts = [part for part in self._parts if part[0] is not row]
        drop(row)
        self._changed()

    def _changed(self) -> None:
        self._instead = None
        self._tell()


def drop(widget: QWidget) -> None:
    """Take a widget out of the window, and delete it once nothing is under way in it."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def _frame(inside: QWidget, *beside: QWidget) -> QFrame:
    """Return a frame around a widget, with others at its right."""
    frame = QFrame()
    frame.setObjectName("partFrame")
    frame.setFrameShape(QFrame.Shape.StyledPanel)
    column = QVBoxLayout(frame)
    column.setContentsMargins(6, 4, 4, 4)
    column.setSpacing(2)
    for widget in beside:
        column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignRight)
    column.addWidget(inside)
    return frame
