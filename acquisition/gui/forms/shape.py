"""What the annotation of a field in a model asks of a form: which values, in which bounds, with which unit."""

from dataclasses import dataclass, field, replace
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from acquisition.config import ConfigModel
from acquisition.config.quantity import QuantityUnit

Kind: TypeAlias = Literal[
    "quantity", "bool", "int", "float", "text", "choice", "list", "mapping", "model", "kinds", "parts", "any"
]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field holds.

    Attributes
    ----------
    kind : str
        ``quantity``, ``bool``, ``int``, ``float``, ``text``, ``choice`` (of `choices`), ``list`` (of single values),
        ``mapping`` (of names to single values), ``model`` (the one of `models`), ``kinds`` (one of several `models`,
        told apart by their kind), ``parts`` (a list of `item`), or ``any``: something else, written as YAML.
    optional : bool
        Whether None is allowed.
    unit : QuantityUnit or None
        Of a quantity, or of the quantities of a list.
    low, high : float or None
        Bounds of a number.
    above_low : bool
        Whether `low` itself is not allowed.
    longest : int or None
        Most characters of a text.
    choices : tuple
        Values to choose from.
    models : tuple of type
        What stands in it.
    item : Shape or None
        Of the parts.
    """

    kind: Kind = "any"
    optional: bool = False
    unit: QuantityUnit | None = None
    low: float | None = None
    high: float | None = None
    above_low: bool = False
    longest: int | None = None
    choices: tuple[Any, ...] = ()
    models: tuple[type[ConfigModel], ...] = ()
    item: "Shape | None" = None


@dataclass(slots=True)
class _Found:
    """What was unwrapped of an annotation."""

    core: Any
    optional: bool = False
    metadata: list[Any] = field(default_factory=list)


def shape_of(info: FieldInfo) -> Shape:
    """Return what a field of a model holds."""
    found = _unwrapped(info.annotation)
    found.metadata += info.metadata
    return _shape(found)


def _unwrapped(annotation: Any) -> _Found:
    origin = get_origin(annotation)
    if origin is Annotated:
        found = _unwrapped(annotation.__origin__)
        for part in annotation.__metadata__:
            found.metadata += part.metadata if isinstance(part, FieldInfo) else [part]
        return found
    if origin in (Union, UnionType):
        members = [part for part in get_args(annotation) if part is not type(None)]
        optional = len(members) < len(get_args(annotation))
        if len(members) == 1:
            found = _unwrapped(members[0])
            found.optional = found.optional or optional
            return found
        return _Found(tuple(members), optional)
    return _Found(annotation)


def _shape(found: _Found) -> Shape:
    core = found.core
    plain = replace(_bounds(found.metadata), optional=found.optional)
    if isinstance(core, tuple):
        return replace(plain, **_of_several(core))
    if get_origin(core) is Literal:
        return replace(plain, kind="choice", choices=get_args(core))
    if get_origin(core) is tuple:
        return replace(plain, **_of_items(get_args(core)))
    if get_origin(core) is dict:
        return replace(plain, kind="mapping")
    if not isinstance(core, type):
        return plain
    if issubclass(core, Enum):
        return replace(plain, kind="choice", choices=tuple(member.value for member in core))
    if issubclass(core, ConfigModel):
        return replace(plain, kind="model", models=(core,))
    kinds: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}
    kind: Kind = "quantity" if plain.unit is not None and core is float else kinds.get(core, "any")
    return replace(plain, kind=kind)


def _of_several(members: tuple[Any, ...]) -> dict[str, Any]:
    models = tuple(member for member in members if isinstance(member, type) and issubclass(member, ConfigModel))
    return {"kind": "kinds", "models": models} if len(models) == len(members) else {"kind": "any"}


def _of_items(items: tuple[Any, ...]) -> dict[str, Any]:
    inside = [_shape(_unwrapped(item)) for item in items if item is not Ellipsis]
    if inside[0].kind in ("model", "kinds"):
        return {"kind": "parts", "item": inside[0]}
    kinds = ("quantity", "int", "float", "text")
    single = all(shape.kind in kinds or _is_scalar(item) for shape, item in zip(inside, items, strict=False))
    return {"kind": "list" if single else "any", "unit": inside[0].unit}


def _is_scalar(annotation: Any) -> bool:
    """Whether a union is one of single plain values."""
    return set(get_args(annotation)) <= {str, int, float, bool, type(None)} and bool(get_args(annotation))


def _bounds(metadata: list[Any]) -> Shape:
    found: dict[str, Any] = {}
    for part in metadata:
        match part:
            case QuantityUnit():
                found["unit"] = part
            case annotated_types.Ge():
                found["low"] = part.ge
            case annotated_types.Gt():
                found |= {"low": part.gt, "above_low": True}
            case annotated_types.Le():
                found["high"] = part.le
            case annotated_types.Lt():
                found["high"] = part.lt
            case annotated_types.MaxLen():
                found["longest"] = part.max_length
    return Shape(**found)
