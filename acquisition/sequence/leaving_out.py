"""What becomes of a step that changes the sample for good, and in whose middle the program ended: a person says it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from acquisition.sequence.describe import describe
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.services import AFTER_INTERRUPTION, AGAIN, SKIP
from acquisition.sequence.steps import PlainStep


class Notes(Protocol):
    """Writes an event of a step into the journal."""

    def __call__(self, event: str, step: PlainStep, **details: Any) -> None:
        """Write it."""


def is_left_out(
    step: PlainStep, number: int, ask: Callable[[str, Sequence[str], float | None, bool], str | None], note: Notes
) -> bool:
    """Ask whether a step that was interrupted by the end of the program is left out, or done again.

    Raises
    ------
    SequenceError
        If neither is wanted.
    """
    question = f"Step {number} ({describe(step)}) was interrupted and changes the sample. What now?"
    answer = ask(question, AFTER_INTERRUPTION, None, False)
    note("asked", step, question=question, answer=answer)
    if answer not in (AGAIN, SKIP):
        raise SequenceError("was interrupted and changes the sample; resume the run again to skip it or go on")
    return answer == SKIP
