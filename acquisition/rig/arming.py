"""Whether a source of light, heat or gain of a rig may be on, for whoever watches from outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.device import Device


class Arming:
    """Arms and disarms the latch of a rig, and knows whether all was made safe since.

    Parameters
    ----------
    latch : SafetyLatch
        Of the rig.

    Attributes
    ----------
    before : callable
        Called before the rig is armed; may raise `StateError`, and the rig then stays off.
    """

    def __init__(self, latch: SafetyLatch) -> None:
        self._latch = latch
        self._at_rest = self._failed = False
        self.before: Callable[[], None] = lambda: None

    @property
    def armed(self) -> bool:
        """Whether a source may be on: since the rig was made, or armed, not everything was made safe."""
        return not self._at_rest

    @property
    def failed(self) -> bool:
        """Whether something could not be made safe the last time that this was tried."""
        return self._failed

    def arm(self) -> None:
        """Allow sources to be switched on.

        Raises
        ------
        StateError
            If the rig is just being made safe, or was while it was armed, or if nobody watches it.
        """
        times = self._latch.times
        self.before()
        self._latch.release(times, self._take_note)

    def _take_note(self) -> None:
        self._at_rest = self._failed = False

    def may_be_on(self, device: Device) -> bool:
        """Whether a source of an instrument was switched on, and not off for sure since then."""
        return self._latch.may_be_on(device)

    @property
    def oldest_call(self) -> tuple[str, float] | None:
        """The call into an instrument that goes on for the longest time, and for how long, in s; None without one."""
        return self._latch.calls.oldest

    def disarm(self) -> None:
        """Let nothing be switched on before `arm`; to be called while all is off."""
        self._latch.latch()
        self._at_rest = True

    @contextmanager
    def making_safe(self) -> Iterator[None]:
        """Latch while everything is made safe; at rest afterwards unless something failed."""
        with self._latch.making_safe():
            self._at_rest = False
            try:
                yield
            except BaseException:
                self._at_rest, self._failed = False, True
                raise
            self._at_rest, self._failed = True, False
