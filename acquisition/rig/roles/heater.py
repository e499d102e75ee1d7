"""Kinds of heated substrates."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.heater import HeatedSubstrate
from simulators.heater import HeaterSettings, SimulatedHeater


class SimulatedHeaterRole(Role, HeaterSettings):
    """A simulated heated substrate."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> HeatedSubstrate:
        """Return the simulator."""
        return SimulatedHeater(name, world.bench, self)


HeaterRole: TypeAlias = SimulatedHeaterRole
