"""From pydantic's errors to sentences that say what is allowed."""

import difflib
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from acquisition.config.errors import ConfigProblem
from acquisition.config.model import ConfigModel, unit_of
from acquisition.config.positions import key_text, path_in_data, position

_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_ABOUT_KEYS = {"extra_forbidden", "invalid_key"}


def problems_of(error: ValidationError, model: type[ConfigModel], data: Any, root: Any) -> list[ConfigProblem]:
    """Return one problem for each thing that pydantic found.

    Parameters
    ----------
    error : ValidationError
        From validating `data`.
    model : type of ConfigModel
        What the whole file should be.
    data : plain data
        The content of the file.
    root : node of ruamel.yaml
        The same with positions.
    """
    problems = []
    for detail in error.errors(include_url=False):
        path = path_in_data(detail["loc"], data)
        if detail["type"].startswith("union_tag") and not (path and path[-1] == "kind"):
            path = [*path, "kind"]
        line, column = position(root, path, of_key=detail["type"] in _ABOUT_KEYS)
        problems.append(ConfigProblem(_sentence(detail, model), key_text(path), line, column))
    return problems


def _sentence(detail: ErrorDetails, model: type[ConfigModel]) -> str:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        return _unknown_key(str(detail["loc"][-1]), known_keys(model, detail["loc"][:-1]))
    if kind == "missing":
        return f"is missing{_example(model, detail['loc'])}{_allowed_kinds(model, detail['loc'])}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        unit = _unit_at(model, detail["loc"])
        return f"{given} is not allowed; must be {words} {unit.to_text(context[name]) if unit else context[name]}"
    if kind in ("literal_error", "enum"):
        allowed = context["expected"].replace("'", "")
        return f"{_described(given)} is not allowed; allowed: {allowed}"
    if kind == "union_tag_invalid":
        return f"{context['tag']!r} is not a known kind; allowed are {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"is missing; allowed are {', '.join(repr(tag) for tag in _kinds_at(model, detail['loc']))}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"must be a mapping of keys to values, not {_described(given)}"
    if kind in ("list_type", "tuple_type"):
        return f"must be a list, not {_described(given)}"
    if kind in ("quantity", "value_error", "assertion_error"):
        return detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = detail["msg"].removeprefix("Input ")
    return f"{message}, not {_described(given)}"


def _described(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(value)


def _unknown_key(key: str, known: list[str]) -> str:
    if not known:
        return "is not a known key; none is allowed here"
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]!r}? Allowed" if close else "allowed"
    return f"is not a known key; {hint} are {', '.join(known)}"


def _example(model: type[ConfigModel], loc: tuple[int | str, ...]) -> str:
    unit = _unit_at(model, loc)
    return "" if unit is None else f"; write {unit.dimension}, for example {unit.example}"


def _allowed_kinds(model: type[ConfigModel], loc: tuple[int | str, ...]) -> str:
    """Return which kinds a missing part may be of, if it is one that has a kind."""
    kinds = _kinds_at(model, loc)
    return f"; write {{kind: ...}}, allowed: {', '.join(kinds)}" if kinds else ""


def known_keys(model: type[ConfigModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the mapping at a pydantic location may have, as files write them."""
    keys = [key for found in _models_at(model, loc) for key in _fields_by_key(found)]
    return list(dict.fromkeys(keys))


def _unit_at(model: type[ConfigModel], loc: tuple[int | str, ...]) -> Any:
    for end in range(len(loc), 0, -1):
        for found in _models_at(model, loc[: end - 1]):
            field = _fields_by_key(found).get(str(loc[end - 1]))
            if field is not None:
                return unit_of(field)
    return None


def _kinds_at(model: type[ConfigModel], loc: tuple[int | str, ...]) -> list[str]:
    return [kind for found in _models_at(model, loc) for kind in _kinds(found)]


def _kinds(model: type[ConfigModel]) -> tuple[Any, ...]:
    """Return what the discriminator of a union member may say."""
    field = model.model_fields.get("kind")
    return () if field is None else get_args(field.annotation)


def _fields_by_key(model: type[ConfigModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_at(model: type[ConfigModel], loc: tuple[int | str, ...]) -> list[type[ConfigModel]]:
    """Return the models that the thing at a location may be; several where a union was not told apart."""
    annotations: list[Any] = [model]
    for part in loc:
        models = [found for annotation in annotations for found in _members(annotation)]
        of_kind = [found for found in models if part in _kinds(found)]
        if of_kind and len(models) > len(of_kind):
            annotations = list(of_kind)
            continue
        fields = [_fields_by_key(found).get(str(part)) for found in models]
        inside = [field.annotation for field in fields if field is not None]
        annotations = inside or [item for annotation in annotations for item in _items(annotation)] or annotations
    return list(dict.fromkeys(found for annotation in annotations for found in _members(annotation)))


def _members(annotation: Any) -> Iterator[type[ConfigModel]]:
    """Yield the models that a value itself may be: of a model, a union or an Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, ConfigModel):
        yield annotation
    elif get_origin(annotation) not in (list, tuple, dict, set, frozenset):
        for part in get_args(annotation):
            yield from _members(part)


def _items(annotation: Any) -> Iterator[Any]:
    """Yield what the items of a list or the values of a dict may be."""
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if isinstance(origin, type) and origin not in (UnionType, Annotated):
        yield from arguments[1:] if issubclass(origin, dict) else arguments
    else:
        for part in arguments:
            yield from _items(part)
