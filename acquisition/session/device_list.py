"""What a session says of its instruments, as plain data."""

from collections.abc import Mapping
from typing import Any

from acquisition.session.device_controls import controls
from drivers.interfaces.device import Device
from drivers.interfaces.errors import DeviceError
from drivers.interfaces.laser import LaserStatus, PulsedLaser

UNKNOWN: Mapping[str, Any] = {
    "manufacturer": None,
    "model": None,
    "serial": None,
    "firmware": None,
    "simulated": None,
    "limits": {},
    "settings": {},
    "readings": {},
    "controls": {},
}
"""What is said of an instrument as long as nothing is known of it."""


def described(devices: Mapping[str, Device]) -> list[dict[str, Any]]:
    """Return what can be said of each instrument, as `describe` does; one that does not answer hides no other."""
    return [describe(role, device) for role, device in devices.items()]


def describe(role: str, device: Device) -> dict[str, Any]:
    """Return role, identity, limits, settings and readings of an instrument, and what steps can set of it.

    Parameters
    ----------
    role : str
        Of the instrument in its rig.
    device : Device
        The instrument.

    Returns
    -------
    dict
        ``role``; ``manufacturer``, ``model``, ``serial``, ``firmware`` and ``simulated``; ``limits`` by name as
        [low, high], ``settings``, ``readings``; ``controls`` as of `device_controls.controls`; ``connected`` and
        ``problem``: None, or why it does not answer; what it does not tell is None or empty then. A laser also says
        ``emission``, in ``emission_declared`` whether that is only what a person has said, and ``interlock_closed``
        (None if it does not tell).
    """
    found = {"role": role, **UNKNOWN, "connected": device.connected, "problem": None}
    try:
        found |= _identity(device)
        found |= _state(device)
    except DeviceError as error:
        found["problem"] = str(error)
    found["connected"] = device.connected
    return found


def _identity(device: Device) -> dict[str, Any]:
    identity = device.identity
    return {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "serial": identity.serial,
        "firmware": identity.firmware,
        "simulated": identity.simulated,
    }


def _state(device: Device) -> dict[str, Any]:
    limits = {name: [limit.low, limit.high] for name, limit in device.limits.items()}
    settings, readings = dict(device.settings()), dict(device.readings())
    found: dict[str, Any] = {"limits": limits, "settings": settings, "readings": readings}
    laser = device.status() if isinstance(device, PulsedLaser) else None
    found["controls"] = controls(device, limits, settings, readings, laser)
    return found if laser is None else {**found, **_light(device, laser)}


def _light(device: Device, status: LaserStatus) -> dict[str, bool | None]:
    declared = device.declared if isinstance(device, PulsedLaser) else frozenset()
    return {
        "emission": status.emission,
        "emission_declared": "emission" in declared,
        "interlock_closed": None if "interlock_closed" in declared else status.interlock_closed,
    }
