"""Going through steps that hold other steps: for checks before a run, and for changes to it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from acquisition.sequence.steps.block import Block
from acquisition.sequence.steps.blocks import Call, If, PlainStep, Repeat, RepeatUntil, Step
from acquisition.sequence.steps.conditions import Condition

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


def walk_conditions(steps: Sequence[Step], inside: Place = ("steps",)) -> Iterator[tuple[Place, Condition]]:
    """Yield each condition of an enabled step, with its place as the file writes it; joined ones in their parts."""
    for index, step in enumerate(steps):
        if step.enabled and isinstance(step, Block):
            yield from _conditions_of(step, (*inside, index))


def _conditions_of(step: Block, place: Place) -> Iterator[tuple[Place, Condition]]:
    if isinstance(step, If | RepeatUntil):
        yield from ((place, part) for part in _parts(step.condition))
    for name in step.children:
        key = type(step).model_fields[name].alias or name
        for inner_place, part in walk_conditions(getattr(step, name), (*place, key)):
            if isinstance(step, Call):
                yield place, part
            elif isinstance(step, Repeat):
                index = int(inner_place[len(place) + 1]) % (len(step.steps) // len(step.values))
                yield (*place, key, index, *inner_place[len(place) + 2 :]), part
            else:
                yield inner_place, part


def _parts(condition: Condition) -> Iterator[Condition]:
    if condition.value:
        yield condition
    for part in (*condition.all_of, *condition.any_of, *filter(None, [condition.none_of])):
        yield from _parts(part)


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
