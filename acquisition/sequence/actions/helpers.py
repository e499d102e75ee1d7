"""Attenuator, focus and power meter: setting, reading back, measuring."""

from statistics import fmean, stdev
from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.laser import read_back
from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import require
from acquisition.sequence.steps import MeasurePower, SetAttenuator, SetFocus


def set_attenuator(step: SetAttenuator, context: StepContext) -> dict[str, Any]:
    """Set the attenuator and read it back. Raises `StepError` if it says something else."""
    attenuator = require(context.rig.attenuator, "attenuator", step)
    context.check()
    attenuator.set_transmission(step.transmission_percent / 100)
    found_percent = 100 * attenuator.transmission()
    read_back(f"{attenuator.name}: transmission in percent", step.transmission_percent, found_percent)
    return {"transmission_percent": found_percent}


def set_focus(step: SetFocus, context: StepContext) -> dict[str, Any]:
    """Go to a height, and return where the drive says that it is; a relative move is made only once."""
    focus = require(context.rig.focus, "focus", step)
    if "goal_um" not in context.kept:
        context.keep("goal_um", focus.position_um() + step.z_um if step.relative else step.z_um)
    if not focus.move_to_um(context.kept["goal_um"], context.interrupt):
        context.check()
        raise StepError(f"{focus.name}: the move was stopped by someone else; the focus is at {focus.position_um()} um")
    return {"z_um": focus.position_um()}


def measure_power(step: MeasurePower, context: StepContext) -> dict[str, Any]:
    """Read the power meter.

    Returns
    -------
    dict
        ``power_uw``, ``power_error_uw``, and with which laser and attenuator that was: ``power_repetition_rate_hz``,
        ``power_intensity_percent`` (0 without emission) and, with an attenuator, ``power_transmission_percent``.
    """
    meter = require(context.rig.power_meter, "power_meter", step)
    if step.wavelength_nm is not None:
        meter.set_wavelength_nm(step.wavelength_nm)
    read_uw = []
    for _ in range(step.readings):
        context.check()
        read_uw.append(1e6 * meter.power_w())
        context.look(None)
    return {
        "power_uw": fmean(read_uw),
        "power_error_uw": stdev(read_uw) / len(read_uw) ** 0.5,
        **_light(context),
    }


def _light(context: StepContext) -> dict[str, float]:
    laser, attenuator = context.rig.laser.status(), context.rig.attenuator
    found = {
        "power_repetition_rate_hz": laser.repetition_rate_hz,
        "power_intensity_percent": laser.intensity_percent if laser.emission else 0.0,
    }
    return found if attenuator is None else {**found, "power_transmission_percent": 100 * attenuator.transmission()}
