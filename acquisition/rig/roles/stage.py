"""Kinds of XY stages."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.stage import XYStage
from simulators.stage import SimulatedStage, StageSettings


class SimulatedStageRole(Role, StageSettings):
    """A simulated XY stage."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> XYStage:
        """Return the simulator."""
        return SimulatedStage(name, world.bench, StageSettings(**self.model_dump(exclude={"kind"})))


StageRole: TypeAlias = SimulatedStageRole
