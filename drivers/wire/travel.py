"""A move that is waited for: until it is there and at rest, is cut short, or has taken too long."""

import threading
import time
from collections.abc import Callable, Sequence
from math import isfinite

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, StateError

POLL_S = 0.02
REST_S = 1.0
"""Longest that a drive may take to come to rest after it was told to stop."""


class Travel:
    """Moves of one drive, one at a time.

    Parameters
    ----------
    device : str
        Name in the rig, for messages.
    start : callable
        Sets off to a place; returns at once.
    where : callable
        Returns the present place in um, one number per axis.
    moving : callable
        Returns whether the drive moves.
    halt : callable
        Stops it; may be called while another of these goes on.
    timeout_s : float
        Longest that a move may take.
    tolerance_um : float
        How near to its goal it has arrived, in each axis.
    """

    def __init__(
        self,
        device: str,
        *,
        start: Callable[[Sequence[float]], None],
        where: Callable[[], Sequence[float]],
        moving: Callable[[], bool],
        halt: Callable[[], None],
        timeout_s: float,
        tolerance_um: float,
    ) -> None:
        self._device, self._start, self._where, self._moving, self._halt = device, start, where, moving, halt
        self._timeout_s, self._tolerance_um = timeout_s, tolerance_um
        self._lock = threading.Lock()
        self._cut: threading.Event | None = None

    @property
    def going_on(self) -> bool:
        """Whether a move is waited for."""
        return self._cut is not None

    def where(self) -> tuple[float, ...]:
        """Return the present place in um; raises `CommunicationError` if the drive says nonsense."""
        try:
            found = tuple(float(value) for value in self._where())
        except (TypeError, ValueError) as error:
            raise CommunicationError(self._device, f"does not say where it is ({error}); look at it") from error
        if not found or not all(isfinite(value) for value in found):
            raise CommunicationError(self._device, f"says that it is at {found} um; look at it, then connect it again")
        return found

    def go(self, goal_um: Sequence[float], interrupt: threading.Event | None = None) -> bool:
        """Move and wait; return whether it arrived, False if it was cut short.

        Raises
        ------
        StateError
            If it is moving already.
        DeviceTimeoutError
            If it does not arrive; it is stopped.
        """
        cut = threading.Event()
        with self._lock:
            if self._cut is not None:
                raise StateError(self._device, "is moving already; wait until it is there, or stop it")
            self._cut = cut
        try:
            if interrupt is not None and interrupt.is_set():
                return False
            self._start(goal_um)
            return self._arrives(goal_um, cut, interrupt)
        finally:
            self._cut = None

    def stop(self) -> None:
        """Stop the drive, and end the move that is waited for."""
        cut = self._cut
        if cut is not None:
            cut.set()
        self._halt()

    def _arrives(self, goal_um: Sequence[float], cut: threading.Event, interrupt: threading.Event | None) -> bool:
        end = time.monotonic() + self._timeout_s
        try:
            while not (cut.is_set() or (interrupt is not None and interrupt.is_set())):
                if not self._moving() and self._is_at(goal_um):
                    return not cut.is_set()
                if time.monotonic() > end:
                    raise DeviceTimeoutError(self._device, self._late(goal_um))
                cut.wait(POLL_S)
        except DeviceError:
            if cut.is_set():  # whoever has stopped it may have disconnected it
                return False
            self._halt()
            raise
        if not cut.is_set():
            self._halt()
        self._comes_to_rest(cut)
        return False

    def _is_at(self, goal_um: Sequence[float]) -> bool:
        pairs = zip(self.where(), goal_um, strict=True)
        return all(abs(found - wanted) <= self._tolerance_um for found, wanted in pairs)

    def _comes_to_rest(self, cut: threading.Event) -> None:
        end = time.monotonic() + REST_S
        while self._still_moves(cut):
            if time.monotonic() > end:
                text = f"still moves {REST_S:g} s after it was told to stop; look at it"
                raise DeviceTimeoutError(self._device, text)
            time.sleep(POLL_S)

    def _still_moves(self, cut: threading.Event) -> bool:
        try:
            return self._moving()
        except CommunicationError:
            if cut.is_set():  # and disconnected
                return False
            raise

    def _late(self, goal_um: Sequence[float]) -> str:
        wanted = ", ".join(f"{value:.2f}" for value in goal_um)
        found = ", ".join(f"{value:.2f}" for value in self.where())
        return (
            f"is not at ({wanted}) um after {self._timeout_s:g} s, but at ({found}) um; it was stopped. Look what is "
            "in its way, or allow more time (move_timeout)"
        )
