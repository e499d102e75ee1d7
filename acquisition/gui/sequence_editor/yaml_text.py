"""YAML that keeps comments and order when it is changed and written again."""

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from acquisition.config import ConfigError, ConfigProblem
from acquisition.config.positions import PlainData

WIDTH = 4096
"""No line is broken."""

LONGEST_LINE = 80
"""Parts that are as long, in characters, are written on one line."""

_FLAT = re.compile(r"^- ", re.MULTILINE)
"""A list that is not indented below its key."""


def read_yaml(text: str, source: str = "the sequence") -> Any:
    """Return the nodes of a text, which remember comments; raises `ConfigError` if it is not a mapping."""
    try:
        root = _yaml().load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(source, ConfigProblem(f"is not valid YAML: {error}")) from error
    if not isinstance(root, CommentedMap):
        raise ConfigError(source, ConfigProblem("must hold a mapping of keys to values (key: value)"))
    return root


def write_yaml(node: Any, like: str = "") -> str:
    """Return nodes as text, with lists indented as they are in `like`."""
    yaml = _yaml()
    if _FLAT.search(like):
        yaml.indent(mapping=2, sequence=2, offset=0)
    else:
        yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(node, stream)
    return stream.getvalue()


def plain_of(node: Any) -> Any:
    """Return nodes as dicts, lists, texts and numbers."""
    return PlainData().convert(node)


def node_of(data: Any, *, flat: bool = True) -> Any:
    """Return plain data as nodes; what is short stands on one line if `flat`."""
    if isinstance(data, Mapping):
        node: Any = CommentedMap({key: node_of(value, flat=key not in LISTS) for key, value in data.items()})
    elif isinstance(data, list | tuple):
        node = CommentedSeq([node_of(item, flat=flat) for item in data])
    else:
        return data
    if flat and _is_short(data):
        node.fa.set_flow_style()
    return node


LISTS = ("steps", "then", "else", "cleanup")
"""Keys below which each step has lines of its own."""


def merge(node: Any, data: Mapping[str, Any], keep: tuple[str, ...] = ()) -> None:
    """Give a mapping the keys and values of plain data; what is the same already keeps its comments.

    Parameters
    ----------
    node : CommentedMap
        Is changed.
    data : mapping
        What it is to hold.
    keep : tuple of str
        Keys that stay although `data` does not have them.
    """
    for key in [key for key in node if key not in data and key not in keep]:
        del node[key]
    for key, value in data.items():
        if key not in node:
            node.insert(_end(node, keep), key, node_of(value))
        elif not _is(plain_of(node[key]), value):
            _replace(node, key, value)


def _replace(node: Any, key: Any, value: Any) -> None:
    old = node[key]
    if isinstance(old, CommentedMap) and isinstance(value, Mapping) and value:
        merge(old, value)
    elif isinstance(old, CommentedSeq) and isinstance(value, list) and len(old) == len(value):
        for index, item in enumerate(value):
            if not _is(plain_of(old[index]), item):
                _replace(old, index, item)
    else:
        node[key] = node_of(value)


def _end(node: Any, keep: tuple[str, ...]) -> int:
    """Return where a new key goes: before steps inside, and before comments that belong to what follows."""
    keys = list(node)
    at = next((index for index, key in enumerate(keys) if key in keep), len(keys))
    if at == len(keys) > 1:
        comments = node.ca.items.get(keys[-1]) or ()
        text = "".join(token.value for token in comments if hasattr(token, "value"))
        if text.startswith("\n") or "\n" in text.rstrip():
            return at - 1
    return at


def _is(one: Any, other: Any) -> bool:
    """Whether two plain values are the same, and of the same kind."""
    return bool(one == other) and type(one) is type(other)


def _is_short(data: Any) -> bool:
    if isinstance(data, Mapping) and any(key in LISTS for key in data):
        return False
    return len(str(data)) <= LONGEST_LINE


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = WIDTH
    return yaml
