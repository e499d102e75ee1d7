"""A form for any model of a configuration file: a row per field, with unit, limits and what is wrong with its value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from acquisition.config import ConfigModel, ConfigProblem
from acquisition.config.json_schema import NOT_IN_FILES
from acquisition.config.messages import problems_of
from acquisition.config.model import unit_of
from acquisition.config.quantity import FROM_FILE
from acquisition.gui.forms.field import Field, LineField, is_variable
from acquisition.gui.forms.fields import NumberField
from acquisition.gui.forms.make import SUGGESTED, field_for
from acquisition.gui.forms.quantity_field import QuantityField, pretty
from acquisition.gui.forms.shape import Shape, shape_of
from acquisition.gui.forms.words import allowed, label_of, tip_of
from acquisition.gui.view import Desk

LAST = ("enabled", "note", "retry", "repeatable")
"""Fields that all steps have; they stand below those of their own."""


LONGEST = 240
"""Most characters of a message below its field; the tooltip has all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the model, as the form shows it.

    Attributes
    ----------
    key, name : str
        In files, and in the program.
    info : FieldInfo
        Of the model.
    shape : Shape
        What the model allows.
    field : Field
        In which it is changed.
    problem : QLabel
        Below it.
    """

    key: str
    name: str
    info: FieldInfo
    shape: Shape
    field: Field
    problem: QLabel


class Form(QWidget):
    """A row per field of a model; `changed` is emitted whenever a change of one is complete.

    Parameters
    ----------
    desk : Desk
        Of the window.
    model : type of ConfigModel
        E.g. the one of a step.
    data : mapping, optional
        What it begins with, as files have it: quantities as texts with units.
    limits : mapping, optional
        Least and largest value of a field, by its name in the program (``intensity_percent``), in the unit of that
        name: what the instrument allows beyond what the model says.
    only : sequence of str, optional
        Names or keys of the fields that are shown, in this order; by default all but those that hold steps. Data of
        the others are kept.
    inside : bool
        Whether it is part of another form, which tells what is wrong.
    """

    changed = Signal()

    def __init__(
        self,
        desk: Desk,
        model: type[ConfigModel],
        data: Mapping[str, Any] | None = None,
        limits: Mapping[str, tuple[float, float]] | None = None,
        only: Sequence[str] | None = None,
        *,
        inside: bool = False,
    ) -> None:
        super().__init__()
        self._desk, self._model, self._inside = desk, model, inside
        self._given: dict[str, Any] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._rows = {row.key: row for row in self._make_rows(limits or {}, only)}
        self._whole = self._problem_label()
        self._grid.addWidget(self._whole, self._grid.rowCount(), 0, 1, 2)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        self.restyle()
        self.set_data(data)

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by their key in files."""
        return {key: row.field for key, row in self._rows.items()}

    def data(self) -> dict[str, Any]:
        """Return what a file would hold: quantities with their units, and only what differs from the defaults.

        What was given stays, also where the form has no field for it.
        """
        kinds = get_args(self._model.model_fields["kind"].annotation) if "kind" in self._model.model_fields else ()
        found: dict[str, Any] = {"kind": kinds[0]} if kinds else {}
        found |= {key: value for key, value in self._given.items() if key not in self._rows}
        for key, row in self._rows.items():
            value = row.field.data()
            empty = value is None or (value == "" and row.info.is_required())
            if key in self._given and _same(value, self._given[key]):
                found[key] = self._given[key]
            elif not empty and not _same(value, self._default(row.info)):
                found[key] = value
        return found

    def set_data(self, data: Mapping[str, Any] | None) -> None:
        """Show data as files have them; what they do not say is at its default. Emits nothing."""
        self._given = dict(data or {})
        for key, row in self._rows.items():
            row.field.set_data(self._given[key] if key in self._given else self._default(row.info))
        self._show_problems()

    def problems(self) -> list[str]:
        """Return what is wrong, each with the words of its field; empty if the data can be used."""
        return [f"{label_of(_top(each))}: {_said(each)}" if each.key else each.message for each in self._found()]

    def restyle(self) -> None:
        """Take the colours of `Desk.theme`, which has changed."""
        for label in (*(row.problem for row in self._rows.values()), self._whole):
            label.setStyleSheet(f"color: {self._desk.theme.bad}")
        for form in self.findChildren(Form):
            form.restyle()

    def set_limits(self, limits: Mapping[str, tuple[float, float]]) -> None:
        """Set what the instruments allow, as in the parameter `limits`; what is typed stays."""
        for row in self._rows.values():
            shape = _within(row.shape, limits.get(row.name))
            if isinstance(row.field, QuantityField | NumberField):
                row.field.set_limits(shape.low, shape.high)
            row.field.set_tip(self._tip(row.name, row.info, shape))
        self._show_problems()

    def _make_rows(self, limits: Mapping[str, tuple[float, float]], only: Sequence[str] | None) -> Iterator[Row]:
        for name, info in self._shown(only):
            shape = shape_of(info)
            field = field_for(_within(shape, limits.get(name)), self._form_inside)
            yield self._row(name, info, shape, field)

    def _tip(self, name: str, info: FieldInfo, shape: Shape) -> str:
        return "\n".join(part for part in (tip_of(self._model, name, info), allowed(shape)) if part)

    def _shown(self, only: Sequence[str] | None) -> list[tuple[str, FieldInfo]]:
        children = getattr(self._model, "children", ())
        fields = [
            (name, info)
            for name, info in self._model.model_fields.items()
            if name != "kind" and name not in children and info.json_schema_extra != NOT_IN_FILES
        ]
        if only is None:
            return sorted(fields, key=lambda item: LAST.index(item[0]) + 1 if item[0] in LAST else 0)
        wanted = list(only)
        named = [(name, info) for name, info in self._model.model_fields.items() if {name, info.alias} & set(wanted)]
        return sorted(named, key=lambda item: wanted.index(item[0] if item[0] in wanted else str(item[1].alias)))

    def _row(self, name: str, info: FieldInfo, shape: Shape, field: Field) -> Row:
        at, key = self._grid.rowCount(), info.alias or name
        label = QLabel(label_of(key))
        label.setBuddy(field)
        tip = self._tip(name, info, shape)
        label.setToolTip(tip)
        field.set_tip(tip)
        if (self._model, name) in SUGGESTED and isinstance(field, LineField):
            field.suggest(SUGGESTED[self._model, name]())
        field.committed.connect(self._committed)
        field.edited.connect(self._show_problems)
        problem = self._problem_label()
        self._grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, at, 1)
        self._grid.addWidget(problem, at + 1, 0, 1, 2)
        return Row(key, name, info, shape, field, problem)

    def _problem_label(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        label.hide()
        return label

    def _form_inside(self, model: type[ConfigModel], only: Sequence[str] | None = None) -> "Form":
        return Form(self._desk, model, only=only, inside=True)

    def _committed(self) -> None:
        self._show_problems()
        self.changed.emit()

    def _default(self, info: FieldInfo) -> Any:
        """Return the default of a field as files would have it; None if it has none."""
        if info.is_required():
            return None
        default = info.get_default(call_default_factory=True)
        unit = unit_of(info)
        if unit is not None and isinstance(default, int | float):
            return pretty(default, unit)
        if isinstance(default, tuple):
            return list(default) or None
        return default or None if isinstance(default, dict) else default

    def _found(self) -> list[ConfigProblem]:
        own = [ConfigProblem(row.field.problem(), key) for key, row in self._rows.items() if row.field.problem()]
        said = {problem.key for problem in own}
        return own + [problem for problem in self._of_model() if _top(problem) not in said]

    def _of_model(self) -> list[ConfigProblem]:
        """Return what the model refuses, but for fields that it has no row for, or that hold variables."""
        data = self.data()
        unknown = {key for key, value in data.items() if _has_variable(value)}
        checked = {key: value for key, value in data.items() if key not in unknown}
        try:
            self._model.model_validate(checked, context={FROM_FILE: True}, by_alias=True, by_name=False)
        except ValidationError as error:
            found = problems_of(error, self._model, checked, checked)
            ours = {*self._rows, *self._given} - unknown - _children(self._model)
            return [each for each in found if (_top(each) in ours if each.key else not unknown)]
        return []

    def _show_problems(self) -> None:
        if self._inside:
            return
        found = self._found()
        for key, row in self._rows.items():
            text = " ".join(_said(each) for each in found if _top(each) == key)
            row.field.mark(text)
            _show(row.problem, text)
        others = [f"{each.key} {each.message}".strip() for each in found if _top(each) not in self._rows]
        _show(self._whole, " ".join(others))


def _show(label: QLabel, text: str) -> None:
    label.setText(text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")
    label.setToolTip(text)
    label.setVisible(bool(text))


def _top(problem: ConfigProblem) -> str:
    """Return the key of the row that a problem belongs to."""
    return problem.key.partition(".")[0].partition("[")[0]


def _said(problem: ConfigProblem) -> str:
    """Return a problem with the keys below that of its row."""
    below = problem.key[len(_top(problem)) :].lstrip(".")
    return f"{below}: {problem.message}" if below else problem.message


def _within(shape: Shape, limits: tuple[float, float] | None) -> Shape:
    """Return a shape whose numbers also lie within limits of an instrument."""
    if limits is None or shape.kind not in ("quantity", "int", "float"):
        return shape
    low = limits[0] if shape.low is None else max(limits[0], shape.low)
    high = limits[1] if shape.high is None else min(limits[1], shape.high)
    return replace(shape, low=low, high=high, above_low=shape.above_low and low == shape.low)


def _children(model: type[ConfigModel]) -> set[str]:
    names = getattr(model, "children", ())
    return {model.model_fields[name].alias or name for name in names}


def _has_variable(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_variable(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_has_variable(part) for part in value)
    return is_variable(value)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same in a file: 1 and 1.0 are, true and 1 are not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
