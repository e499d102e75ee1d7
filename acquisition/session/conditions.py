"""Under which conditions a point is recorded: what the instruments say when it starts."""

import math
from collections.abc import Mapping
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import AcquirePhotons, Sequence, SetAttenuator, SetLaser
from acquisition.sequence.metadata import EXCITATIONS, POWER, SAME, power_at
from drivers.interfaces.errors import StateError

DECLARED = EXCITATIONS
MEASURED = "excitations_per_pulse_per_percent"

SAME_PLACE_UM = 0.2
"""How far the stage may be from where the excitations were measured: another emitter absorbs otherwise."""


def conditions(rig: Rig, metadata: Mapping[str, Any], learnt: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Return the conditions by name with unit; what is not known is absent.

    ``temperature_c`` is read from the heater, rate and intensity from the laser, the transmission from the attenuator;
    the power is what was measured with the same light (`MeasurePower`) or declared for it; the mean number of
    excitations per pulse is what a power series has measured at the present place of the stage, with its error, or
    else what the metadata of the sequence declare.

    Parameters
    ----------
    rig : Rig
        The instruments.
    metadata : mapping
        Of the sequence.
    learnt : mapping, optional
        Values that procedures have found.
    """
    laser = rig.laser.status()
    found = {
        "laser_repetition_rate_hz": laser.repetition_rate_hz,
        "laser_intensity_percent": laser.intensity_percent if laser.emission else 0.0,
    }
    if rig.heater is not None:
        found["temperature_c"] = rig.heater.status().temperature_c
    share = transmission_of(rig)
    if rig.attenuator is not None and share is not None:
        found["transmission_percent"] = 100 * share
    power_uw = None if share is None else power_at(metadata, share * laser.intensity_percent)
    if laser.emission and power_uw is not None:
        found[POWER] = power_uw
    found |= _measured_power(found, learnt or {})
    declared = metadata.get(DECLARED)
    measured = None if share is None else _measured(rig, learnt or {}, share)
    if measured is not None and laser.emission:
        found[DECLARED] = measured[0] * laser.intensity_percent
        found[f"{DECLARED}_error"] = measured[1] * laser.intensity_percent
    elif isinstance(declared, int | float) and not isinstance(declared, bool) and declared > 0 and laser.emission:
        found[DECLARED] = declared
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def transmission_of(rig: Rig) -> float | None:
    """Return the share of the light that passes the attenuator: 1 without one, None if nobody knows how it is set."""
    if rig.attenuator is None:
        return 1.0
    try:
        return rig.attenuator.transmission()
    except StateError:
        return None


def _measured_power(found: Mapping[str, float], learnt: Mapping[str, Any]) -> dict[str, float]:
    """Return the power that was measured if laser and attenuator are now as they were then."""
    if "power_uw" not in learnt or found["laser_intensity_percent"] == 0:
        return {}
    names = ("repetition_rate_hz", "intensity_percent")
    pairs = [(found.get(f"laser_{name}"), learnt.get(f"power_{name}")) for name in names]
    pairs.append((found.get("transmission_percent"), learnt.get("power_transmission_percent")))
    if not all(_same(now, then) for now, then in pairs):
        return {}
    return {"measured_power_uw": learnt["power_uw"], "measured_power_error_uw": learnt["power_error_uw"]}


def _same(now: float | None, then: float | None) -> bool:
    return now is then if now is None or then is None else abs(now - then) <= SAME * abs(then)


def _measured(rig: Rig, learnt: Mapping[str, Any], share: float) -> tuple[float, float] | None:
    """Return excitations per pulse and percent with their error if they were measured here; else None.

    They are proportional to the transmission of the attenuator.
    """
    slope, error = learnt.get(MEASURED), learnt.get(f"{MEASURED}_error")
    if slope is None or error is None:
        return None
    there = learnt.get(f"{DECLARED}_x_um"), learnt.get(f"{DECLARED}_y_um")
    if rig.stage is not None and None not in there:
        x_um, y_um = rig.stage.position_um()
        if math.hypot(x_um - float(there[0]), y_um - float(there[1])) > SAME_PLACE_UM:  # type: ignore[arg-type]
            return None
    then_percent = float(learnt.get(f"{DECLARED}_transmission_percent", 100.0))
    if then_percent <= 0:
        return None
    return float(slope) * 100 * share / then_percent, float(error) * 100 * share / then_percent


def metadata_of_points(sequence: Sequence) -> dict[str, Any]:
    """Return the metadata that hold for every point of a sequence.

    The mean number of excitations per pulse is declared once for the run: it holds for no point if the
    points are recorded at several laser intensities or transmissions.
    """
    intensity_percent: float | None = None
    transmission_percent: float | None = None
    emission = False
    seen: set[tuple[float | None, float | None]] = set()
    for step in sequence.plain_steps:
        if isinstance(step, SetLaser):
            intensity_percent = intensity_percent if step.intensity_percent is None else step.intensity_percent
            emission = emission if step.emission is None else step.emission
        elif isinstance(step, SetAttenuator):
            transmission_percent = step.transmission_percent
        elif isinstance(step, AcquirePhotons) and emission:
            seen.add((intensity_percent, transmission_percent))
    return {name: value for name, value in sequence.metadata.items() if name != DECLARED or len(seen) <= 1}
