"""Whether sources may be switched on: making safe latches, and only the start of a run releases."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from acquisition.rig.calls import CallsUnderWay
from drivers.interfaces.device import Device
from drivers.interfaces.errors import DeviceTimeoutError, StateError

SWITCHING_TIMEOUT_S = 5.0
"""Longest wait for a source that was just being switched on when it was to be made safe, in wall time."""


class SafetyLatch:
    """What all instruments of a rig ask before a source of light, heat or gain goes on; open at first.

    Attributes
    ----------
    calls : CallsUnderWay
        The calls into the instruments of the rig.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._latched = False
        self._times = 0
        self._making_safe = 0
        self._switching: Counter[str] = Counter()
        self._on: set[str] = set()
        self.calls = CallsUnderWay()

    @contextmanager
    def making_safe(self) -> Iterator[None]:
        """Latch, and refuse to release before the context is left."""
        self.latch()
        with self._changed:
            self._making_safe += 1
        try:
            yield
        finally:
            with self._changed:
                self._making_safe -= 1

    def latch(self) -> None:
        """Let nothing be switched on until `release`."""
        with self._changed:
            self._latched = True
            self._times += 1

    @property
    def times(self) -> int:
        """How often it was latched so far."""
        with self._changed:
            return self._times

    def release(self, times: int, released: Callable[[], None]) -> None:
        """Allow sources to be switched on, and call `released` in the same step.

        Raises
        ------
        StateError
            While the rig is being made safe, or if it was latched since `times` was asked for.
        """
        with self._changed:
            if self._making_safe or self._times != times:
                raise StateError("rig", "is just being made safe; start again when that is done")
            self._latched = False
            released()

    def may_be_on(self, device: Device) -> bool:
        """Whether a source of `device` was switched on, and not off for sure since then."""
        with self._changed:
            return device.name in self._on

    def is_off(self, device: Device) -> None:
        """Take note that every source of `device` is off for sure, unless one is just being switched on."""
        with self._changed:
            if not self._switching[device.name]:
                self._on.discard(device.name)

    @property
    def latched(self) -> bool:
        """Whether nothing may be switched on."""
        with self._changed:
            return self._latched

    def check(self, device: Device) -> None:
        """Raise `StateError` if nothing may be switched on."""
        self._refuse(device, latched=self.latched)

    def switch_on(self, device: Device, act: Callable[[], None]) -> None:
        """Do `act`, which switches a source of `device` on, unless latched; made safe again if latched meanwhile.

        Raises
        ------
        StateError
            If latched, before or meanwhile.
        """
        with self._changed:
            self._refuse(device, latched=self._latched)
            times = self._times
            self._switching[device.name] += 1
            self._on.add(device.name)
        try:
            act()
        finally:
            latched = self._times != times
            try:
                if latched:
                    device.make_safe()
            finally:
                with self._changed:
                    self._switching[device.name] -= 1
                    self._changed.notify_all()
        self._refuse(device, latched=latched)

    def switch_off(self, device: Device, act: Callable[[], None]) -> None:
        """Do `act`, which makes `device` safe, and again after a call that was just switching it on.

        Raises
        ------
        DeviceTimeoutError
            If that call does not come back.
        """
        reached = device.connected
        act()
        with self._changed:
            if not self._switching[device.name]:
                if reached:
                    self._on.discard(device.name)
                return
            if not self._changed.wait_for(lambda: not self._switching[device.name], SWITCHING_TIMEOUT_S):
                message = f"was being switched on and has not answered for {SWITCHING_TIMEOUT_S:g} s"
                raise DeviceTimeoutError(device.name, message)
        reached = device.connected
        act()
        if reached:
            self.is_off(device)

    def _refuse(self, device: Device, *, latched: bool) -> None:
        if latched:
            raise StateError(
                device.name,
                "stays off: the rig was made safe; start a run to switch it on, or call rig.arm() at a Python prompt",
            )
