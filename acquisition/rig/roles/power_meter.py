"""Kinds of power meters."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.power_meter import PowerMeter
from simulators.power_meter import PowerMeterSettings, SimulatedPowerMeter


class SimulatedPowerMeterRole(Role, PowerMeterSettings):
    """A simulated power meter at the place of the sample."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> PowerMeter:
        """Return the simulator."""
        return SimulatedPowerMeter(name, world.bench, PowerMeterSettings(**self.model_dump(exclude={"kind"})))


PowerMeterRole: TypeAlias = SimulatedPowerMeterRole
