"""Kinds of pulsed lasers."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.laser import PulsedLaser
from simulators.laser import SimulatedLaser


class SimulatedLaserRole(Role):
    """A simulated pulsed laser."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> PulsedLaser:
        """Return the simulator."""
        return SimulatedLaser(name, world.bench)


LaserRole: TypeAlias = SimulatedLaserRole
