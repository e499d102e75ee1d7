"""`cascadescope queue run`: carries the queue out, shows how it goes, and tells those who are elsewhere."""

import threading
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from rich.console import Console
from rich.status import Status

from acquisition.cli.exit_status import FAILED, INTERRUPTED, SUCCESS
from acquisition.cli.follow import follow
from acquisition.cli.guarded import rerun_under_guardian
from acquisition.cli.keyboard import Ask, keyboard_of
from acquisition.cli.queue_actions import open_queue
from acquisition.cli.queue_screen import QueueScreen
from acquisition.cli.queue_session import session_for
from acquisition.cli.run import warn
from acquisition.cli.terminal import complain, console
from acquisition.config import Seconds
from acquisition.queue import QUESTION_TIMEOUT_S, EntryState, Nothing, QueueEntry, QueueReport, QueueRunner, Why
from acquisition.queue.attending import Attend, See, attend
from acquisition.session import Session, SessionError
from acquisition.session.alarms import Alarm, Alarms, Event, alarm_settings

_TIMEOUT: TypeAdapter[float] = TypeAdapter(Annotated[Seconds, Field(gt=0)])
_WELL = (EntryState.COMPLETED, EntryState.STOPPED)


def run_queue(
    file: str | None,
    *,
    keep_waiting: bool = False,
    alarm_command: str | None = None,
    question_timeout: str | None = None,
    attended: bool = False,
) -> int:
    """Carry the queue out; returns the exit status.

    A person at the terminal is asked, and offered the menu of `run` by Ctrl-C. Elsewhere Ctrl-C and every signal that
    ends the program abort the run that goes on, hold the queue and end.
    """
    rigs = {entry.request.rig for entry in open_queue(file).entries()}
    if (rerun := rerun_under_guardian(*sorted(rigs), always=keep_waiting)) is not None:
        return rerun
    screen = console()
    ask = keyboard_of(screen)
    timeout_s = _timeout_s(question_timeout, has_person=ask is not None)
    waiting = nullcontext() if ask is not None else screen.status("starting")
    with Alarms(alarm_settings(alarm_command), warn) as alarms, waiting as status:
        teller = _Teller(screen, status, alarms)
        runner = QueueRunner(
            open_queue(file),
            lambda rig, out: session_for(rig, out, complain),
            watch=teller.see,
            ended=teller.ended,
            idle=teller.idle,
            attend=attend if ask is None else _attend_with(screen, ask),
            question_timeout_s=timeout_s,
            keep_waiting=keep_waiting,
            attended=attended,
        )
        return _exit_status(teller.run(runner))


def _exit_status(report: QueueReport) -> int:
    if report.why is Why.STOPPED:
        return INTERRUPTED
    if report.why is Why.WAITS:
        complain(report.reason)
        return FAILED
    return SUCCESS if all(entry.state in _WELL for entry in report.ran) else FAILED


def _timeout_s(said: str | None, *, has_person: bool) -> float | None:
    if said is None:
        return None if has_person else QUESTION_TIMEOUT_S
    try:
        return _TIMEOUT.validate_python(said)
    except ValidationError as error:
        raise SessionError(f"--question-timeout: {error.errors(include_url=False)[0]['msg']}") from error


def _attend_with(screen: Console, ask: Ask) -> Attend:
    """Return what follows a run as `run` does, for the person at the terminal."""

    def attend_in_terminal(session: Session, see: See, stop: threading.Event) -> tuple[dict[str, Any], bool]:
        def ask_and_look(prompt: str, needed: Any) -> str | None:
            def still_needed() -> bool:
                see(session.status())
                return bool(needed())

            return ask(prompt, still_needed)

        return follow(session, screen, see, ask_and_look)

    return attend_in_terminal


class _Teller:
    """Tells what goes on: on the screen, and by alarms."""

    def __init__(self, screen: Console, status: Status | None, alarms: Alarms) -> None:
        self._screen, self._alarms = QueueScreen(screen, status), alarms
        self._run, self._has_run = "", False

    def run(self, runner: QueueRunner) -> QueueReport:
        """Carry the queue out; that it ends by an error is told, too."""
        try:
            report = runner.run(threading.Event())
        except BaseException as error:
            if self._has_run:
                self._tell_end("ended from the keyboard" if isinstance(error, KeyboardInterrupt) else str(error))
            raise
        if report.why is Why.STOPPED:
            self._tell_end(report.reason)
        return report

    def _tell_end(self, why: str) -> None:
        self._alarms.tell(Alarm(Event.QUEUE_HELD, self._run, f"the queue is no longer carried out: {why}"))

    def see(self, entry: QueueEntry, status: Mapping[str, Any]) -> None:
        """Show a status; how an entry ended is told when it is written down."""
        if status["outcome"] is None or status["state"] == "broken":
            self._alarms.see(status)
        self._screen.show(entry, status)

    def ended(self, entry: QueueEntry) -> None:
        """Tell how an entry ended."""
        self._run, self._has_run = entry.run, True
        self._alarms.tell(Alarm(_event_of(entry), entry.run, entry.error or f"the run was {entry.state}"))
        self._screen.ended(entry)

    def idle(self, nothing: Nothing) -> None:
        """Tell that nothing more is run for now."""
        if not nothing.empty:
            self._alarms.tell(Alarm(Event.QUEUE_HELD, self._run, nothing.reason))
        elif self._has_run:
            self._alarms.tell(Alarm(Event.QUEUE_FINISHED, self._run, "nothing is left in the queue"))
        self._has_run = False
        self._screen.idle(nothing)


def _event_of(entry: QueueEntry) -> Event:
    known = {EntryState.ABORTED: Event.ABORTED, EntryState.INTERRUPTED: Event.WAITING}
    return known.get(entry.state, Event.FINISHED if entry.state in _WELL else Event.FAILED)
