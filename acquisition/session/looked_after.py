"""A rig that a Python program has opened itself: looked after like that of a session, until the program closes it."""

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from acquisition.guardian.heartbeat import present_heart
from acquisition.rig import Rig
from acquisition.session.base import SessionError
from acquisition.session.rig_in_use import RigInUse
from acquisition.session.run_job import RunJob
from drivers.interfaces.errors import StateError

HOW = (
    "start the program with `cascadescope script FILE.py`, or from a notebook ask a `cascadescope serve` with "
    "acquisition.remote.RemoteSession.find(); guarded=False does without, and leaves light, heat and bias on if the "
    "program dies"
)

_OPEN: list["LookedAfter"] = []


class LookedAfter(RigInUse):
    """A rig of a program with guardian and interlocks; made by `look_after`.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    """

    def __init__(self, rig: Rig) -> None:
        self._run: RunJob | None = None
        super().__init__(rig, lambda: self._run, lambda error: _say(f"NOT SAFE: {error}"))
        rig.arming.before = self._announce

    def begin(self, run: RunJob) -> None:
        """Take note of the run that begins now."""
        self._run = run
        self.begin_run(str(run.folder.path.absolute()))

    def check(self) -> None:
        """Raise `SessionError` if an interlock has tripped, or the instruments could not be made safe."""
        self.interlocks.check()
        if self.rig.arming.failed:
            raise SessionError(
                f"the instruments of the rig {self.rig.name} could not be made safe; check them by hand, then call "
                "rig.make_safe()"
            )

    def let_go(self) -> None:
        """Look after the rig no more, although it is open."""
        with self.closing():
            self.rig.keeper = None

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Look no more, and take note that nothing of these instruments is left to be closed."""
        with super().closing():
            yield
        if self in _OPEN:
            _OPEN.remove(self)

    def _announce(self) -> None:
        try:
            self.interlocks.check()
        except SessionError as error:
            raise StateError("rig", f"stays off: {error}") from error
        super()._announce()

    def _trip(self, interlock: str, message: str) -> None:
        if self._run is None or self._run.done:  # nobody else says it
            _say(f"interlock {interlock}: {message}; the instruments are made safe, and stay so")
        super()._trip(interlock, message)


def refuse_unguarded(name: str) -> None:
    """Raise `SessionError` if no guardian watches this program, which has a rig that outlives it."""
    if present_heart() is None:
        raise SessionError(
            f"the rig {name} has instruments that go on when this program dies, and no guardian would make them "
            f"safe; {HOW}"
        )


def look_after(rig: Rig, *, guarded: bool = True) -> LookedAfter:
    """Let a rig be looked after until it is closed: its interlocks, and by the guardian of this program.

    Instruments that outlive the program are made safe first, and stay so until `rig.arm` or a run. No effect on a rig
    that is looked after already.

    Parameters
    ----------
    rig : Rig
        Made by `open_rig`.
    guarded : bool
        Whether such a rig is refused if no guardian watches this program. False is dangerous: if the program dies,
        light, heat and bias stay on.

    Raises
    ------
    SessionError
        If there is no guardian, it cannot make an instrument safe or is gone, or the rig is that of a session.
    NotSafeError
        If an instrument could not be made safe.
    """
    if isinstance(rig.keeper, LookedAfter):
        return rig.keeper
    if rig.keeper is not None:
        raise SessionError(f"the rig {rig.name} is that of a session; start its runs by the session")
    outlives = bool(rig.rescues())
    if outlives and guarded:
        refuse_unguarded(rig.name)
    if outlives:
        rig.make_safe()
    found = LookedAfter(rig)
    if outlives:
        try:
            found.put_under_guardian()
        except BaseException:
            found.let_go()
            raise
        _OPEN.append(found)
    return found


@atexit.register
def close_left_open() -> None:
    """Close what a program has left open; what cannot be made safe is told, and stays under the guardian."""
    for each in tuple(_OPEN):
        with suppress(Exception):
            each.rig.close()


def _say(text: str) -> None:
    print(f"cascadescope: {text}", file=sys.stderr, flush=True)
