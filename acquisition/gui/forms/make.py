"""From the shape of a value to the field in which a person changes it."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from acquisition.config import ConfigModel, shipped_names
from acquisition.gui.forms.field import Field
from acquisition.gui.forms.fields import ChoiceField, IntegerField, NumberField, QuantityField, SwitchField, TextField
from acquisition.gui.forms.nested import FormField, OneOfField, Option, PartsField
from acquisition.gui.forms.shape import Shape, shape_of
from acquisition.gui.forms.words import label_of, words_of_kind
from acquisition.gui.forms.yaml_field import ListField, MappingField, ScalarField, YamlField
from acquisition.sequence.steps.blocks import Call
from acquisition.sequence.steps.conditions import Condition
from acquisition.sequence.steps.goals import RESULTS, Goal, RelativeError
from acquisition.sequence.steps.value_names import VALUES

SUGGESTED: Mapping[tuple[type[ConfigModel], str], Callable[[], Iterable[str]]] = {
    (Condition, "value"): lambda: VALUES,
    (RelativeError, "of"): lambda: RESULTS,
    (Call, "sequence"): lambda: shipped_names("sequences"),
}
"""What a line offers, by model and field; anything else may be typed, too."""

MakeForm: TypeAlias = Callable[..., Any]
"""Takes a model, and `only`, some of its fields; returns a form of it."""


def field_for(shape: Shape, form: MakeForm) -> Field:
    """Return a field for values of a shape.

    Parameters
    ----------
    shape : Shape
        As `shape_of` finds it.
    form : callable
        Makes the form of a model inside.
    """
    optional = shape.optional
    if shape.kind == "quantity" and shape.unit is not None:
        return QuantityField(shape.unit, shape.low, shape.high, optional=optional, above_low=shape.above_low)
    if shape.kind == "bool":
        return ChoiceField({True: "on", False: "off"}, optional=True) if optional else SwitchField()
    if shape.kind in ("int", "float"):
        return (IntegerField if shape.kind == "int" else NumberField)(shape.low, shape.high, optional=optional)
    if shape.kind == "text":
        return TextField(longest=shape.longest)
    if shape.kind == "choice":
        return ChoiceField({value: str(value).replace("_", " ") for value in shape.choices}, optional=optional)
    if shape.kind == "list":
        return ListField("" if shape.unit is None else f"{shape.unit.example}, ...")
    if shape.kind == "mapping":
        return MappingField("name: value, ...")
    return _field_of_models(shape, form)


def _field_of_models(shape: Shape, form: MakeForm) -> Field:
    if shape.kind == "parts" and shape.item is not None:
        item = shape.item
        return PartsField(lambda: field_for(item, form))
    if shape.kind == "model" and shape.models[0] is Goal:
        return _goal(form, optional=shape.optional)
    if shape.kind == "model" and shape.models[0] is Condition:
        return _condition(form, optional=shape.optional)
    if shape.kind == "model":
        return FormField(form(shape.models[0]), optional=shape.optional)
    if shape.kind == "kinds":
        return _kinds(shape.models, form)
    return ScalarField() if shape.kind == "any" and shape.optional else YamlField()


def _goal(form: MakeForm, *, optional: bool) -> OneOfField:
    options = {}
    for name, info in Goal.model_fields.items():
        key = info.alias or name
        options[key] = Option(label_of(key), _maker(info, form), key)
    return OneOfField(options, optional=optional)


def _maker(info: Any, form: MakeForm) -> Callable[[], Field]:
    """Return what makes the field of a part that, once chosen, must be there."""
    shape = shape_of(info)
    if shape.kind == "quantity" and shape.unit is not None:
        unit = shape.unit
        return lambda: QuantityField(unit, shape.low, shape.high, above_low=shape.above_low)
    if shape.kind in ("int", "float"):
        return lambda: (IntegerField if shape.kind == "int" else NumberField)(shape.low, shape.high)
    if shape.kind == "model" and shape.models[0] not in (Goal, Condition):
        return lambda: FormField(form(shape.models[0]), optional=False)
    return lambda: field_for(shape, form)


def _condition(form: MakeForm, *, optional: bool) -> OneOfField:
    compared = ("value", "above", "below", "equals")
    options = {
        "value": Option("A value", lambda: FormField(form(Condition, only=compared), optional=False)),
        "all": Option(label_of("all"), lambda: PartsField(lambda: _condition(form, optional=False)), "all"),
        "any": Option(label_of("any"), lambda: PartsField(lambda: _condition(form, optional=False)), "any"),
        "not": Option(label_of("not"), lambda: _condition(form, optional=False), "not"),
    }
    return OneOfField(options, optional=optional)


def _kinds(models: tuple[type[ConfigModel], ...], form: MakeForm) -> OneOfField:
    options = {}
    for model in models:
        kind = str(model.model_fields["kind"].default)
        options[kind] = Option(words_of_kind(kind), partial(_form_field, form, model))
    return OneOfField(options, optional=False, tag="kind")


def _form_field(form: MakeForm, model: type[ConfigModel]) -> Field:
    return FormField(form(model), optional=False)
