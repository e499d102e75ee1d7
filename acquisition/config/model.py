"""The base of everything that can be written in a configuration file."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema

from acquisition.config.quantity import AS_TEXT, QuantityUnit


class ConfigModel(BaseModel):
    """A frozen record that refuses unknown keys.

    A field with a unit carries it in its name in the program and in its value in files: the field
    ``exposure_s: Seconds`` is the key ``exposure`` with a value like ``40 ms``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Give each field with a unit its key in files before the schema is built."""
        for name, field in cls.__pydantic_fields__.items():
            _set_file_key(name, field)
        keys = [field.alias or name for name, field in cls.__pydantic_fields__.items()]
        for key in keys:
            if keys.count(key) > 1:
                raise TypeError(f"{cls.__name__}: two fields would have the key {key!r} in files")
        return handler(source)

    def to_file_data(self) -> dict[str, Any]:
        """Return plain data as a file would hold them, quantities as text; reading them gives an equal model."""
        return self.model_dump(mode="json", by_alias=True, context={AS_TEXT: True})


def unit_of(field: FieldInfo) -> QuantityUnit | None:
    """Return the unit of a field, or of the numbers in it; None if it has none."""
    return _find_unit([*field.metadata, field.annotation])


def _find_unit(parts: list[Any]) -> QuantityUnit | None:
    for part in parts:
        found = part if isinstance(part, QuantityUnit) else _find_unit(_arguments(part))
        if found is not None:
            return found
    return None


def _arguments(annotation: Any) -> list[Any]:
    """Return what a generic, a union or an Annotated is made of, its metadata included."""
    return [*get_args(annotation), *getattr(annotation, "__metadata__", ())]


def _set_file_key(name: str, field: FieldInfo) -> None:
    unit = unit_of(field)
    if unit is None or field.alias is not None or not name.endswith(f"_{unit.suffix}"):
        return
    key = name.removesuffix(f"_{unit.suffix}")
    field.alias = field.validation_alias = field.serialization_alias = key
