"""A laser that only a shutter holds back: the rig does not open it while the laser is switched off."""

import pytest

from acquisition.rig.guards import GuardedLaser, GuardedShutter
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.errors import StateError
from drivers.interfaces.laser import PulsedLaser
from drivers.laser.pdl_800d import Pdl800D
from simulators.laser import SimulatedLaser
from simulators.shutter import SimulatedShutter
from tests.drivers.laser.settings import shutter_settings
from tests.drivers.laser.talking import bench


def guarded(laser: PulsedLaser, shutter: SimulatedShutter) -> tuple[GuardedLaser, GuardedShutter]:
    latch = SafetyLatch()
    laser.connect()
    shutter.connect()
    return GuardedLaser(laser, RigLimits(), latch), GuardedShutter(shutter, latch, laser)


def test_it_opens_only_while_the_laser_is_switched_on() -> None:
    beneath = SimulatedShutter("shutter", bench())
    laser, shutter = guarded(Pdl800D("laser", shutter_settings(), beneath), beneath)
    with pytest.raises(StateError, match="switch the emission on first"):
        shutter.set_open(True)
    assert not shutter.is_open()
    laser.set_emission(True)
    shutter.set_open(True)
    assert shutter.is_open()
    laser.set_emission(False)
    assert not shutter.is_open()


def test_it_opens_at_any_time_if_something_else_holds_the_light_back() -> None:
    world = bench()
    laser, shutter = guarded(SimulatedLaser("laser", world), SimulatedShutter("shutter", world))
    shutter.set_open(True)
    assert shutter.is_open()
    assert not laser.status().emission
