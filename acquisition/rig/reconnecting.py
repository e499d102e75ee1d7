"""Connecting one instrument anew, while the others stay as they are."""

from contextlib import suppress

from acquisition.rig.safety import do_within
from drivers.interfaces.device import Device
from drivers.interfaces.errors import DeviceError, DeviceTimeoutError, StateError

RECONNECT_TIMEOUT_S = 60.0
"""Longest that closing and connecting take together, in wall time."""


def reconnect(device: Device, timeout_s: float = RECONNECT_TIMEOUT_S) -> None:
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
        with suppress(DeviceError):  # over a wire that is broken nothing can be made safe; connecting does it
            device.close()
        if device.connected:
            message = "is still connected after it was closed; switch it off and on, then restart the program"
            raise StateError(device.name, message)
        device.connect()

    if not do_within(f"reconnect {device.name}", act, timeout_s):
        message = f"is not connected again after {timeout_s:g} s; look at its cable and its power, and try again"
        raise DeviceTimeoutError(device.name, message)
