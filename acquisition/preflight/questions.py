"""What a person will be asked during a run: where it is written, and what follows if nobody answers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

from acquisition.config import ConfigError, position_in_file
from acquisition.sequence import Prompt
from acquisition.sequence import Sequence as MeasurementSequence
from acquisition.sequence.steps import walk


def questions(asked: Iterable[str], sequence: MeasurementSequence, path: Path | None) -> Iterator[str]:
    """Yield each question of a run with its line, how long an answer is waited for, and what follows then.

    Parameters
    ----------
    asked : iterable of str
        The texts, as a person would see them.
    sequence : Sequence
        Whose prompts ask.
    path : Path or None
        The file that it was read from, if it was.
    """
    prompts = {step.text: (place, step) for place, step in reversed(list(walk(sequence.steps))) if _asks(step)}
    for text in asked:
        if text not in prompts:
            yield text
            continue
        place, step = prompts[text]
        yield f"{text} ({_where(path, place)}{_without_answer(step)})"


def _asks(step: object) -> TypeGuard[Prompt]:
    return isinstance(step, Prompt)


def _where(path: Path | None, place: tuple[str | int, ...]) -> str:
    try:
        return "" if path is None else f"line {position_in_file(path, place)[0]}: "
    except ConfigError:
        return ""


def _without_answer(step: Prompt) -> str:
    if step.timeout_s is None:
        return "waits for ever; timeout: 10 min limits it"
    if step.on_timeout == "continue":
        return f"within {step.timeout_s:g} s, else the run goes on with {step.choices[0]!r}"
    return f"within {step.timeout_s:g} s, else the run fails; on_timeout: continue lets it go on"
