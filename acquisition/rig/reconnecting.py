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
        self._times = 0
        self._changing = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def begin(self) -> None:
        """Take note that all were connected: from here on, whoever is not has lost the connection."""
        self._in_use = True

    def end(self) -> None:
        """Take note that they are going to be closed; what is connected from here on is closed again at once."""
        self._in_use = False
        self._times += 1

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
        times = self._times

        def act() -> None:
            with self._lock_of(device):
                self._check_open(device, times)
                _close(device)
                self._connect(device, times)

        try:
            if not do_within(f"reconnect {device.name}", act, timeout_s):
                how = "look at its cable and its power, and try again"
                raise DeviceTimeoutError(device.name, f"is not connected again after {timeout_s:g} s; {how}")
        finally:
            self._tried()

    def make_safe(self, device: Device) -> None:
        """Make an instrument safe, if its connection is lost by connecting it anew. Raises `DeviceError`."""
        times = self._times
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
                    self._connect(device, times)
                except DeviceError as again:
                    raise error from again  # the first says what may be on

    def close(self, device: Device, *, may_be_on: bool) -> None:
        """Close an instrument; one that may be on and whose connection is lost is made safe by connecting it first.

        Raises
        ------
        DeviceError
            If it is not known to be safe.
        """
        if device.connected or not may_be_on:
            device.close()
            return
        with self._lock_of(device):
            try:
                device.connect()  # leaves it safe
            finally:
                device.close()

    def _check_open(self, device: Device, times: int) -> None:
        if self._times != times:
            raise StateError(device.name, "is not connected anew: its rig is closed")

    def _connect(self, device: Device, times: int) -> None:
        """Connect an instrument, which leaves it safe; closed again if its rig was closed meanwhile."""
        self._check_open(device, times)
        device.connect()
        if self._times != times:
            device.close()
            self._check_open(device, times)

    def _lock_of(self, device: Device) -> threading.Lock:
        with self._changing:
            return self._locks.setdefault(device.name, threading.Lock())


def _close(device: Device) -> None:
    with suppress(DeviceError):  # over a wire that is broken nothing can be made safe; connecting does it
        device.close()
    if device.connected:
        message = "is still connected after it was closed; switch it off and on, then restart the program"
        raise StateError(device.name, message)
