"""Connecting one instrument anew, while the others stay as they are."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from acquisition.rig.safety import do_within
from drivers.interfaces.device import Device
from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, StateError

RECONNECT_TIMEOUT_S = 60.0
"""Longest that closing and connecting take together, in wall time."""


class Reconnecting:
    """Connects the instruments of a rig anew, each in one thread at a time; what was lost only while it is in use.

    Parameters
    ----------
    tried : callable, optional
        Is called after each try, whatever came of it: the address of an instrument may be another one then.
    """

    def __init__(self, tried: Callable[[], None] = lambda: None) -> None:
        self._tried = tried
        self._in_use = False
        self._changing = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def begin(self) -> None:
        """Take note that all were connected: from here on, whoever is not has lost the connection."""
        self._in_use = True

    def end(self) -> None:
        """Take note that they are going to be closed."""
        self._in_use = False

    def reconnect_lost(self, devices: Mapping[str, Device]) -> list[str]:
        """Connect those anew whose connection was lost, and return their roles. Raises `DeviceError`."""
        lost = [role for role, device in devices.items() if self._in_use and not device.connected]
        for role in lost:
            self.reconnect(devices[role])
        return lost

    def reconnect(self, device: Device, timeout_s: float = RECONNECT_TIMEOUT_S) -> None:
        """Close an instrument and connect it again; it is safe then, and has to be set anew.

        Parameters
        ----------
        device : Device
            The instrument.
        timeout_s : float
            Longest time, in s of wall time.

        Raises
        ------
        DeviceError
            If it cannot be reached, cannot be closed or does not answer in time.
        """

        def act() -> None:
            with self._lock_of(device):
                _connect_anew(device)

        try:
            if not do_within(f"reconnect {device.name}", act, timeout_s):
                how = "look at its cable and its power, and try again"
                raise DeviceTimeoutError(device.name, f"is not connected again after {timeout_s:g} s; {how}")
        finally:
            self._tried()

    def make_safe(self, device: Device) -> None:
        """Make an instrument safe, if its connection is lost by connecting it anew. Raises `DeviceError`."""
        try:
            device.make_safe()
        except CommunicationError as error:
            if device.connected or not self._in_use:
                raise
            with self._lock_of(device):
                if device.connected:
                    device.make_safe()
                    return
                try:
                    device.connect()  # leaves it safe
                except DeviceError as again:
                    raise error from again  # the first says what may be on

    def _lock_of(self, device: Device) -> threading.Lock:
        with self._changing:
            return self._locks.setdefault(device.name, threading.Lock())


def _connect_anew(device: Device) -> None:
    with suppress(DeviceError):  # over a wire that is broken nothing can be made safe; connecting does it
        device.close()
    if device.connected:
        message = "is still connected after it was closed; switch it off and on, then restart the program"
        raise StateError(device.name, message)
    device.connect()
