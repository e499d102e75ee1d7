"""Under which conditions a point is recorded: what the instruments say when it starts."""

import math
from collections.abc import Mapping
from typing import Any

from acquisition.rig import Rig


def conditions(rig: Rig, metadata: Mapping[str, Any]) -> dict[str, float]:
    """Return the conditions by name with unit; what is not known is absent.

    ``temperature_c`` is read from the heater, rate and intensity from the laser; the mean number of
    excitations per pulse is what the metadata of the sequence declare.
    """
    laser = rig.laser.status()
    found = {
        "laser_repetition_rate_hz": laser.repetition_rate_hz,
        "laser_intensity_percent": laser.intensity_percent if laser.emission else 0.0,
    }
    if rig.heater is not None:
        found["temperature_c"] = rig.heater.status().temperature_c
    declared = metadata.get("excitations_per_pulse")
    if isinstance(declared, int | float) and not isinstance(declared, bool) and declared > 0 and laser.emission:
        found["excitations_per_pulse"] = declared
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}
