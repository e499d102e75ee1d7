"""A person at the terminal: asked for a line while the run is still followed."""

import queue
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from rich.console import Console

POLL_S = 0.1


class Ask(Protocol):
    """Asks the person at the terminal for a line."""

    def __call__(self, prompt: str, needed: Callable[[], bool]) -> str | None:
        """Return the line, without spaces around it; None once `needed` says that no answer is needed any more.

        Raises
        ------
        KeyboardInterrupt
            If Ctrl-C is pressed, or the terminal takes no more input.
        """


class Keyboard:
    """Lines from the terminal; `needed` is looked at while nobody types.

    Parameters
    ----------
    read : callable
        Waits for a line and returns it with its end; returns an empty text when there are no more.
    """

    def __init__(self, read: Callable[[], str] | None = None) -> None:
        self._read = read or _read_line
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reading: threading.Thread | None = None

    def __call__(self, prompt: str, needed: Callable[[], bool]) -> str | None:
        """Return a line, or None once it is not needed any more."""
        while not self._lines.empty():  # typed when nothing was asked
            self._lines.get()
        print(prompt, end=" ", flush=True)
        if self._reading is None or not self._reading.is_alive():
            self._reading = threading.Thread(target=self._wait_for_line, name="keyboard", daemon=True)
            self._reading.start()
        while needed():
            try:
                line = self._lines.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if not line:
                raise KeyboardInterrupt
            return line.strip()
        print(flush=True)
        return None

    def _wait_for_line(self) -> None:
        try:
            self._lines.put(self._read())
        except (OSError, ValueError):  # the terminal is gone
            self._lines.put("")


def keyboard_of(console: Console) -> Keyboard | None:
    """Return the keyboard if a person sits at the terminal; None for pipes, jobs without terminal, and CI."""
    try:
        is_terminal = sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return None
    return Keyboard() if is_terminal and console.is_terminal else None


def _read_line() -> str:
    """Read a line beneath Python's buffers, whose lock would keep the program from ending while nobody types."""
    raw = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
    return bytes(raw.readline()).decode(sys.stdin.encoding or "utf-8", errors="replace")
