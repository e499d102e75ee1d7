"""Kinds of XY stages."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, ValidationInfo, model_validator

from acquisition.config.quantity import FROM_FILE
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.stage import XYStage
from drivers.stage.micro_manager import MicroManagerStage, MicroManagerStageSettings
from simulators.stage import SimulatedStage, StageSettings


class SimulatedStageRole(Role, StageSettings):
    """A simulated XY stage."""

    kind: Literal["simulated"]

    @model_validator(mode="after")
    def _holds_the_start(self, info: ValidationInfo) -> Self:
        """Refuse a travel without the place where the stage starts; the twin of a real stage has that one's travel."""
        from_file = bool(info.context and info.context.get(FROM_FILE))
        if from_file and not all(axis.low < 0 < axis.high for axis in (self.x, self.y)):
            raise ValueError("low must lie below 0 um and high above it, as the stage starts at 0 um")
        return self

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
