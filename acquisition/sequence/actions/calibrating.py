"""Calibration of the SPAD array's time-to-digital converters, in the dark."""

from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.laser import set_laser, set_shutter
from acquisition.sequence.rig_check import calibrating
from acquisition.sequence.steps import CalibrateDetector, SetLaser, SetShutter


def calibrate_detector(step: CalibrateDetector, context: StepContext) -> dict[str, Any]:
    """Take light and bias off, calibrate, and return how long that took; nothing is switched on afterwards.

    Raises
    ------
    StepError
        If shutter or laser are not off.
    DeviceError
        If the calibration fails or takes longer than the step allows.
    """
    array, clock = calibrating(context.rig.spad_array, step), context.rig.clock
    context.check()
    if context.rig.shutter is not None:
        set_shutter(SetShutter(open=False), context)
    set_laser(SetLaser(emission=False), context)
    array.set_bias(False)
    context.check()
    begin_s = clock.now()
    array.calibrate_tdc(step.timeout_s)
    return {"calibrated_in_s": clock.now() - begin_s}
