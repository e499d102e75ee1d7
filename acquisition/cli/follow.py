"""Shows a run while it goes on, lines that change in a terminal, plain lines elsewhere; hears what a person says."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from rich.console import Console
from rich.live import Live
from rich.text import Text

from acquisition.cli.asking import ask_question, question_line
from acquisition.cli.ending import ProgramEnds
from acquisition.cli.keyboard import Ask
from acquisition.cli.pause_menu import pause_with_menu
from acquisition.cli.terminal import complain
from acquisition.numbers import duration
from acquisition.session import Session

POLL_S = 0.2
PLAIN_INTERVAL_S = 5.0
ABORT_TIMEOUT_S = 120.0
TWICE_S = 2.0
"""Ctrl-C again within this time means it."""

See: TypeAlias = Callable[[Mapping[str, Any]], None]

_CHARGES = {"neutral": "0", "minus1": "-1", "minus2": "-2"}


def follow(
    session: Session,
    console: Console,
    see: See = lambda status: None,
    ask: Ask | None = None,
) -> tuple[dict[str, Any], bool]:
    """Show the run of a session until it has ended.

    Where a person sits at the terminal, Ctrl-C pauses the run and offers what to do, questions of the run are asked,
    and Ctrl-C twice (in the menu, or within 2 s) aborts. Elsewhere, and for every signal that ends the program, the
    first one aborts the run, or gives up its analysis, and waits until all is safe and stored; the next one stops in
    emergency.

    Parameters
    ----------
    session : Session
        Whose run is shown.
    console : Console
        Where.
    see : callable
        Is shown each status, too.
    ask : callable, optional
        Asks the person at the terminal for a line; none without a terminal.

    Returns
    -------
    dict
        The last status.
    bool
        Whether the run was interrupted from the keyboard.
    """
    last: dict[str, Any] = {}

    def look(status: Mapping[str, Any]) -> None:
        last.update(status)
        see(status)

    try:
        try:
            return _follow(session, console, look, ask), False
        except KeyboardInterrupt:
            session.abort()
            complain(_what_follows(last or session.status()))
            return session.wait(ABORT_TIMEOUT_S), True
    except KeyboardInterrupt:
        session.emergency_stop()
        run = session.status()["run"]
        complain(f"emergency stop; what was recorded is in {run}: `cascadescope recover {run}` makes its files")
        raise


def _follow(session: Session, console: Console, see: See, ask: Ask | None) -> dict[str, Any]:
    """Show the run until it has ended; raises `KeyboardInterrupt` if it is to be aborted."""
    show = _follow_in_terminal if console.is_terminal else _follow_plainly
    pressed_at = -TWICE_S
    while True:
        try:
            status = show(session, console, see, until_asked=ask is not None)
            if status["outcome"] is not None or ask is None:
                return status
            ask_question(session, status["question"], console, ask)
        except ProgramEnds:
            raise
        except KeyboardInterrupt:
            now = time.monotonic()
            if ask is None or now - pressed_at < TWICE_S or not pause_with_menu(session, console, ask):
                raise
            pressed_at = now


def _what_follows(status: Mapping[str, Any]) -> str:
    """Return what an interrupt does in the present state of the run."""
    if status["state"] != "analysing":
        return "interrupted; the instruments are safe; storing what was recorded ..."
    run = status["run"]
    return f"interrupted; giving up the analysis. The photons are in {run}: `cascadescope analyze {run}` analyses them"


def _follow_in_terminal(session: Session, console: Console, see: See, *, until_asked: bool) -> dict[str, Any]:
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            status = session.wait(POLL_S)
            see(status)
            if status["outcome"] is not None or (until_asked and status["question"]):
                return status
            live.update(Text(progress_line(status, between="\n")))


def _follow_plainly(session: Session, console: Console, see: See, *, until_asked: bool) -> dict[str, Any]:
    shown_at, shown, last_line, asked = -PLAIN_INTERVAL_S, "", "", None
    while True:
        status = session.wait(POLL_S)
        see(status)
        if status["outcome"] is not None or (until_asked and status["question"]):
            return status
        step = f"{status['state']} {status['message']}"
        line = progress_line(status)
        if line != last_line and (step != shown or time.monotonic() - shown_at >= PLAIN_INTERVAL_S):
            console.print(line, markup=False)
            shown_at, shown, last_line = time.monotonic(), step, line
        if status["question"] != asked:
            asked = status["question"]
            if asked is not None:
                console.print(question_line(asked), markup=False)


def progress_line(status: Mapping[str, Any], between: str = " | ") -> str:
    """Return the state of a run; what is not known is left out.

    Parameters
    ----------
    status : mapping
        As `Session.status` returns it.
    between : str
        What stands between what is done and its numbers.
    """
    words = ["SIMULATED"] if status.get("simulated") else []
    words += [] if status["state"] == "running" else [status["state"]]
    doing = ": ".join([*words, *([status["message"]] if status["message"] else [])])
    numbers = " | ".join(_numbers(status)) if status["state"] in ("running", "stopping", "aborting") else ""
    return between.join(part for part in (doing, numbers) if part)


def _numbers(status: Mapping[str, Any]) -> Iterator[str]:
    if status["photons"] is not None:
        yield f"{status['photons']:,} photons".replace(",", " ")
    if status["count_rate_cps"] is not None:
        yield f"{status['count_rate_cps'] / 1e3:.1f} kcps"
    if status["cascades"] is not None:
        yield f"{status['cascades']} cascades"
    if status["charge_state"] is not None:
        yield f"charge {_CHARGES.get(status['charge_state'], status['charge_state'])}"
    if status["remaining_s"]:
        yield f"{duration(status['remaining_s']) if status['remaining_s'] >= 1 else '< 1 s'} left"
