"""Shows a run while it goes on: lines that change in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from acquisition.cli.terminal import complain
from acquisition.numbers import duration
from acquisition.session import Session

POLL_S = 0.2
PLAIN_INTERVAL_S = 5.0
ABORT_TIMEOUT_S = 120.0

_CHARGES = {"neutral": "0", "minus1": "-1", "minus2": "-2"}


def follow(
    session: Session, console: Console, see: Callable[[Mapping[str, Any]], None] = lambda status: None
) -> tuple[dict[str, Any], bool]:
    """Show the run of a session until it has ended.

    Ctrl-C aborts the run, or gives up its analysis, and waits until all is safe and stored; a second
    one stops in emergency.

    Parameters
    ----------
    session : Session
        Whose run is shown.
    console : Console
        Where.
    see : callable
        Is shown each status, too.

    Returns
    -------
    dict
        The last status.
    bool
        Whether the run was interrupted from the keyboard.
    """
    try:
        try:
            return (_follow_in_terminal if console.is_terminal else _follow_plainly)(session, console, see), False
        except KeyboardInterrupt:
            complain(_what_follows(session.status()))
            session.abort()
            return session.wait(ABORT_TIMEOUT_S), True
    except KeyboardInterrupt:
        run = session.status()["run"]
        complain(f"emergency stop; what was recorded is in {run}: `cascadescope recover {run}` makes its files")
        session.emergency_stop()
        raise


def _what_follows(status: Mapping[str, Any]) -> str:
    """Return what an interrupt does in the present state of the run."""
    if status["state"] != "analysing":
        return "interrupted; making the instruments safe and storing what was recorded ..."
    run = status["run"]
    return f"interrupted; giving up the analysis. The photons are in {run}: `cascadescope analyze {run}` analyses them"


def _follow_in_terminal(session: Session, console: Console, see: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            status = session.wait(POLL_S)
            see(status)
            if status["outcome"] is not None:
                return status
            live.update(Text(progress_line(status, between="\n")))


def _follow_plainly(session: Session, console: Console, see: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    shown_at, shown, last_line = -PLAIN_INTERVAL_S, "", ""
    while True:
        status = session.wait(POLL_S)
        see(status)
        if status["outcome"] is not None:
            return status
        step = f"{status['state']} {status['message']}"
        line = progress_line(status)
        if line != last_line and (step != shown or time.monotonic() - shown_at >= PLAIN_INTERVAL_S):
            console.print(line, markup=False)
            shown_at, shown, last_line = time.monotonic(), step, line


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
