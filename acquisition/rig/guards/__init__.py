"""Instruments with the limits and the latch of their rig: whoever calls, what they do not allow is refused."""

from acquisition.rig.guards.camera import GuardedCamera
from acquisition.rig.guards.light import GuardedLaser, GuardedShutter
from acquisition.rig.guards.sample import GuardedHeater, GuardedStage
from acquisition.rig.guards.spad_array import GuardedSpadArray

__all__ = ["GuardedCamera", "GuardedHeater", "GuardedLaser", "GuardedShutter", "GuardedSpadArray", "GuardedStage"]
