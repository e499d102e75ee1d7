"""What a session says of its instruments, as plain data."""

from collections.abc import Mapping
from typing import Any

from drivers.interfaces.device import Device
from drivers.interfaces.laser import PulsedLaser


def described(devices: Mapping[str, Device]) -> list[dict[str, Any]]:
    """Return role, identity, limits, settings and readings of each instrument. Raises `DeviceError`.

    A laser also says ``emission``, and in ``emission_declared`` whether that is only what a person has said.
    """
    return [{"role": role, **_described(device)} for role, device in devices.items()]


def _described(device: Device) -> dict[str, Any]:
    identity = device.identity
    return {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "serial": identity.serial,
        "firmware": identity.firmware,
        "simulated": identity.simulated,
        "limits": {name: [limit.low, limit.high] for name, limit in device.limits.items()},
        "settings": dict(device.settings()),
        "readings": dict(device.readings()),
        **(_emission(device) if isinstance(device, PulsedLaser) else {}),
    }


def _emission(laser: PulsedLaser) -> dict[str, bool]:
    return {"emission": laser.status().emission, "emission_declared": "emission" in laser.declared}
