"""YAML that keeps comments and order when it is changed and written again."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from acquisition.config import ConfigError, ConfigProblem
from acquisition.config.positions import PlainData

WIDTH = 4096
"""No line is broken."""


def read_yaml(text: str, source: str = "the sequence") -> Any:
    """Return the nodes of a text, which remember comments; raises `ConfigError` if it is not a mapping."""
    try:
        root = _yaml().load(text)
    except YAMLError as error:
        raise ConfigError(source, ConfigProblem(f"is not valid YAML: {error}")) from error
    if not isinstance(root, CommentedMap):
        raise ConfigError(source, ConfigProblem("must hold a mapping of keys to values (key: value)"))
    return root


def write_yaml(node: Any) -> str:
    """Return nodes as text."""
    stream = io.StringIO()
    _yaml().dump(node, stream)
    return stream.getvalue()


def plain_of(node: Any) -> Any:
    """Return nodes as dicts, lists, texts and numbers."""
    return PlainData().convert(node)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = WIDTH
    return yaml
