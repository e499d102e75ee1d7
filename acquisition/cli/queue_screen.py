"""What the terminal shows while a queue is carried out."""

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.status import Status

from acquisition.cli.asking import question_line
from acquisition.cli.follow import PLAIN_INTERVAL_S, progress_line
from acquisition.cli.terminal import complain, say_simulated
from acquisition.queue import EntryState, Nothing, QueueEntry


class QueueScreen:
    """Shows which entry runs and how each ended.

    Parameters
    ----------
    screen : Console
        Where.
    status : Status or None
        Shows how the run goes, in a line that changes; plain lines now and then where the output is no terminal. None
        if something else shows it.
    """

    def __init__(self, screen: Console, status: Status | None) -> None:
        self._screen, self._status = screen, status
        self._entry: tuple[int, str] | None = None
        self._warned = False
        self._shown_at, self._shown = 0.0, ""
        self._asked: Mapping[str, Any] | None = None

    def show(self, entry: QueueEntry, status: Mapping[str, Any]) -> None:
        """Show the status of an entry."""
        if status.get("simulated") and not self._warned:
            say_simulated(self._screen)
            self._warned = True
        if (entry.id, status["run"]) != self._entry:
            self._entry, self._shown = (entry.id, status["run"]), ""
            self._screen.print(f"entry {entry.id} ({entry.request.name}): {status['run']}", markup=False)
        if self._status is not None:
            self._show_progress(self._status, status)

    def _show_progress(self, shown: Status, status: Mapping[str, Any]) -> None:
        """Show how a run goes that something else does not show, and what it asks of whoever looks on."""
        if (question := status.get("question")) != self._asked:
            self._asked = question
            if question is not None:
                self._screen.print(question_line(question), markup=False)
        line = progress_line(status)
        if self._screen.is_terminal:
            shown.update(line.replace("[", r"\["))
        elif line != self._shown and (not self._shown or time.monotonic() - self._shown_at >= PLAIN_INTERVAL_S):
            self._screen.print(line, markup=False)
            self._shown_at, self._shown = time.monotonic(), line

    def ended(self, entry: QueueEntry) -> None:
        """Show how an entry ended."""
        where = f": {entry.run}" if entry.run else ""
        self._screen.print(f"entry {entry.id} ({entry.request.name}) {_ending(entry)}{where}", markup=False)
        if entry.error:
            complain(f"entry {entry.id}: {entry.error}")

    def idle(self, nothing: Nothing) -> None:
        """Show that nothing runs now."""
        if self._status is not None and self._screen.is_terminal:
            self._status.update(nothing.reason.replace("[", r"\["))


def _ending(entry: QueueEntry) -> str:
    if entry.state is not EntryState.WAITING:
        return str(entry.state)
    return "failed once and is tried again" if entry.failures else "waits until its rig is free"
