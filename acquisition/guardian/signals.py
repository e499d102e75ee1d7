"""What signals mean where three processes share a terminal: only the session acts on them, and on each only once."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

TO_SESSION = tuple(name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals that are meant for the session, whichever process gets them."""

SAME_S = 0.4
"""A terminal, or whoever ends a whole process group, tells all processes at once: within this time it is one signal."""


def hand_on_signals(hand_on: Callable[[str], None]) -> None:
    """Hand on to the session what the guardian gets; neither terminal nor Ctrl-Z stop it."""
    for name in TO_SESSION:
        number = getattr(signal, name)
        if name in ("SIGINT", "SIGHUP"):  # a terminal that closes tells the session itself
            _handle(number, lambda number, frame: None)
        else:
            _handle(number, lambda number, frame: hand_on(signal.Signals(number).name))
    if hasattr(signal, "SIGTTOU"):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it may write to the terminal, as it is no part of its group
    keep_from_stopping()


def keep_from_stopping() -> None:
    """Let Ctrl-Z change nothing: a program that stands still cannot look after light and heat."""
    if hasattr(signal, "SIGTSTP"):
        _handle(signal.SIGTSTP, lambda number, frame: None)


def _handle(number: int, handler: Callable[[int, FrameType | None], None]) -> None:
    """Handle a signal, but not one that is ignored, as under nohup: what is started later inherits that."""
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, handler)


@contextmanager
def handing_on(hand_on: Callable[[str], None]) -> Iterator[None]:
    """Hand on to the session what the launcher gets, inside this context; without effect outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in TO_SESSION]
    stops = [signal.SIGTSTP] if hasattr(signal, "SIGTSTP") else []
    before = {number: signal.getsignal(number) for number in [*numbers, *stops]}
    for number in numbers:
        _handle(number, lambda number, frame: hand_on(signal.Signals(number).name))
    keep_from_stopping()
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


class SignalsOfSession:
    """Gives a session each signal once, although it may come from the system and be handed on as well."""

    def __init__(self) -> None:
        self._came_s: dict[str, float] = {}
        self._notes: dict[str, Callable[[int, FrameType | None], None]] = {}
        for name in TO_SESSION:
            self._note_when_it_comes(name)
        keep_from_stopping()
        if sys.platform == "win32":
            _hear_ctrl_c()

    def _note_when_it_comes(self, name: str) -> None:
        number = getattr(signal, name)
        handler = signal.getsignal(number)
        if not callable(handler):
            return

        def note(number: int, frame: FrameType | None) -> None:
            self._came_s[name] = time.monotonic()
            handler(number, frame)

        self._notes[name] = note
        signal.signal(number, note)

    def take(self, name: str) -> None:
        """Let what was handed on act as if it had come from the system, unless it came from there, too; waits."""
        if name not in TO_SESSION:
            return
        replaced = signal.getsignal(getattr(signal, name)) is not self._notes.get(name)
        if name == "SIGINT" and replaced and _hears_the_terminal():
            return  # a program that deals with Ctrl-C in its own way, whose coming was not noted
        handed_s = time.monotonic()
        threading.Event().wait(SAME_S)
        if self._came_s.get(name, float("-inf")) < handed_s - SAME_S:
            send_to_this_process(name)


def _hears_the_terminal() -> bool:
    """Return whether Ctrl-C at the terminal comes to this process by itself."""
    if os.name == "nt":
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY)
    except OSError:  # there is none
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def send_to_this_process(name: str) -> None:
    """Let a signal come to the main thread."""
    number = getattr(signal, name)
    if os.name == "nt":
        import _thread

        _thread.interrupt_main(number)
    else:
        os.kill(os.getpid(), number)


def _hear_ctrl_c() -> None:
    """Let Ctrl-C reach this process although it does not reach the guardian that has started it (Windows)."""
    import ctypes

    ctypes.windll.kernel32.SetConsoleCtrlHandler(None, False)  # type: ignore[attr-defined, unused-ignore]
