"""Asks what a run wants to know in a thread of its own: the run may go on without an answer, and wants steps then."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType
from typing import Any, TypeAlias

Answer: TypeAlias = Callable[[str, Sequence[str]], str]


@dataclass
class _Asked:
    """A question that somebody is just thinking about."""

    question: Mapping[str, Any]
    said: str | None = None
    error: BaseException | None = None
    told: bool = False


class Asking:
    """One question at a time; what is answered when it is not asked any more is dropped.

    Parameters
    ----------
    answer : callable, optional
        Takes question and choices, and returns a choice; asks with `input` by default.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self._answer, self._by_input = answer or _ask_here, answer is None
        self._asked: _Asked | None = None
        self._thread: threading.Thread | None = None

    def look(self, pending: Mapping[str, Any] | None) -> str | None:
        """Return the answer to the question that the run asks now, if there is one; wait for nothing.

        Parameters
        ----------
        pending : mapping or None
            ``text`` and ``choices`` of that question; None if it asks nothing.

        Raises
        ------
        BaseException
            What `answer` raised.
        """
        asked = self._asked
        if asked is not None and self._thread is not None and self._thread.is_alive():
            self._tell_if_late(asked, pending)
            return None
        self._asked = None
        if asked is not None and asked.question == pending:
            if asked.error is not None:
                raise asked.error
            return asked.said
        if pending is not None:
            self._begin(_Asked(dict(pending)))
        return None

    def _begin(self, asked: _Asked) -> None:
        self._asked = asked
        self._thread = threading.Thread(target=self._ask, args=(asked,), name="asking", daemon=True)
        self._thread.start()

    def _ask(self, asked: _Asked) -> None:
        try:
            asked.said = self._answer(asked.question["text"], asked.question["choices"])
        except BaseException as error:  # raised in the thread that pulls the steps
            asked.error = error

    def _tell_if_late(self, asked: _Asked, pending: Mapping[str, Any] | None) -> None:
        if self._by_input and not asked.told and asked.question != pending:
            asked.told = True
            print("\nthis is not asked any more; the line is dropped")


def _ask_here(question: str, choices: Sequence[str]) -> str:
    """Ask whoever sits before the script or notebook; an empty answer means the first choice."""
    return _line(f"{question} [{' / '.join(choices)}] ").strip() or choices[0]


def _line(prompt: str) -> str:
    """Return a line, read beneath Python's buffers, whose lock would crash a program that ends while nobody types."""
    raw = getattr(getattr(sys.stdin, "buffer", None), "raw", None)
    if raw is None or not isinstance(input, BuiltinFunctionType):  # a notebook has its own
        return input(prompt)
    print(prompt, end="", flush=True)
    line = bytes(raw.readline())
    if not line:
        raise EOFError("there is nobody to ask: the input has ended; give `answer`, or a prompt with a timeout")
    return line.decode(sys.stdin.encoding or "utf-8", errors="replace")
