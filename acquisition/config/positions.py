"""From what the YAML reader returns to plain data, and from a place in the data to a line of the text."""

import datetime
from collections.abc import Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq, CommentedSet, TaggedScalar

from acquisition.config.errors import ConfigProblem

Loc = Sequence[int | str]
MAX_NODES = 100_000
MAX_DEPTH = 50


class PlainData:
    """Turns the nodes of a YAML document into dicts, lists, text, numbers, booleans and None."""

    def __init__(self) -> None:
        self.problems: list[ConfigProblem] = []
        self._nodes = 0

    def convert(self, node: Any, path: Loc = ()) -> Any:
        """Return `node` as plain data; what cannot be is None and added to `problems`."""
        self._nodes += 1
        if self._nodes > MAX_NODES or len(path) > MAX_DEPTH:
            if not self.problems:
                limits = f"{MAX_NODES} values and {MAX_DEPTH} levels are allowed (an alias may point to itself)"
                self.problems.append(ConfigProblem(f"the file holds too much; {limits}"))
            return None
        if isinstance(node, CommentedSet | TaggedScalar) or getattr(getattr(node, "tag", None), "value", None):
            tag = getattr(getattr(node, "tag", None), "value", None) or "!!set"
            return self._refuse(node, path, f"the tag {tag} is not allowed here; write plain values")
        if isinstance(node, CommentedMap):
            return {self._key(key, node, path): self.convert(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, CommentedSeq):
            return [self.convert(value, (*path, index)) for index, value in enumerate(node)]
        return self._scalar(node, path)

    def _key(self, key: Any, node: CommentedMap, path: Loc) -> Any:
        if isinstance(key, str):
            return str(key)
        self._refuse(node, path, f"the key {key!r} is not text; put it in quotes")
        return repr(key)

    def _scalar(self, node: Any, path: Loc) -> Any:
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, datetime.date | datetime.datetime):
            return node.isoformat()
        for kind in (str, int, float):
            if isinstance(node, kind):
                return kind(node)
        return self._refuse(node, path, f"a value of type {type(node).__name__} is not allowed here")

    def _refuse(self, node: Any, path: Loc, message: str) -> None:
        mark = getattr(node, "lc", None)
        line, column = (None, None) if mark is None or mark.line is None else (mark.line + 1, mark.col + 1)
        self.problems.append(ConfigProblem(message, key_text(path), line, column))


def key_text(path: Loc) -> str:
    """Return a path as text, e.g. ``steps[1].duration``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def path_in_data(loc: Loc, data: Any) -> list[int | str]:
    """Return the part of a pydantic location that exists in the data, without the names of union members.

    The last part is kept even if it is not there, as it is the missing key.
    """
    path: list[int | str] = []
    tag_seen = False
    for index, part in enumerate(loc):
        is_last = index + 1 == len(loc)
        if isinstance(data, dict) and part == data.get("kind") and not tag_seen and not is_last:
            tag_seen = True
        elif isinstance(data, dict) and isinstance(part, str) and (part in data or is_last):
            path.append(part)
            data, tag_seen = data.get(part), False
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            path.append(part)
            data, tag_seen = data[part], False
    return path


def position(root: Any, path: Loc, *, of_key: bool) -> tuple[int, int]:
    """Return line and column from 1 of a key or its value, or of the nearest thing around it that is there."""
    place = _start(root, (0, 0))
    node = root
    for index, part in enumerate(path):
        is_last = index + 1 == len(path)
        try:
            if isinstance(node, CommentedMap):
                place = node.lc.key(part) if of_key and is_last else node.lc.value(part)
            elif isinstance(node, CommentedSeq):
                place = node.lc.item(part)
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
        place = place if is_last else _start(node, place)
    return place[0] + 1, place[1] + 1


def _start(node: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    lc = getattr(node, "lc", None)
    return otherwise if lc is None or lc.line is None else (lc.line, lc.col)
