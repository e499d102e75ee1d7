"""The ways in which a system ends programs: each is treated like Ctrl-C, so that a run is aborted and stored."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""Asked to end, terminal gone, console closed (Windows); not every system has each."""


class ProgramEnds(KeyboardInterrupt):
    """The system ends the program; nobody is there to be asked, as after Ctrl-C."""


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Raise `ProgramEnds` for signals that would end the program; what is ignored (nohup) stays ignored."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in _numbers():
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let the program end as it is about to: neither Ctrl-C nor another signal changes how."""
    for number in (signal.SIGINT, *_numbers()):
        signal.signal(number, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise ProgramEnds


def _numbers() -> list[signal.Signals]:
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
