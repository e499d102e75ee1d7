"""What can be done to the steps that are chosen: add, remove, copy, paste, duplicate, drag; all can be undone."""

from collections.abc import Callable, Mapping
from typing import Any

from acquisition.gui.sequence_editor import edits
from acquisition.gui.sequence_editor.catalogue import CLEANUP_KINDS, new_step, title_of
from acquisition.gui.sequence_editor.document import SequenceDocument
from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.sequence_editor.step_tree import StepTree
from acquisition.gui.sequence_editor.yaml_text import plain_of, read_yaml


class StepActions:
    """Changes a sequence by what is chosen in its tree.

    Parameters
    ----------
    document : SequenceDocument
        Is changed.
    tree : StepTree
        Says what is chosen.
    look_at : callable
        Is told which place to show next, before the document changes.
    """

    def __init__(self, document: SequenceDocument, tree: StepTree, look_at: Callable[[Place], None]) -> None:
        self._document, self._tree, self._look_at = document, tree, look_at

    def add(self, kind: str) -> None:
        """Add a step below the present one, or into it if it holds steps.

        Raises
        ------
        ValueError
            If it cannot stand there.
        """
        section, _ = self._target()
        around = [edits.at(self._document.content, section[:end]) for end in range(2, len(section), 2)]
        repeats = [step for step in around if step.get("kind") == "repeat"]
        self._insert(f"add {title_of(kind).lower()}", [new_step(kind, repeats)])

    def paste(self, text: str) -> None:
        """Add the steps of YAML text; raises `ValueError` if it holds none."""
        self._insert("paste", edits.from_text(text))

    def duplicate(self) -> None:
        """Put a copy of the chosen steps below them."""
        places = sorted(edits.topmost(self._tree.selected()), key=edits.order)
        if places:
            steps = edits.from_text(self.copied())
            section, index = places[-1][:-1], int(places[-1][-1]) + 1
            self._change("duplicate", lambda root: edits.insert(root, section, index, steps))

    def remove(self) -> None:
        """Take the chosen steps out."""
        places = self._tree.selected()
        if places:
            self._change("remove", lambda root: edits.remove(root, places))

    def copied(self) -> str:
        """Return the chosen steps as YAML text; empty if there are none."""
        places = self._tree.selected()
        return edits.as_text(read_yaml(self._document.text), places) if places else ""

    def move(self, places: list[Place], section: Place, index: int) -> None:
        """Put steps somewhere else; raises `ValueError` if they cannot stand there."""
        root = self._document.content
        self._refuse(section, [edits.at(root, place) for place in places])
        self._change("move", lambda nodes: edits.move(nodes, places, section, index))

    def shift(self, by: int) -> None:
        """Move the present step up (-1) or down (1) among its neighbours."""
        place = self._tree.present()
        if not place or not isinstance(place[-1], int):
            return
        index, section = place[-1] + by, place[:-1]
        if 0 <= index < len(edits.at(self._document.content, section)):
            self.move([place], section, index + (by > 0))

    def replace(self, place: Place, data: Mapping[str, Any]) -> None:
        """Give a step other settings."""
        words = f"change {title_of(str(data.get('kind', 'step'))).lower()}"
        self._change(words, lambda root: edits.replace(root, place, data))

    def enable(self, place: Place, on: bool) -> None:
        """Leave a step out, or not."""
        self._change("enable" if on else "leave out", lambda root: _set(root, place, "enabled", None if on else False))

    def note(self, place: Place, text: str) -> None:
        """Write a note to a step."""
        self._change("note", lambda root: _set(root, place, "note", text or None))

    def _insert(self, words: str, steps: list[Any]) -> None:
        section, index = self._target()
        self._refuse(section, steps)
        self._change(words, lambda root: edits.insert(root, section, index, steps))

    def _target(self) -> tuple[Place, int]:
        return self._tree.steps.target(self._tree.steps.node(self._tree.currentIndex()))

    def _change(self, words: str, edit: Callable[[Any], Place]) -> None:
        def placed(root: Any) -> Place:
            place = edit(root)
            self._look_at(place)
            return place

        self._document.change(words, placed)

    def _refuse(self, section: Place, steps: list[Any]) -> None:
        """Raise `ValueError` if a step cannot stand in a list."""
        if section[:1] != ("cleanup",):
            return
        for step in steps:
            kind = str(step.get("kind", ""))
            if kind not in CLEANUP_KINDS:
                allowed = ", ".join(title_of(each).lower() for each in sorted(CLEANUP_KINDS))
                raise ValueError(f"{title_of(kind)} cannot stand in the cleanup; allowed are: {allowed}")


def _set(root: Any, place: Place, key: str, value: Any) -> Place:
    """Set a key of a step; None takes it out."""
    data = {name: given for name, given in plain_of(edits.at(root, place)).items() if name != key}
    return edits.replace(root, place, data if value is None else {**data, key: value})
