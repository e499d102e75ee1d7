"""Going through steps that hold other steps: for checks before a run, and for changes to it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from acquisition.sequence.steps.block import Block
from acquisition.sequence.steps.blocks import Call, PlainStep, Repeat, Step

Place: TypeAlias = tuple[str | int, ...]


def walk(steps: Sequence[Step], inside: Place = ("steps",)) -> Iterator[tuple[Place, PlainStep]]:
    """Yield each enabled step that may be carried out, with its place as the file writes it.

    Those in both branches of an `if` come, those of a `repeat_until` once, and of a procedure those that it needs.
    """
    for index, step in enumerate(steps):
        if step.enabled:
            yield from _walk_step(step, (*inside, index))


def _walk_step(step: Step, place: Place) -> Iterator[tuple[Place, PlainStep]]:
    if not isinstance(step, Block):
        yield place, step
    elif isinstance(step, Repeat):
        written = len(step.steps) // len(step.values)
        for index, inner in enumerate(step.steps):
            if inner.enabled:
                yield from _walk_step(inner, (*place, "steps", index % written))
    elif isinstance(step, Call):
        for inner in step.steps:
            if inner.enabled:
                yield from ((place, plain) for _, plain in _walk_step(inner, ()))
    else:
        yield from ((place, plain) for plain in step.needs())
        for name in step.children:
            key = type(step).model_fields[name].alias or name
            yield from walk(getattr(step, name), (*place, key))


def changed(steps: Sequence[Step], change: Callable[[Any], Any]) -> tuple[Step, ...]:
    """Return the steps with `change` applied to each that holds no others, procedures included."""
    return tuple(_changed(step, change) for step in steps)


def changeable(steps: Sequence[Step]) -> Iterator[Any]:
    """Yield each step that holds no others, enabled or not: what `changed` would change."""
    for step in steps:
        if isinstance(step, Block) and step.children:
            for name in step.children:
                yield from changeable(getattr(step, name))
        else:
            yield step


def _changed(step: Step, change: Callable[[Any], Any]) -> Step:
    if not (isinstance(step, Block) and step.children):
        return change(step)  # type: ignore[no-any-return]
    return step.model_copy(update={name: changed(getattr(step, name), change) for name in step.children})


def written_out(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps with those of each `repeat` and `call` in its place, so that a file of them says all."""
    return tuple(inner for step in steps for inner in _written_out(step))


def _written_out(step: Step) -> tuple[Step, ...]:
    if not (isinstance(step, Block) and step.children):
        return (step,)
    inside = {name: written_out(getattr(step, name)) for name in step.children}
    if not isinstance(step, Repeat | Call):
        return (step.model_copy(update=inside),)
    if not step.enabled:
        return ()
    inherited = {} if step.retry is None else {"retry": step.retry}
    return tuple(
        inner if inner.retry is not None or not inherited else inner.model_copy(update=inherited)
        for inner in inside["steps"]
    )
