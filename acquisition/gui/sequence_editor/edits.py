"""Changes to the steps of a sequence: insert, remove, move, replace, copy as text; on nodes that keep comments."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from acquisition.config import ConfigError
from acquisition.gui.sequence_editor.yaml_text import LISTS, merge, node_of, plain_of, read_yaml, write_yaml

Place: TypeAlias = tuple[str | int, ...]
"""Where a step stands, e.g. ``("steps", 3, "then", 0)``; without the last number: a list of steps."""


def at(root: Any, place: Place) -> Any:
    """Return what stands at a place; raises `LookupError` if there is nothing."""
    found = root
    for part in place:
        found = found[part]
    return found


def insert(root: Any, section: Place, index: int, steps: Sequence[Any]) -> Place:
    """Put steps into a list, and return the place of the first."""
    there = _list(root, section)
    for offset, step in enumerate(steps):
        there.insert(index + offset, step if isinstance(step, CommentedMap) else node_of(step, flat=False))
    return (*section, index)


def remove(root: Any, places: Sequence[Place]) -> Place:
    """Take steps out, and return the place of what follows the first of them, which may be empty."""
    for place in sorted(topmost(places), key=order, reverse=True):
        del at(root, place[:-1])[place[-1]]
    first = min(places, key=order)
    left = len(at(root, first[:-1]))
    return (*first[:-1], min(_index(first), left - 1)) if left else first[:-1]


def move(root: Any, places: Sequence[Place], section: Place, index: int) -> Place:
    """Put steps somewhere else, in their order, and return the place of the first; raises `ValueError`.

    A step cannot go into itself.
    """
    moved = sorted(topmost(places), key=order)
    if any(section[: len(place)] == place for place in moved):
        raise ValueError("a step cannot go into itself; drop it beside")
    target, nodes = _list(root, section), [at(root, place) for place in moved]
    index -= sum(1 for place in moved if place[:-1] == section and _index(place) < index)
    lists = [at(root, place[:-1]) for place in moved]
    for node, there in zip(reversed(nodes), reversed(lists), strict=True):
        del there[_position(there, node)]
    for offset, node in enumerate(nodes):
        target.insert(index + offset, node)
    return _place_of(root, target, section, index)


def replace(root: Any, place: Place, data: Mapping[str, Any]) -> Place:
    """Give a step other settings; the steps inside stay. Returns its place."""
    node = at(root, place)
    if isinstance(node, CommentedMap):
        merge(node, data, LISTS)
    else:
        at(root, place[:-1])[place[-1]] = node_of(data, flat=False)
    return place


def set_key(root: Any, key: str, value: Any) -> None:
    """Set a key of the whole sequence, with its comments; None takes it out."""
    if value is None:
        root.pop(key, None)
    elif key in root:
        merge(root, {**plain_of(root), key: value})
    else:
        root.insert(next((index for index, each in enumerate(root) if each in LISTS), len(root)), key, node_of(value))


def as_text(root: Any, places: Sequence[Place]) -> str:
    """Return steps as YAML text, e.g. for the clipboard."""
    return write_yaml({"steps": [plain_of(at(root, place)) for place in sorted(topmost(places), key=order)]})


def from_text(text: str) -> list[Any]:
    """Return the steps of YAML text: a step, a list of steps, or a mapping with the key `steps`.

    Raises
    ------
    ValueError
        If it holds none.
    """
    indented = "\n".join(f"  {line}" for line in text.splitlines())
    try:
        found = read_yaml(f"steps:\n{indented}", "what is to be pasted")["steps"]
    except ConfigError as error:
        raise ValueError(f"there are no steps to paste: {error}") from error
    if isinstance(found, CommentedMap) and isinstance(found.get("steps"), CommentedSeq) and "kind" not in found:
        found = found["steps"]
    steps = [found] if isinstance(found, CommentedMap) else found
    if not isinstance(steps, list) or not steps or any(not isinstance(step, Mapping) for step in steps):
        raise ValueError("there are no steps to paste; copy a step, or text such as `- kind: soak`")
    return list(steps)


def topmost(places: Sequence[Place]) -> list[Place]:
    """Return the places that lie in none of the others."""
    found = set(places)
    return [place for place in found if not any(place[:end] in found for end in range(1, len(place)))]


def _list(root: Any, section: Place) -> Any:
    """Return a list of steps, made if it is not there yet."""
    owner, key = at(root, section[:-1]), section[-1]
    if not isinstance(owner.get(key), CommentedSeq):
        owner[key] = CommentedSeq()
    found = owner[key]
    if not found:
        found.fa.set_block_style()
    return found


def _place_of(root: Any, target: Any, section: Place, index: int) -> Place:
    """Return the place of a step of a list that itself may stand elsewhere since others have gone."""
    for place in _sections(root):
        if at(root, place) is target:
            return (*place, index)
    return (*section, index)


def _sections(root: Any, inside: Place = ()) -> list[Place]:
    found: list[Place] = []
    for key in LISTS:
        steps = root.get(key) if isinstance(root, CommentedMap) else None
        if isinstance(steps, CommentedSeq):
            found.append((*inside, key))
            for index, step in enumerate(steps):
                found += _sections(step, (*inside, key, index))
    return found


def _position(there: Any, node: Any) -> int:
    return next(index for index, each in enumerate(there) if each is node)


def _index(place: Place) -> int:
    return int(place[-1])


def order(place: Place) -> tuple[tuple[int, str], ...]:
    """Return what sorts places from the first to the last step."""
    return tuple(
        (part, "") if isinstance(part, int) else (LISTS.index(part) if part in LISTS else 9, part) for part in place
    )
