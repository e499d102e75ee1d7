"""JSON Schema of configuration files as users write them, so that an editor completes keys and marks what is wrong."""

import inspect
import re
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from acquisition.config.model import ConfigModel, unit_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"

VARIABLE = {"type": "string", "pattern": r"\$[A-Za-z_]"}
"""A text in which ``$name`` stands for the value of a repeat."""

_SCALARS = ("number", "integer", "boolean")
_ATTRIBUTE = re.compile(r"^(?P<names>\w+(?:, \w+)*)(?: : .*)?$")


def json_schema(model: type[ConfigModel], *, with_variables: str | None = None) -> dict[str, Any]:
    """Return the schema (draft 2020-12) of the files that hold a model.

    What compares several keys is not in it: reading the file says that.

    Parameters
    ----------
    model : type
        Of the whole file.
    with_variables : str, optional
        Package whose models may hold ``$name`` in place of each value.
    """

    class Generator(_Generator):
        package = with_variables

    found = TypeAdapter(model).json_schema(by_alias=True, schema_generator=Generator)
    return {"$schema": DIALECT, **found}


class _Generator(GenerateJsonSchema):
    """Writes keys as files have them, with the words of the docstrings."""

    package: str | None = None

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of one model."""
        found = super().model_schema(schema)
        model = schema["cls"]
        summary, attributes = docstring_of(model)
        found["description"] = summary
        properties: dict[str, Any] = found.get("properties", {})
        for name, field in model.model_fields.items():
            key = field.alias or name
            if key not in properties:
                continue
            if (field.json_schema_extra or {}) == NOT_IN_FILES:
                del properties[key]
                continue
            shown = self._in_files(properties[key], model.__module__) if key != "kind" else properties[key]
            unit = unit_of(field)
            if unit is not None and isinstance(shown.get("default"), int | float):
                shown["default"] = unit.to_text(shown["default"])
            if name in attributes:
                shown["description"] = attributes[name]
            properties[key] = shown
        if "const" in properties.get("kind", {}):
            found["required"] = ["kind", *(key for key in found.get("required", []) if key != "kind")]
        return found

    def _in_files(self, shown: JsonSchemaValue, module: str) -> JsonSchemaValue:
        if self.package is None or not module.startswith(self.package):
            return shown
        kept: JsonSchemaValue = {key: shown.pop(key) for key in ("default", "title") if key in shown}
        return {**_or_variable(shown), **kept}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Return one of the kinds; which one is said by `kind` alone."""
        found = super().tagged_union_schema(schema)
        found.pop("discriminator", None)  # of OpenAPI, not of JSON Schema
        return found


NOT_IN_FILES: dict[str, Any] = {"cascadescope": "not in files"}
"""Mark (``json_schema_extra``) of a field that the program fills in."""


def _or_variable(shown: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema of a value that may also be a text with a variable."""
    if shown.get("type") in _SCALARS or "enum" in shown or "const" in shown:
        return {"anyOf": [shown, VARIABLE]}
    if shown.get("type") == "string" and "pattern" in shown and "examples" in shown:  # a quantity
        return {**shown, "pattern": rf"{shown['pattern']}|{VARIABLE['pattern']}"}
    if "anyOf" in shown:
        members = [_or_variable(member) for member in shown["anyOf"]]
        flat = [part for member in members for part in (member["anyOf"] if set(member) == {"anyOf"} else [member])]
        return {**shown, "anyOf": flat}
    return shown


def docstring_of(model: type) -> tuple[str, dict[str, str]]:
    """Return what the docstring of a model says of it, and of each attribute that it or a base names, by its name."""
    attributes: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base.__doc__ and issubclass(base, ConfigModel):
            attributes |= _attributes(inspect.cleandoc(base.__doc__))
    text = inspect.cleandoc(model.__doc__ or "")
    summary = re.split(r"\n\w+\n-{3,}\n", f"\n{text}")[0]
    return _one_line(summary), attributes


def _attributes(text: str) -> dict[str, str]:
    parts = re.split(r"\nAttributes\n-+\n", text)
    if len(parts) < 2:
        return {}
    found: dict[str, str] = {}
    names: list[str] = []
    for line in parts[1].splitlines():
        match = _ATTRIBUTE.match(line)
        if match is not None:
            names = match["names"].split(", ")
        elif line.startswith(" "):
            found |= {name: f"{found.get(name, '')} {line.strip()}".strip() for name in names}
        elif line:
            break
    return {name: _one_line(words) for name, words in found.items()}


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
