"""Kinds of focus drives."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.focus import FocusDrive
from simulators.focus import FocusSettings, SimulatedFocus


class SimulatedFocusRole(Role, FocusSettings):
    """A simulated focus drive."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> FocusDrive:
        """Return the simulator."""
        return SimulatedFocus(name, world.bench, FocusSettings(**self.model_dump(exclude={"kind"})))


FocusRole: TypeAlias = SimulatedFocusRole
