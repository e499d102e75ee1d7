"""Pulls steps one at a time out of whatever holds them: a list, a generator, a generator that delegates to a list."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from acquisition.sequence.steps import Step, Values


def drive(steps: Iterable[Step], do: Callable[[Step], Values]) -> Values:
    """Do each step before the next one is pulled.

    A generator gets the values of each step that it yields, and is closed whatever happens.

    Returns
    -------
    dict
        What the generator returns, if that is a dict; else empty.
    """
    if not isinstance(steps, Generator):
        for step in steps:
            do(step)
        return {}
    try:
        step = next(steps)
        while True:
            step = next_step(steps, do(step))
    except StopIteration as end:
        return end.value if isinstance(end.value, dict) else {}
    finally:
        steps.close()


def next_step(steps: Iterator[Step], values: Values) -> Step:
    """Return the next step; a generator is told the values of the one before. Raises `StopIteration` at the end."""
    return steps.send(values) if isinstance(steps, Generator) and _listens(steps) else next(steps)


def _listens(steps: Generator[Step, Values, Any]) -> bool:
    """Whether what is sent reaches a generator; what stands in ``yield from [...]`` has no ear."""
    inner = steps.gi_yieldfrom if hasattr(steps, "gi_yieldfrom") else None
    return inner is None or (isinstance(inner, Generator) and _listens(inner))
