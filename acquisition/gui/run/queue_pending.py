"""What was asked of entries of the queue and the session has not said yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Holds: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], bool]
"""Whether entries are as it was asked for."""

STALE_ANSWERS = 2
"""Answers about the queue after which a change that was carried out must have been seen: one may be on its way."""


@dataclass(slots=True)
class _Asked:
    words: str
    holds: Holds
    answers_left: int | None = None


class Pending:
    """Remembers what was asked of each entry until the queue is as asked for, or the session has refused."""

    def __init__(self) -> None:
        self._asked: dict[int, _Asked] = {}
        self._seen: object = None

    def ask(self, entry_id: int, words: str, holds: Holds) -> None:
        """Remember that something was asked, in words, and by what it is seen to be done."""
        self._asked[entry_id] = _Asked(words, holds)

    def end(self, entry_id: int, *, refused: bool) -> None:
        """Take note that the session has answered."""
        asked = self._asked.get(entry_id)
        if asked is None:
            return
        if refused:
            del self._asked[entry_id]
        else:
            asked.answers_left = STALE_ANSWERS

    def see(self, queue: Mapping[str, Any]) -> dict[int, str]:
        """Look at the newest answer about the queue; return what is still pending, in words, by entry."""
        if queue is not self._seen:
            self._seen = queue
            for entry_id, asked in list(self._asked.items()):
                if asked.answers_left is not None:
                    asked.answers_left -= 1
                if asked.holds(queue["entries"]) or asked.answers_left == 0:
                    del self._asked[entry_id]
        return {entry_id: asked.words for entry_id, asked in self._asked.items()}
