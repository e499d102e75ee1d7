"""The rig of a session while it is open: under a guardian where it must be, its interlocks watched."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from acquisition.guardian.heartbeat import Guarded, GuardianError, present_heart
from acquisition.guardian.standstill import Standstill
from acquisition.rig import Rig, open_rig
from acquisition.rig.opening import outlives_the_program
from acquisition.session.base import SessionError
from acquisition.session.interlocks import GUARDIAN, STANDSTILL, Interlocks
from acquisition.session.run_job import RunJob
from acquisition.session.supervising import Supervisor
from drivers.interfaces.closing import Closing
from drivers.interfaces.errors import StateError

WATCHING, NOT_NEEDED, OFF = "watching", "not needed", "off"
"""Whether another process makes the instruments safe if this one dies."""


class RigInUse(Closing):
    """Connected instruments with all that looks after them until they are closed.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    present_run : callable
        Returns the run that goes on or was last, or None.
    unsafe : callable
        Is told if an instrument could not be made safe when an interlock tripped.
    """

    def __init__(self, rig: Rig, present_run: Callable[[], RunJob | None], unsafe: Callable[[Exception], None]) -> None:
        self.rig = rig
        self._present_run, self._unsafe = present_run, unsafe
        self._guarded: Guarded | None = None
        self._guardian = NOT_NEEDED
        self.interlocks = Interlocks(self._trip, self._warn)
        self.supervisor = Supervisor(rig, self.interlocks, self._count_rate_cps, self._rests)
        rig.keeper = self

    @property
    def guardian(self) -> str:
        """Whether a guardian watches: ``watching``, ``not needed`` or ``off``."""
        return self._guardian

    def put_under_guardian(self) -> None:
        """Let nothing go on before a run is armed, and the guardian of this process know how all is made safe.

        Without a guardian the session was told to do without one.

        Raises
        ------
        SessionError
            If the guardian cannot make an instrument safe, or is gone.
        """
        self.rig.arming.disarm()
        self._guardian = OFF
        if (heart := present_heart()) is None:
            return
        try:
            self._guarded = heart.guard(lambda: self.rig.arming.armed, self._lose_guardian)
            self._guarded.standstill = Standstill(self.supervisor.standstill, self._trip_standstill)
            self._guarded.declare(self.rig.rescues())
        except GuardianError as error:
            raise SessionError(f"the rig is not opened: {error}") from error
        self.rig.arming.before = self._announce
        self._guardian = WATCHING

    def look(self, count_rate_cps: float | None, attended: bool) -> None:
        """Look at the interlocks from within a run; see `Supervisor.look_in_run`."""
        self.supervisor.look_in_run(count_rate_cps, attended=attended and self._rests())

    def begin_run(self, folder: str) -> None:
        """Let the guardian, and other programs that want the rig, know where the present run is stored."""
        if self.rig.holding is not None:
            self.rig.holding.note_run(folder)
        if self._guarded is not None:
            self._guarded.begin_run(folder)

    def reconnect(self, role: str) -> None:
        """Connect one instrument anew; it is safe then.

        Raises
        ------
        SessionError
            If there is no such instrument.
        DeviceError
            If it cannot be connected.
        """
        self.check_role(role)
        self.rig.reconnect(role)

    def check_role(self, role: str) -> None:
        """Raise `SessionError` if there is no such instrument."""
        if role not in self.rig.devices:
            raise SessionError(f"{role}: no such instrument; this rig has {', '.join(self.rig.devices)}")

    def reconnected(self) -> None:
        """Let the guardian know where the instruments are now."""
        if self._guarded is not None:
            with suppress(GuardianError):  # the loss of the guardian trips by itself
                self._guarded.declare(self.rig.rescues())

    def status(self) -> dict[str, Any]:
        """Return ``interlocks``, ``guardian`` and ``lost`` of the status of a session."""
        lost = [role for role, device in self.rig.devices.items() if not device.connected]
        return {"interlocks": self.interlocks.states, "guardian": self.guardian, "lost": lost}

    def close(self) -> None:
        """Look no more, make the instruments safe and disconnect them; if that fails, they stay under the guardian."""
        self.rig.close()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Trip no more; instruments that are closed in this context need no guardian any more.

        They are safe before a look is waited for that is under way: it may be one that hangs.
        """
        self.supervisor.end()
        try:
            yield
        finally:
            self.supervisor.close()
        if self._guarded is not None:
            self._guarded.close()

    def _announce(self) -> None:
        if self._guarded is None:
            return
        try:
            self._guarded.about_to_arm()
        except GuardianError as error:
            raise StateError("rig", f"stays off: {error}; start the program anew") from error

    def _lose_guardian(self, why: str) -> None:
        self._guardian = OFF
        self.interlocks.find(GUARDIAN, f"{why}: nobody makes the instruments safe if this program dies; start it anew")

    def _trip_standstill(self, why: str) -> None:
        self.interlocks.find(STANDSTILL, why)

    def _trip(self, interlock: str, message: str) -> None:
        """Make all safe and end the run, if there is one."""
        run = self._present_run()
        try:
            if run is not None and not run.done:
                run.trip(interlock, message)
            self.rig.make_safe()
        except Exception as error:  # told by status and run; whoever has found this looks on
            self._unsafe(error)

    def _warn(self, message: str) -> None:
        run = self._present_run()
        if run is not None and not run.done:
            run.warn(message)

    def _count_rate_cps(self) -> float | None:
        run = self._present_run()
        progress = None if run is None or run.done else run.engine.status().progress
        return progress.live.count_rate_cps if progress and progress.live else None

    def _rests(self) -> bool:
        """Whether a person has paused the run, and may deal with the instruments; nobody does while it is suspended."""
        run = self._present_run()
        return run is not None and not run.done and run.rests and not run.engine.status().suspended


def use_rig(
    name: str,
    seed: int | None,
    sample: str | None,
    *,
    guarded: bool,
    present_run: Callable[[], RunJob | None],
    unsafe: Callable[[Exception], None],
    faults: Sequence[str] = (),
) -> RigInUse:
    """Open a rig and put all that looks after it to work.

    Parameters
    ----------
    name, seed, sample, faults
        As of `open_rig`.
    guarded : bool
        Whether a rig that outlives this process is only opened under a guardian.
    present_run, unsafe
        As of `RigInUse`.

    Raises
    ------
    SessionError
        If a guardian is needed and there is none, or it is gone.
    ConfigError, DeviceError
        As of `open_rig`.
    """
    outlives = outlives_the_program(name)
    if outlives and guarded and present_heart() is None:
        raise SessionError(
            f"the rig {name} has instruments that go on when this program dies, and no guardian would make them safe; "
            "use `cascadescope run` or `cascadescope serve`, and from a notebook RemoteSession.find()"
        )
    rig = open_rig(name, seed=seed, sample=sample, faults=faults)
    try:
        in_use = RigInUse(rig, present_run, unsafe)
    except BaseException:
        rig.close()
        raise
    if outlives:
        try:
            in_use.put_under_guardian()
        except BaseException:
            in_use.close()
            raise
    return in_use
