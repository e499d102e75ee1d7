"""Under which conditions a point is recorded: what the instruments say when it starts."""

import math
from collections.abc import Mapping
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import AcquirePhotons, Sequence, SetLaser
from acquisition.sequence.metadata import EXCITATIONS, POWER, power_at

DECLARED = EXCITATIONS


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
    if laser.emission and (power_uw := power_at(metadata, laser.intensity_percent)) is not None:
        found[POWER] = power_uw
    declared = metadata.get(DECLARED)
    if isinstance(declared, int | float) and not isinstance(declared, bool) and declared > 0 and laser.emission:
        found[DECLARED] = declared
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def metadata_of_points(sequence: Sequence) -> dict[str, Any]:
    """Return the metadata that hold for every point of a sequence.

    The mean number of excitations per pulse is declared once for the run: it holds for no point if the
    points are recorded at several laser intensities.
    """
    intensity_percent: float | None = None
    emission = False
    seen: set[float | None] = set()
    for step in sequence.plain_steps:
        if isinstance(step, SetLaser):
            intensity_percent = intensity_percent if step.intensity_percent is None else step.intensity_percent
            emission = emission if step.emission is None else step.emission
        elif isinstance(step, AcquirePhotons) and emission:
            seen.add(intensity_percent)
    return {name: value for name, value in sequence.metadata.items() if name != DECLARED or len(seen) <= 1}
