"""The session's side of its guardian: says that it lives and what would have to be done if it did not."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import count
from typing import Any

from acquisition.guardian.launcher_line import LauncherLine
from acquisition.guardian.messages import GUARDIAN_VARIABLE, LAUNCHER_VARIABLE, Address, connect
from acquisition.guardian.signals import SignalsOfSession
from acquisition.guardian.standstill import Standstill
from acquisition.guardian.watch import Watch
from drivers.interfaces.closing import Closing
from drivers.interfaces.rescue import Rescue

BEAT_S = 0.2
GUARDIAN_SILENCE_S = 3.0
"""Longest silence of a guardian; the end of its process is noticed at once."""
ANSWER_TIMEOUT_S = 10.0
ANNOUNCED_S = 2.0
"""For so long a source counts as on that was said to go on soon, whatever a beat says that was already under way."""


class GuardianError(Exception):
    """The guardian is gone, or cannot make an instrument safe; nothing may be switched on."""


class Guarded(Closing):
    """The instruments of one rig under the guardian, until closed.

    Parameters
    ----------
    heart : Heart
        The connection to the guardian.
    armed : callable
        Returns whether a source may be on; must be quick.
    lost : callable
        Is told why, in a thread of its own, if the guardian is lost.

    Attributes
    ----------
    standstill : Standstill
        Whether whoever looks after the instruments still does; nobody is asked as long as it is not replaced.
    """

    def __init__(self, heart: "Heart", armed: Callable[[], bool], lost: Callable[[str], None]) -> None:
        self._heart, self._armed, self.lost = heart, armed, lost
        self.standstill = Standstill(lambda: "", lambda why: None)
        self._announced_s = float("-inf")
        self.rescues: tuple[Rescue, ...] = ()

    @property
    def armed(self) -> bool:
        """Whether a source may be on now, or in a moment."""
        return self._armed() or time.monotonic() - self._announced_s < ANNOUNCED_S

    def declare(self, rescues: Sequence[Rescue]) -> None:
        """Say how the instruments are made safe from outside. Raises `GuardianError` if that cannot be done."""
        self.rescues = tuple(rescues)
        self._heart.tell_rescues()

    def about_to_arm(self) -> None:
        """Say that sources may go on from here on. Raises `GuardianError` if nobody watches."""
        self._announced_s = time.monotonic()
        self._heart.announce()

    def begin_run(self, folder: str) -> None:
        """Say where the present run is stored."""
        self._heart.tell_run(folder)

    def close(self) -> None:
        """Say that nothing of these instruments is left to be made safe; no effect if closed."""
        self._heart.leave(self)


class Heart(Closing):
    """The connection to the guardian, with a thread that beats and one that listens.

    Parameters
    ----------
    guardian : Address
        Where it is.
    launcher : LauncherLine, optional
        The connection to the launcher, which makes safe what a dead guardian cannot.

    Raises
    ------
    GuardianError
        If it cannot be reached.
    """

    def __init__(self, guardian: Address, launcher: LauncherLine | None = None) -> None:
        self._launcher = launcher or LauncherLine(None)
        try:
            self._line = connect(guardian, "session")
        except OSError as error:
            raise GuardianError(f"the guardian cannot be reached: {error}; start the program anew") from error
        self._sending, self._changing = threading.Lock(), threading.Lock()
        self._guarded: list[Guarded] = []
        self._numbers = count(1)
        self._answers: dict[int, str] = {}
        self._answered = threading.Condition()
        self._closing, self._lost_because = threading.Event(), ""
        self._signals = SignalsOfSession() if threading.current_thread() is threading.main_thread() else None
        self._launcher.armed = self._is_armed
        self._watch = Watch(time.monotonic(), GUARDIAN_SILENCE_S, GUARDIAN_SILENCE_S)
        for target in (self._beat_on, self._listen):
            threading.Thread(target=target, name=f"guardian: {target.__name__}", daemon=True).start()

    @property
    def lost_because(self) -> str:
        """Why the guardian does not watch any more; empty while it does."""
        return self._lost_because

    def guard(self, armed: Callable[[], bool], lost: Callable[[str], None]) -> Guarded:
        """Put instruments under the guardian; see `Guarded`. Raises `GuardianError` if it is lost."""
        guarded = Guarded(self, armed, lost)
        with self._changing:
            self._guarded.append(guarded)
        if self._lost_because:
            self.leave(guarded)
            raise GuardianError(self._lost_because)
        return guarded

    def leave(self, guarded: Guarded) -> None:
        """Guard these instruments no more."""
        with self._changing:
            if guarded not in self._guarded:
                return
            self._guarded.remove(guarded)
        with suppress(GuardianError):  # whoever is gone does nothing
            self.tell_rescues()

    def tell_rescues(self) -> None:
        """Say how all instruments are made safe, and wait until the guardian is ready. Raises `GuardianError`."""
        number = next(self._numbers)
        self._launcher.tell(self._rescues)
        self._send(lambda: {**self._rescues(), "number": number})
        with self._answered:
            self._answered.wait_for(lambda: number in self._answers or self._lost_because, ANSWER_TIMEOUT_S)
            answer = self._answers.pop(number, self._lost_because or "the guardian does not answer")
        if answer:
            raise GuardianError(answer)

    def tell_run(self, folder: str) -> None:
        """Say where the present run is stored."""
        self._launcher.tell(lambda: {"run": folder})
        with suppress(GuardianError):  # its loss is told otherwise
            self._send(lambda: {"run": folder})

    def beat(self) -> None:
        """Say that all is well, and whether a source may be on.

        Raises
        ------
        GuardianError
            If nobody listens, or it is not said because instruments that may be on are not looked after.
        """
        now_s = time.monotonic()
        for each in self._present():
            if why := each.standstill.gives_up(now_s, armed=each.armed):
                raise GuardianError(f"this program stands still: {why}")
        self._send(lambda: {"beat": True, "armed": self._is_armed()})

    def announce(self) -> None:
        """Say at once to guardian and launcher that a source may be on from here on; errors as of `beat`."""
        self._launcher.beat()
        self.beat()

    def close(self) -> None:
        """Hang up; instruments that are still under the guardian are then made safe by it. No effect if closed."""
        self._closing.set()
        self._line.close()

    def _is_armed(self) -> bool:
        return any(guarded.armed for guarded in self._present())

    def _rescues(self) -> dict[str, Any]:
        return {"rescues": [_plain(each) for one in self._present() for each in one.rescues]}

    def _present(self) -> list[Guarded]:
        with self._changing:
            return list(self._guarded)

    def _send(self, message: Callable[[], dict[str, Any]]) -> None:
        """Send what `message` returns; what is sent later was made later."""
        if self._lost_because:
            raise GuardianError(self._lost_because)
        try:
            with self._sending:
                self._line.send(message())
        except OSError as error:
            self._lose(f"the guardian does not listen any more ({error})")
            raise GuardianError(self._lost_because) from error

    def _beat_on(self) -> None:
        while not self._closing.wait(BEAT_S) and not self._lost_because:
            with suppress(GuardianError):
                self.beat()
            silent_s = self._watch.look(time.monotonic())
            if silent_s is not None:
                self._lose(f"the guardian has said nothing for {silent_s:.0f} s")

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                for message in self._line.receive():
                    self._take(message)
            except OSError:
                self._lose("the guardian has died")
                return

    def _take(self, message: dict[str, Any]) -> None:
        self._watch.hear(time.monotonic(), armed=True)
        for word in ("ready", "refused"):
            if word in message:
                with self._answered:
                    self._answers[message[word]] = str(message.get("why", ""))
                    self._answered.notify_all()
        if "signal" in message:
            if message.get("why"):
                print(f"cascadescope: {message['why']}; ending", file=sys.stderr, flush=True)
            if self._signals is not None:
                take = self._signals.take
                threading.Thread(target=take, args=(str(message["signal"]),), name="signal", daemon=True).start()

    def _lose(self, why: str) -> None:
        """Tell all who are guarded, once, each in a thread of its own: making safe takes its time."""
        with self._answered:
            if self._lost_because or self._closing.is_set():
                return
            self._lost_because = why
            self._answered.notify_all()
        for each in self._present():
            threading.Thread(target=each.lost, args=(why,), name="guardian lost").start()


def _plain(rescue: Rescue) -> dict[str, Any]:
    return {**asdict(rescue), "arguments": dict(rescue.arguments)}


_HEARTS: list[Heart] = []


def present_heart() -> Heart | None:
    """Return the connection to the guardian of this process; None if it has none."""
    return _HEARTS[-1] if _HEARTS else None


@contextmanager
def beating() -> Iterator[None]:
    """Be watched by the guardian that has started this process, if one has.

    Raises
    ------
    GuardianError
        If it cannot be reached.
    """
    guardian = Address.taken_from_environment(GUARDIAN_VARIABLE)
    launcher = Address.taken_from_environment(LAUNCHER_VARIABLE)
    if guardian is None:
        yield
        return
    with LauncherLine(launcher) as to_launcher, Heart(guardian, to_launcher) as heart:
        _HEARTS.append(heart)
        try:
            yield
        finally:
            _HEARTS.remove(heart)
