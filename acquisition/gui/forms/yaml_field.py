"""Fields whose values are written as YAML: lists on one line, single values of any kind, and whatever has no field."""

import io
import re
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QFocusEvent, QKeyEvent
from qtpy.QtWidgets import QPlainTextEdit
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from acquisition.config.positions import PlainData
from acquisition.gui.forms.field import Field, LineField, WheelGuard

_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")


class ListField(LineField):
    """Values in a row, separated by commas: ``20 degC, 40 degC, 60 degC``; texts with commas in quotes.

    Parameters
    ----------
    example : str
        Is shown while the line is empty.
    """

    def __init__(self, example: str = "") -> None:
        super().__init__(optional=True, empty=example)

    def _read(self, text: str) -> Any:
        return read_flow(f"[{text}]")

    def _write(self, value: Any) -> str:
        return write_flow(list(value))[1:-1]

    def _stands_for_another(self, text: str) -> bool:
        return _VARIABLE.fullmatch(text) is not None


class MappingField(LineField):
    """Names and values in a row: ``temperature: 20 degC, rounds: 3``."""

    def __init__(self, example: str = "") -> None:
        super().__init__(optional=True, empty=example)

    def _read(self, text: str) -> Any:
        return read_flow(f"{{{text}}}")

    def _write(self, value: Any) -> str:
        return write_flow(dict(value))[1:-1]

    def _stands_for_another(self, text: str) -> bool:
        return _VARIABLE.fullmatch(text) is not None


class ScalarField(LineField):
    """A single value: ``one`` is a text, ``3`` a number, ``true`` a truth."""

    def __init__(self) -> None:
        super().__init__(optional=True)

    def set_data(self, data: Any) -> None:
        """Show a value; a text that looks like a number gets quotes."""
        self.set_value(data)

    def _read(self, text: str) -> Any:
        return read_flow(text)

    def _write(self, value: Any) -> str:
        return write_flow([value])[1:-1]


class _Lines(QPlainTextEdit):
    """Lines of text that commit with Ctrl+Enter, and when the focus leaves."""

    def __init__(self, field: "YamlField") -> None:
        super().__init__()
        self._field = field

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Commit."""
        super().focusOutEvent(event)
        self._field.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Commit with Ctrl+Enter."""
        wants = event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_Return
        if wants:
            self._field.commit()
        else:
            super().keyPressEvent(event)


class YamlField(Field):
    """Anything, written as YAML over several lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = _Lines(self)
        self.lines.setTabChangesFocus(True)
        self.lines.setPlaceholderText("not set")
        self.lines.setFixedHeight(self.lines.fontMetrics().lineSpacing() * 6)
        WheelGuard(self.lines)
        self._shown = ""
        self._put(self.lines)
        self.lines.textChanged.connect(self._typed)

    def value(self) -> Any:
        """Return what is written, as plain data; the text itself if it is no YAML."""
        text = self.lines.toPlainText()
        try:
            return read_flow(text)
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        """Show plain data."""
        self._shown = "" if value is None else write_block(value)
        self.lines.setPlainText(self._shown)

    def problem(self) -> str:
        """Return why it cannot be read."""
        try:
            read_flow(self.lines.toPlainText())
        except ValueError as error:
            return str(error)
        return ""

    def commit(self) -> None:
        """Tell what was typed, if something was."""
        text = self.lines.toPlainText()
        if text == self._shown or self.problem():
            return
        self._shown = text
        self.committed.emit(self.value())

    def _typed(self) -> None:
        self.mark(self.problem())
        if self.lines.toPlainText() != self._shown:
            self.edited.emit()


def read_flow(text: str) -> Any:
    """Return plain data of YAML text; raises `ValueError` with what is wrong."""
    plain = PlainData()
    try:
        found = plain.convert(YAML(typ="rt", pure=True).load(text))
    except (YAMLError, RecursionError) as error:
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{text.strip()[:60]!r} is not valid YAML: {reason}") from error
    if plain.problems:
        raise ValueError(plain.problems[0].message)
    return found


def write_flow(value: Any) -> str:
    """Return plain data as YAML on one line."""
    return _write(value, flow=True).strip()


def write_block(value: Any) -> str:
    """Return plain data as YAML over several lines."""
    return _write(value, flow=False).strip().removesuffix("\n...")


def _write(value: Any, *, flow: bool) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 100_000
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
