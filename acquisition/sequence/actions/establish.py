"""Setting the instruments as they were before a pause or a crash: heat and place first, light last."""

from collections.abc import Callable
from typing import TypeVar

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.heater import set_temperature, wait_until_stable
from acquisition.sequence.actions.helpers import set_attenuator, set_focus
from acquisition.sequence.actions.laser import move_stage, set_laser, set_shutter
from acquisition.sequence.actions.spectrograph import is_set, set_camera_light, set_spectrograph
from acquisition.sequence.rig_check import require
from acquisition.sequence.setup import Setup
from acquisition.sequence.steps import (
    MoveStage,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetTemperature,
    WaitUntilStable,
)

StepT = TypeVar("StepT", MoveStage, SetFocus)


def establish(setup: Setup, context: StepContext) -> None:
    """Set what `setup` says, wait for the temperature as the sequence did, and read everything back.

    Raises
    ------
    StepError
        If an instrument reads back something else, or the temperature is not stable in time.
    DeviceError
        If an instrument refuses.
    Interrupted
        If the run has to pause or end.
    """
    if setup.heating is not None and not setup.ramping:
        _heat(setup.heating, setup.stable, context)
    if setup.x_um is not None and setup.y_um is not None:
        _go_back(MoveStage(x_um=setup.x_um, y_um=setup.y_um), move_stage, context)
    if setup.z_um is not None:
        _go_back(SetFocus(z_um=setup.z_um), set_focus, context)
    if setup.spectrograph is not None and not is_set(setup.spectrograph, context):
        set_spectrograph(setup.spectrograph, context)
    if setup.camera_light is not None:
        set_camera_light(SetCameraLight(light=setup.camera_light), context)
    if setup.transmission_percent is not None:
        set_attenuator(SetAttenuator(transmission_percent=setup.transmission_percent), context)
    if setup.repetition_rate_hz is not None or setup.intensity_percent is not None:
        set_laser(
            SetLaser(repetition_rate_hz=setup.repetition_rate_hz, intensity_percent=setup.intensity_percent), context
        )
    if setup.emission is not None:
        set_laser(SetLaser(emission=setup.emission), context)
    if setup.shutter_open is not None:
        set_shutter(SetShutter(open=setup.shutter_open), context)


def _heat(heating: SetTemperature, stable: WaitUntilStable | None, context: StepContext) -> None:
    heater = require(context.rig.heater, "heater", heating)
    status = heater.status()
    held = status.heating and status.setpoint_c == heating.temperature_c
    if not held:
        set_temperature(heating, context)
    if stable is not None and not (held and abs(status.temperature_c - heating.temperature_c) <= stable.tolerance_c):
        wait_until_stable(stable, context)


def _go_back(step: StepT, move: Callable[[StepT, StepContext], object], context: StepContext) -> None:
    """Move to a place; what the present step keeps of its own moves is not touched."""
    here = StepContext(
        context.rig, context.services, context.log, context.interrupt, context.look, context.values, context.point
    )
    move(step, here)
