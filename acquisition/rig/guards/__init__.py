"""Instruments with the limits and the latch of their rig: whoever calls, what they do not allow is refused."""

from acquisition.rig.guards.camera import GuardedCamera
from acquisition.rig.guards.capable import (
    GuardedCalibratingSpadArray,
    GuardedPoweredHeater,
    guarded_array,
    guarded_heater,
)
from acquisition.rig.guards.helpers import GuardedAttenuator, GuardedFocus, GuardedPowerMeter
from acquisition.rig.guards.light import GuardedLaser, GuardedShutter
from acquisition.rig.guards.sample import GuardedHeater, GuardedStage
from acquisition.rig.guards.spad_array import GuardedSpadArray
from acquisition.rig.guards.spectrograph import GuardedSpectrograph

__all__ = [
    "GuardedAttenuator",
    "GuardedCalibratingSpadArray",
    "GuardedCamera",
    "GuardedFocus",
    "GuardedHeater",
    "GuardedLaser",
    "GuardedPowerMeter",
    "GuardedPoweredHeater",
    "GuardedShutter",
    "GuardedSpadArray",
    "GuardedSpectrograph",
    "GuardedStage",
    "guarded_array",
    "guarded_heater",
]
