"""`cascadescope queue run`: carries the queue out and shows how it goes."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.status import Status

from acquisition.cli.exit_status import FAILED, SUCCESS
from acquisition.cli.follow import PLAIN_INTERVAL_S, progress_line
from acquisition.cli.queue_actions import open_queue
from acquisition.cli.terminal import complain, console, say_simulated
from acquisition.queue import EntryState, QueueEntry, QueueRunner, Why
from acquisition.session import LocalSession


def run_queue(file: str | None, *, keep_waiting: bool = False) -> int:
    """Carry the queue out; returns the exit status.

    Ctrl-C aborts the run that goes on, and holds the queue.
    """
    screen = console()
    with screen.status("starting") as status:
        watch = _Screen(screen, status)
        runner = QueueRunner(open_queue(file), LocalSession, watch=watch, keep_waiting=keep_waiting)
        report = runner.run(threading.Event())
    for entry in report.ran:
        where = f": {entry.run}" if entry.run else ""
        screen.print(f"entry {entry.id} ({entry.request.name}) {_ending(entry)}{where}", markup=False)
        if entry.error:
            complain(f"entry {entry.id}: {entry.error}")
    if report.why is Why.WAITS:
        complain(report.reason)
    bad = any(entry.state not in (EntryState.COMPLETED, EntryState.STOPPED) for entry in report.ran)
    return FAILED if bad or report.why is Why.WAITS else SUCCESS


class _Screen:
    """Shows what runs: a line that changes in a terminal, plain lines now and then elsewhere."""

    def __init__(self, screen: Console, status: Status) -> None:
        self._screen, self._status = screen, status
        self._entry: int | None = None
        self._warned = False
        self._shown_at, self._shown = 0.0, ""

    def __call__(self, entry: QueueEntry, status: Mapping[str, Any]) -> None:
        """Show the status of an entry."""
        if status.get("simulated") and not self._warned:
            say_simulated(self._screen)
            self._warned = True
        if entry.id != self._entry:
            self._entry, self._shown = entry.id, ""
            self._screen.print(f"entry {entry.id} ({entry.request.name}): {status['run']}", markup=False)
        line = progress_line(status)
        if self._screen.is_terminal:
            self._status.update(line.replace("[", r"\["))
        elif line != self._shown and (not self._shown or time.monotonic() - self._shown_at >= PLAIN_INTERVAL_S):
            self._screen.print(line, markup=False)
            self._shown_at, self._shown = time.monotonic(), line


def _ending(entry: QueueEntry) -> str:
    return "failed once and is tried again" if entry.state is EntryState.WAITING else str(entry.state)
