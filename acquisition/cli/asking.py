"""Questions of a run (prompts, interrupted steps), asked at the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from acquisition.cli.keyboard import Ask
from acquisition.cli.terminal import complain
from acquisition.sequence import SequenceError
from acquisition.session import Session, SessionError


def ask_question(session: Session, question: Mapping[str, Any], screen: Console, ask: Ask) -> None:
    """Ask a question of the run until it has one of its answers, or is not asked any more.

    Parameters
    ----------
    session : Session
        Is given the answer.
    question : mapping
        ``text`` and ``choices``, as in the status of the session.
    screen : Console
        Where the question is shown.
    ask : callable
        Asks for a line.
    """
    choices = [str(choice) for choice in question["choices"]]
    screen.print(f"{question['text']}", style="bold", markup=False)
    for number, choice in enumerate(choices, 1):
        screen.print(f"  {number}  {choice}", markup=False)
    while True:
        said = ask(f"1 to {len(choices)}, or Enter for {choices[0]!r}:", lambda: _is_asked(session, question))
        if said is None:
            return
        chosen = chosen_of(said, choices)
        if chosen is None:
            complain(f"{said!r} is not one of 1 to {len(choices)} or {', '.join(choices)}")
            continue
        try:
            session.answer(chosen)
        except (SessionError, SequenceError) as error:
            complain(str(error))
        return


def question_line(question: Mapping[str, Any]) -> str:
    """Return a question as one line, for where nobody can answer it."""
    return f"the run asks: {question['text']} ({' | '.join(map(str, question['choices']))})"


def chosen_of(said: str, choices: list[str]) -> str | None:
    """Return the choice that is meant: by its number, its text or its beginning; the first one by an empty line."""
    if not said:
        return choices[0]
    if said in choices:
        return said
    if said.isdecimal():
        return choices[int(said) - 1] if 1 <= int(said) <= len(choices) else None
    found = [choice for choice in choices if choice.casefold().startswith(said.casefold())]
    return found[0] if len(found) == 1 else None


def _is_asked(session: Session, question: Mapping[str, Any]) -> bool:
    return bool(session.status()["question"] == dict(question))
