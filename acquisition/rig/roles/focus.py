"""Kinds of focus drives."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.focus.micro_manager import MicroManagerFocus, MicroManagerFocusSettings
from drivers.interfaces.focus import FocusDrive
from simulators.focus import FocusSettings, SimulatedFocus


class SimulatedFocusRole(Role, FocusSettings):
    """A simulated focus drive."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> FocusDrive:
        """Return the simulator."""
        return SimulatedFocus(name, world.bench, FocusSettings(**self.model_dump(exclude={"kind"})))


class MicroManagerFocusRole(Role, MicroManagerFocusSettings):
    """A focus drive that Micro-Manager drives."""

    kind: Literal["micro_manager"]

    def make(self, name: str, world: World) -> FocusDrive:
        """Return the driver."""
        return MicroManagerFocus(name, self)

    @property
    def as_simulated(self) -> Mapping[str, Any]:
        """How far it may go."""
        return {"low_um": self.z_low_um, "high_um": self.z_high_um}


FocusRole: TypeAlias = Annotated[SimulatedFocusRole | MicroManagerFocusRole, Field(discriminator="kind")]
