"""Steps that a program yields while the run goes on: pulled in its own thread, carried out in that of the engine."""

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from acquisition.sequence import SequenceError, Step, Values, read_steps
from acquisition.sequence.driving import next_step

POLL_S = 0.05


class PulledSteps:
    """The steps of a generator, pulled in the thread of the caller when the engine, in its own, wants the next one."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self._steps = steps
        self._wanted: queue.SimpleQueue[Values] = queue.SimpleQueue()
        self._given: queue.SimpleQueue[Step | BaseException | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self.done: list[Step] = []
        self.error: Exception | None = None

    def first(self) -> Step:
        """Return the first step, before the engine asks for it."""
        step = self._next({}, started=False)
        if step is None:
            raise SequenceError("there is no step; yield at least one")
        self._given.put(step)
        return step

    def for_engine(self) -> Generator[Step, Values, None]:
        """Yield the steps in the thread of the engine."""
        values: Values | None = None
        while True:
            if values is not None:
                self._wanted.put(values)
            step = self._wait()
            if step is None:
                return
            if isinstance(step, BaseException):
                raise step
            values = yield step

    def serve(self, timeout_s: float) -> bool:
        """Give the engine the next step if it wants one within `timeout_s`; return whether it did."""
        try:
            values = self._wanted.get(timeout=timeout_s)
        except queue.Empty:
            return False
        try:
            self._given.put(self._next(values, started=True))
        except Exception as error:
            self.error = error
            self._given.put(error)
        return True

    def close(self) -> None:
        """Let nobody wait for a step any more."""
        self._closed.set()
        if isinstance(self._steps, Generator):
            self._steps.close()

    def _wait(self) -> Step | BaseException | None:
        while not self._closed.is_set():
            with suppress(queue.Empty):
                return self._given.get(timeout=POLL_S)
        return None

    def _next(self, values: Values, *, started: bool) -> Step | None:
        try:
            found = next_step(self._steps, values) if started else next(self._steps)
        except StopIteration:
            return None
        [step] = _read((found,))
        self.done.append(step)
        return step


def _read(steps: Sequence[Any]) -> tuple[Step, ...]:
    try:
        return read_steps(steps)
    except ValidationError as error:
        raise SequenceError(words_of(error)) from error


def words_of(error: ValidationError) -> str:
    """Return what is wrong with steps in one line."""
    problems = error.errors(include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg'].removeprefix('Value error, ')}" for problem in problems
    )
