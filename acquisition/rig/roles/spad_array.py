"""Kinds of SPAD arrays."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.spad_array import SpadArray
from simulators.detector import DetectorSettings
from simulators.spad_array import SimulatedSpadArray


class SimulatedSpadArrayRole(Role, DetectorSettings):
    """A simulated SPAD array."""

    kind: Literal["simulated"]

    def settings(self) -> DetectorSettings:
        """Return what the simulator takes."""
        return DetectorSettings(**self.model_dump(exclude={"kind"}))

    def make(self, name: str, world: World) -> SpadArray:
        """Return the simulator."""
        return SimulatedSpadArray(name, world.bench, self.settings())


SpadArrayRole: TypeAlias = SimulatedSpadArrayRole
