"""Kinds of attenuators."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.attenuator import Attenuator
from simulators.attenuator import AttenuatorSettings, SimulatedAttenuator


class SimulatedAttenuatorRole(Role, AttenuatorSettings):
    """A simulated attenuator."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> Attenuator:
        """Return the simulator."""
        return SimulatedAttenuator(name, world.bench, self)


AttenuatorRole: TypeAlias = SimulatedAttenuatorRole
