"""`cascadescope run --resume`: a run that was broken off goes on, and a person decides what must not be repeated."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from acquisition.cli.guarded import rerun_under_guardian
from acquisition.cli.keyboard import keyboard_of
from acquisition.cli.resume_usage import Unrepeatable
from acquisition.cli.run import attend, is_attended, warn
from acquisition.cli.terminal import complain, console
from acquisition.sequence import AFTER_INTERRUPTION, AGAIN, SKIP, STOP
from acquisition.session import LocalSession, Session, SessionError
from acquisition.session.alarms import Alarms, alarm_settings

_ANSWERS = {Unrepeatable.STOP: STOP, Unrepeatable.SKIP: SKIP, Unrepeatable.AGAIN: AGAIN}


def resume_run(
    run: str,
    rig: str | None,
    allow_changes: bool,
    unrepeatable: Unrepeatable | None,
    alarm_command: str | None = None,
    attended: bool | None = None,
) -> int:
    """Let a run go on, on the rig that it began with unless `rig` names one; returns the exit status."""
    if (status := rerun_under_guardian(rig or LocalSession.rig_of_run(run))) is not None:
        return status
    with Alarms(alarm_settings(alarm_command), warn) as alarms, LocalSession.of_run(run, rig) as session:
        answering = answer_for(session, unrepeatable, has_person=keyboard_of(console()) is not None)

        def see(status: Mapping[str, Any]) -> None:
            alarms.see(status)
            answering(status)

        return attend(session, session.resume_run(run, allow_changes, is_attended(attended)), see=see)


def answer_for(
    session: Session, unrepeatable: Unrepeatable | None, *, has_person: bool
) -> Callable[[Mapping[str, Any]], None]:
    """Return what is shown each status and answers what becomes of an interrupted step that changes the sample.

    Where nothing was said in advance a person is asked at the terminal; without one, the run stops.
    """

    def see(status: Mapping[str, Any]) -> None:
        question = status["question"]
        if question is None or tuple(question["choices"]) != AFTER_INTERRUPTION:
            return
        if unrepeatable is not None:
            _answer(session, _ANSWERS[unrepeatable])
        elif not has_person and _answer(session, STOP):
            complain(question["text"])
            complain("nobody can be asked here: say --unrepeatable skip or --unrepeatable again with --resume")

    return see


def _answer(session: Session, answer: str) -> bool:
    """Answer, and return whether the question was still open."""
    with suppress(SessionError):
        session.answer(answer)
        return True
    return False
