"""Connecting all instruments of a rig; if one cannot be reached, the others are made safe all the same."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from acquisition.guardian.rescuing import Rescuing, UnknownRescueError, load
from drivers.interfaces.device import Device
from drivers.interfaces.errors import CommunicationError, DeviceError, StateError
from drivers.interfaces.rescue import Rescue

RESCUE_S = 1.0
"""No second attempt later than this: who has just not answered will hardly answer now."""


def connect_all(devices: Mapping[str, Device], close: Callable[[], None]) -> None:
    """Connect every instrument, which makes it safe; if one fails, those before it are closed again.

    A program that died may have left on those that were not reached: they are made safe from outside, each in a thread
    of its own, the SPAD bias last, and those of which that is not known to have worked are named.

    Parameters
    ----------
    devices : mapping
        The instruments by role, in the order in which they are connected.
    close : callable
        Makes all safe and disconnects them.

    Raises
    ------
    DeviceError
        Of the instrument that could not be connected; names each that may still be on.
    NotSafeError
        If an instrument that had been connected could not be made safe.
    """
    left = list(devices.values())
    try:
        while left:
            left[0].connect()
            left.pop(0)
    except BaseException as error:
        try:
            close()
        finally:
            unknown = _make_safe_from_outside(left, error)
            words = f"NOT KNOWN TO BE OFF: {'; '.join(unknown)}. Look at these instruments and switch them off by hand"
            if unknown and not isinstance(error, DeviceError):
                print(f"cascadescope: {words}", file=sys.stderr, flush=True)
        if unknown and isinstance(error, DeviceError):
            kind = CommunicationError if isinstance(error, CommunicationError) else StateError
            raise kind(error.device, f"{error.message}. {words}") from error
        raise


def _make_safe_from_outside(left: Sequence[Device], error: BaseException) -> list[str]:
    """Return in words which of the instruments that are not connected may still be on.

    One that has said that it is another instrument than the rig file expects is left alone.
    """
    foreign = isinstance(error, DeviceError) and not isinstance(error, CommunicationError)
    rescues = [rescue for device in left[1 if foreign else 0 :] if (rescue := _rescue_of(device)) is not None]
    now = threading.Event()
    now.set()
    try:
        outcomes = Rescuing(rescues, load(rescues), now, RESCUE_S).begin()
    except UnknownRescueError as problem:
        return [str(problem)]
    return [f"{each.device} ({each.error})" for each in outcomes if each.error is not None]


def _rescue_of(device: Device) -> Rescue | None:
    try:
        return device.rescue()
    except DeviceError:  # it cannot be said how before it was connected
        return None
