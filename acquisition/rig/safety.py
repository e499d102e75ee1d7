"""Doing something to every instrument whatever happens: one that fails or hangs does not stop the others."""

import threading
import time
from collections.abc import Callable, Sequence

from acquisition.rig.safe_order import PATIENCE_S
from drivers.interfaces.device import Device
from drivers.interfaces.errors import FaultError

DEVICE_TIMEOUT_S = 10.0
"""Longest that one instrument is waited for, in wall time."""


class NotSafeError(FaultError):
    """At least one instrument could not be made safe or closed; needs a person.

    Attributes
    ----------
    errors : dict
        What went wrong, by the name of the instrument.
    """

    def __init__(self, what: str, errors: dict[str, BaseException], others: list[str]) -> None:
        reasons = "; ".join(f"{name} ({error})" for name, error in errors.items())
        good = f"; done: {', '.join(others)}" if others else ""
        super().__init__(
            "rig", f"could not {what} {reasons}{good}. Look at these instruments and switch them off by hand"
        )
        self.errors = errors


def for_each(what: str, stages: Sequence[Sequence[Device]], action: Callable[[Device], None], timeout_s: float) -> None:
    """Do `action` to the devices of each stage at once, one stage after the other, each for at most `timeout_s`.

    A stage begins when the one before has ended, or after `PATIENCE_S` beside what is left of it.
    An interrupt from the keyboard, and each that follows, waits until all are done.

    Raises
    ------
    NotSafeError
        After all were tried, if one failed or did not finish in time.
    """
    errors: dict[str, BaseException] = {}
    done: list[str] = []

    def do_all() -> None:
        for name, work in _begin_all(what, stages, action, timeout_s):
            if not work.finished.is_set():
                errors[name] = TimeoutError(f"not finished after {timeout_s:g} s")
            elif work.error is not None:
                errors[name] = work.error
            else:
                done.append(name)

    # a thread of its own, which no interrupt reaches; not a daemon, so that the process does not end before it
    everything = _Work(what, do_all, daemon=False)
    interrupt = everything.do_keeping_interrupts()
    if everything.error is not None:
        raise everything.error
    if errors:
        raise NotSafeError(what, errors, done) from next(iter(errors.values()))
    if interrupt is not None:
        raise interrupt


def do_within(what: str, act: Callable[[], None], timeout_s: float) -> bool:
    """Call `act` in a thread of its own; return whether it has ended in time, and raise what it raised."""
    work = _Work(what, act, daemon=True)
    work.start()
    if not work.finished.wait(timeout_s):
        return False
    if work.error is not None:
        raise work.error
    return True


def _begin_all(
    what: str, stages: Sequence[Sequence[Device]], action: Callable[[Device], None], timeout_s: float
) -> list[tuple[str, "_Work"]]:
    """Begin stage after stage, wait until each work has ended or its time is over, and return them by device."""
    begun: list[tuple[str, _Work, float]] = []
    for stage in stages:
        begin = time.monotonic()
        works = [
            (device.name, _Work(f"{what} {device.name}", lambda d=device: action(d), daemon=True))  # type: ignore[misc]
            for device in stage
        ]
        for _, work in works:
            work.start()
        for _, work in works:
            work.finished.wait(max(0.0, begin + min(PATIENCE_S, timeout_s) - time.monotonic()))
        begun += [(name, work, begin + timeout_s) for name, work in works]
    for _, work, end in begun:
        work.finished.wait(max(0.0, end - time.monotonic()))
    return [(name, work) for name, work, _ in begun]


class _Work:
    """A call that is made once: in a thread of its own, or in the caller's if no thread can be started."""

    def __init__(self, name: str, act: Callable[[], None], *, daemon: bool) -> None:
        self._name, self._act, self._daemon = name, act, daemon
        self._claim = threading.Lock()
        self.finished = threading.Event()
        self.error: BaseException | None = None

    def start(self) -> None:
        """Begin the call; starting again after an interrupt does no harm."""
        try:
            threading.Thread(target=self._do, name=self._name, daemon=self._daemon).start()
        except RuntimeError:  # no more threads, or the interpreter is ending
            self._do()

    def do_keeping_interrupts(self) -> KeyboardInterrupt | None:
        """Make the call to its end, which bounds itself, and return the last interrupt that came meanwhile."""
        interrupt: KeyboardInterrupt | None = None
        begun = False
        while not self.finished.is_set():
            try:
                if not begun:
                    self.start()
                    begun = True
                self.finished.wait()
            except KeyboardInterrupt as error:
                interrupt = error
        return interrupt

    def _do(self) -> None:
        if not self._claim.acquire(blocking=False):
            return
        try:
            self._act()
        except BaseException as error:
            self.error = error
        finally:
            self.finished.set()
