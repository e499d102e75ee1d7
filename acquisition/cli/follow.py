"""Shows a run while it goes on: lines that change in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
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


def follow(session: Session, console: Console) -> tuple[dict[str, Any], bool]:
    """Show the run of a session until it has ended.

    Ctrl-C aborts the run and waits until it is safe and stored; a second one stops in emergency.

    Returns
    -------
    dict
        The last status.
    bool
        Whether the run was interrupted from the keyboard.
    """
    try:
        return (_follow_in_terminal if console.is_terminal else _follow_plainly)(session, console), False
    except KeyboardInterrupt:
        complain("interrupted; making the instruments safe and storing what was recorded ...")
        session.abort()
    try:
        return session.wait(ABORT_TIMEOUT_S), True
    except KeyboardInterrupt:
        session.emergency_stop()
        raise


def _follow_in_terminal(session: Session, console: Console) -> dict[str, Any]:
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            status = session.wait(POLL_S)
            live.update(Text(progress_line(status, between="\n")))
            if status["outcome"] is not None:
                return status


def _follow_plainly(session: Session, console: Console) -> dict[str, Any]:
    shown_at, shown = -PLAIN_INTERVAL_S, ""
    while True:
        status = session.wait(POLL_S)
        if status["outcome"] is not None:
            return status
        step = f"{status['state']} {status['message']}"
        if step != shown or time.monotonic() - shown_at >= PLAIN_INTERVAL_S:
            console.print(progress_line(status), markup=False)
            shown_at, shown = time.monotonic(), step


def progress_line(status: Mapping[str, Any], between: str = " | ") -> str:
    """Return the state of a run; what is not known is left out.

    Parameters
    ----------
    status : mapping
        As `Session.status` returns it.
    between : str
        What stands between what is done and its numbers.
    """
    words = [] if status["state"] == "running" else [status["state"]]
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
    if status["remaining_s"] is not None:
        yield f"{duration(status['remaining_s'])} left"
