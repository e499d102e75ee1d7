"""What a run wants to know of a person: asked by the engine, answered from any thread."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from acquisition.session.base import SessionError

POLL_S = 0.05


class Questions:
    """One question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[str, Any] | None = None
        self._answer: str | None = None

    @property
    def pending(self) -> dict[str, Any] | None:
        """The question that waits for an answer: ``text`` and ``choices``; None if there is none."""
        pending = self._pending
        return None if pending is None else dict(pending)

    def ask(
        self,
        question: str,
        choices: Sequence[str],
        timeout_s: float | None,
        interrupt: threading.Event,
        tick: Callable[[], None] = lambda: None,
    ) -> str | None:
        """Wait for an answer; return None after `timeout_s` of wall time, or if interrupted.

        `tick` is called while nobody answers.
        """
        with self._lock:
            self._pending, self._answer = {"text": question, "choices": list(choices)}, None
        end = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            while end is None or time.monotonic() < end:
                if self._answer is not None or interrupt.wait(POLL_S):
                    break
                tick()
            return self._answer
        finally:
            with self._lock:
                self._pending = None

    def answer(self, text: str) -> None:
        """Answer the pending question.

        Raises
        ------
        SessionError
            If nothing was asked, or the answer is not one of the choices.
        """
        with self._lock:
            if self._pending is None:
                raise SessionError("nothing was asked; there is nothing to answer")
            if text not in self._pending["choices"]:
                allowed = ", ".join(repr(choice) for choice in self._pending["choices"])
                raise SessionError(f"{text!r} is not an answer to {self._pending['text']!r}; allowed are {allowed}")
            self._answer = text
