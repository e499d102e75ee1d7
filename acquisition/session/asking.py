"""Asking an instrument that may never answer, without being kept waiting by it."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

ANSWER_WAIT_S = 0.7
"""Longest wait for the answer to a new question, in wall time; what comes later is taken at a later look."""

_Answer = TypeVar("_Answer")


class NoAnswerYetError(Exception):
    """The instrument has not answered yet; it is not asked again before it has."""


class Asking:
    """Asks one instrument, each time in a thread of its own; to be used by one thread.

    Parameters
    ----------
    role : str
        Of the instrument.
    """

    def __init__(self, role: str) -> None:
        self._role = role
        self._pending: _Question | None = None

    def ask(self, read: Callable[[], _Answer]) -> _Answer:
        """Return the answer to `read`, or to the question before if that has come only now.

        Raises
        ------
        NoAnswerYetError
            If there is none yet.
        Exception
            What the instrument has raised.
        """
        wait_s = 0.0
        if self._pending is None:
            self._pending, wait_s = _Question(read), ANSWER_WAIT_S
            threading.Thread(target=self._pending.ask, name=f"asking: {self._role}", daemon=True).start()
        question = self._pending
        if not question.answered.wait(wait_s):
            raise NoAnswerYetError(self._role)
        self._pending = None
        if question.error is not None:
            raise question.error
        answer: _Answer = question.answer
        return answer


class _Question:
    """A question that is asked once."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = read
        self.answered = threading.Event()
        self.answer: Any = None
        self.error: BaseException | None = None

    def ask(self) -> None:
        try:
            self.answer = self._read()
        except BaseException as error:
            self.error = error
        finally:
            self.answered.set()
