"""Kinds of XY stages."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.stage import XYStage
from drivers.stage.micro_manager import MicroManagerStage, MicroManagerStageSettings
from simulators.stage import SimulatedStage, StageSettings


class SimulatedStageRole(Role, StageSettings):
    """A simulated XY stage."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> XYStage:
        """Return the simulator."""
        return SimulatedStage(name, world.bench, StageSettings(**self.model_dump(exclude={"kind"})))


class MicroManagerStageRole(Role, MicroManagerStageSettings):
    """An XY stage that Micro-Manager drives."""

    kind: Literal["micro_manager"]

    def make(self, name: str, world: World) -> XYStage:
        """Return the driver."""
        return MicroManagerStage(name, self)

    @property
    def as_simulated(self) -> Mapping[str, Any]:
        """How far it may go."""
        x, y = {"low_um": self.x_low_um, "high_um": self.x_high_um}, {"y_low_um": self.y_low_um}
        return {**x, **y, "y_high_um": self.y_high_um}


StageRole: TypeAlias = Annotated[SimulatedStageRole | MicroManagerStageRole, Field(discriminator="kind")]
