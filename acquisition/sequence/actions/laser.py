"""Laser, shutter and stage: steps that set something and read it back."""

from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import require
from acquisition.sequence.steps import MoveStage, SetLaser, SetShutter

READ_BACK_TOLERANCE = 0.01
"""Largest relative difference between what was set and what is read back."""


def set_laser(step: SetLaser, context: StepContext) -> dict[str, Any]:
    """Set rate and intensity; off comes first, on last, and what lowers the power before what raises it.

    Emission does not go on once the step is interrupted.

    Raises
    ------
    StepError
        If the laser reads back something else.
    """
    laser = context.rig.laser
    if step.emission is False:
        laser.set_emission(False)
    present = laser.status()
    settings = [
        (laser.set_repetition_rate_hz, step.repetition_rate_hz, present.repetition_rate_hz),
        (laser.set_intensity_percent, step.intensity_percent, present.intensity_percent),
    ]
    asked = [(set_value, value, value > before) for set_value, value, before in settings if value is not None]
    for set_value, value, _ in sorted(asked, key=lambda setting: setting[2]):
        set_value(value)
    if step.emission:
        context.check()
        laser.set_emission(True)
    found = laser.status()
    read_back("laser: repetition rate in Hz", step.repetition_rate_hz, found.repetition_rate_hz)
    read_back("laser: intensity in percent", step.intensity_percent, found.intensity_percent)
    if step.emission is not None and found.emission is not step.emission and not context.interrupt.is_set():
        raise StepError(f"laser: emission was switched {_on(step.emission)}, but the laser says {_on(found.emission)}")
    return {"intensity_percent": found.intensity_percent, "emission": found.emission}


def set_shutter(step: SetShutter, context: StepContext) -> dict[str, Any]:
    """Open or close the shutter and read it back; it does not open once the step is interrupted."""
    shutter = require(context.rig.shutter, "shutter", step)
    if step.open:
        context.check()
    shutter.set_open(step.open)
    if shutter.is_open() is not step.open and not context.interrupt.is_set():
        wanted, found = ("open", "closed") if step.open else ("closed", "open")
        raise StepError(f"{shutter.name}: is {found} although it was to be {wanted}; look at it")
    return {"shutter_open": step.open}


def move_stage(step: MoveStage, context: StepContext) -> dict[str, Any]:
    """Go to a place, and return where the stage says that it is.

    A relative move is made only once: after a pause or a crash it goes on to the same place.
    """
    stage = require(context.rig.stage, "stage", step)
    if "goal_um" not in context.kept:
        x_um, y_um = stage.position_um()
        from_um = (x_um, y_um) if step.relative else (0.0, 0.0)
        x_goal = x_um if step.x_um is None else from_um[0] + step.x_um
        y_goal = y_um if step.y_um is None else from_um[1] + step.y_um
        context.keep("goal_um", [x_goal, y_goal])
    x_goal, y_goal = context.kept["goal_um"]
    if not stage.move_to_um(x_goal, y_goal, context.interrupt):
        context.check()
        raise StepError(f"{stage.name}: the move was stopped by someone else; the stage is at {stage.position_um()} um")
    x_um, y_um = stage.position_um()
    return {"x_um": x_um, "y_um": y_um}


def read_back(what: str, wanted: float | None, found: float) -> None:
    """Raise `StepError` if what is read back is not what was set."""
    if wanted is not None and abs(found - wanted) > READ_BACK_TOLERANCE * max(abs(wanted), 1e-3):
        raise StepError(f"{what} was set to {wanted:g}, but reads back as {found:g}; the instrument may be set by hand")


def _on(on: bool) -> str:
    return "on" if on else "off"
