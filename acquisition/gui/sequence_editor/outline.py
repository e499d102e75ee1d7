"""The steps of a sequence as a tree, each in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from acquisition.config import ConfigProblem
from acquisition.gui.forms.words import label_of
from acquisition.gui.forms.yaml_field import write_flow
from acquisition.gui.sequence_editor.catalogue import lists_of, title_of
from acquisition.gui.sequence_editor.edits import Place
from acquisition.sequence.steps.conditions import Condition
from acquisition.sequence.steps.goals import Goal
from acquisition.sequence.steps.goals import describe as describe_goal

SECTIONS = {"steps": "Steps", "cleanup": "At the end (cleanup)", "then": "Then", "else": "Else"}
"""What lists of steps are called."""

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(slots=True, eq=False)
class Node:
    """A step, or a list of steps with a name.

    Attributes
    ----------
    place : tuple
        Of the step, or of the list.
    title, summary, note : str
        What it is, what it is set to, and what somebody has written to it.
    kind : str
        Of the step; empty for a list.
    enabled : bool
        False for a step that is left out.
    section : tuple
        Where steps that are dropped on it go; empty if none can.
    children : list of Node
    parent : Node or None
    problems : list of str
        What is wrong with it.
    """

    place: Place
    title: str
    summary: str = ""
    note: str = ""
    kind: str = ""
    enabled: bool = True
    section: Place = ()
    children: "list[Node]" = field(default_factory=list)
    parent: "Node | None" = None
    problems: list[str] = field(default_factory=list)

    def every(self) -> "Iterator[Node]":
        """Yield it and all below it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.every()


def outline(content: Mapping[str, Any], problems: Sequence[ConfigProblem] = ()) -> Node:
    """Return the tree of a sequence; its children are steps and cleanup."""
    root = Node((), str(content.get("name", "")))
    for key in ("steps", "cleanup"):
        root.children.append(_section(content.get(key), (key,), root))
    by_place = {node.place: node for node in root.every()}
    for problem in problems:
        place = place_of_key(problem.key)
        while place not in by_place:
            place = place[:-1]
        by_place[place].problems.append(_said(problem, place))
    return root


def place_of_key(key: str) -> Place:
    """Return the place that a key of a message names, e.g. ``steps[1].then[0].duration``."""
    return tuple(int(number) if number else name for number, name in _PART.findall(key))


def _said(problem: ConfigProblem, place: Place) -> str:
    below = place_of_key(problem.key)[len(place) :]
    return f"{label_of(str(below[0]))}: {problem.message}" if below else problem.message


def _section(steps: Any, place: Place, parent: Node) -> Node:
    node = Node(place, SECTIONS[str(place[-1])], section=place, parent=parent)
    node.children = _steps(steps, place, node)
    return node


def _steps(steps: Any, section: Place, parent: Node) -> list[Node]:
    return [
        _step(step, (*section, index), parent) for index, step in enumerate(steps if isinstance(steps, list) else ())
    ]


def _step(step: Any, place: Place, parent: Node) -> Node:
    if not isinstance(step, Mapping):
        return Node(place, "No step", str(step), parent=parent)
    kind = str(step.get("kind", ""))
    node = Node(
        place, title_of(kind) or "No kind", summary(step), str(step.get("note", "") or ""), kind,
        step.get("enabled", True) is not False, parent=parent,
    )  # fmt: skip
    lists = lists_of(kind)
    if len(lists) == 1:
        node.section = (*place, lists[0])
        node.children = _steps(step.get(lists[0]), node.section, node)
    elif lists:
        node.children = [_section(step.get(key), (*place, key), node) for key in lists]
    return node


def summary(step: Mapping[str, Any]) -> str:
    """Return what a step is set to, in one line."""
    kind = str(step.get("kind", ""))
    silent = {"kind", "enabled", "note", "retry", "repeatable", "steps", "then", "else"}
    if kind == "repeat":
        return f"{step.get('for', '?')} = {_flow(step.get('values', []))}"
    shown = {key: value for key, value in step.items() if key not in silent}
    return " · ".join(part for key, value in shown.items() if (part := _part(kind, key, value)))


def _part(kind: str, key: str, value: Any) -> str:
    if key == "condition":
        words = _condition(value)
        return words if kind == "if" else f"until {words}"
    if key == "until" and isinstance(value, Mapping):
        return f"or until {_goal(value)}"
    if key == "most_rounds":
        return f"at most {value} rounds"
    if key in ("duration", "text", "sequence", "title"):
        return str(value)
    if key == "open" and kind == "set_shutter":
        return "open" if value is True else "closed" if value is False else str(value)
    if isinstance(value, bool):
        return f"{_words(key)} {'on' if value else 'off'}"
    return f"{_words(key)} {_flow(value)}"


def _words(key: str) -> str:
    words = label_of(key)
    return words if words[:2].isupper() or len(words) == 1 else words[0].lower() + words[1:]


def _condition(value: Any) -> str:
    try:
        return Condition.model_validate(value).describe()
    except ValidationError:
        return _flow(value)


def _goal(value: Any) -> str:
    try:
        return describe_goal(Goal.model_validate(value))
    except ValidationError:
        return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, list | dict):
        return write_flow(value)[1:-1]
    return str(value)
