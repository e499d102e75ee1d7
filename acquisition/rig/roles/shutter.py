"""Kinds of shutters."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.shutter import Shutter
from simulators.shutter import SimulatedShutter


class SimulatedShutterRole(Role):
    """A simulated shutter."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> Shutter:
        """Return the simulator."""
        return SimulatedShutter(name, world.bench)


ShutterRole: TypeAlias = SimulatedShutterRole
