"""Which instruments a rig has and what a simulated world is, as plain data for run.json."""

from collections.abc import Mapping
from typing import Any

from drivers.interfaces.device import Device
from simulators.bench import Bench


def of_devices(devices: Mapping[str, Device]) -> dict[str, Any]:
    """Return by role who each instrument is, and how it is set."""
    found = {}
    for role, device in devices.items():
        identity = device.identity
        found[role] = {
            "manufacturer": identity.manufacturer,
            "model": identity.model,
            "serial": identity.serial,
            "firmware": identity.firmware,
            "simulated": identity.simulated,
            "settings": dict(device.settings()),
        }
    return found


def of_world(bench: Bench, sample_file: Mapping[str, str]) -> dict[str, Any]:
    """Return what a simulated world is made of."""
    return {
        "sample": {"name": bench.sample.name, **sample_file},
        "seed": bench.seed,
        "optics": bench.optics.model_dump(mode="json"),
        "plant": bench.plant.settings.model_dump(mode="json"),
    }
