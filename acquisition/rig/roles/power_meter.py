"""Kinds of power meters."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.power_meter import PowerMeter
from drivers.power_meter.thorlabs_pm100 import ThorlabsPM100, ThorlabsPM100Settings
from simulators.power_meter import PowerMeterSettings, SimulatedPowerMeter
from simulators.wire.server import WireServer


class SimulatedPowerMeterRole(Role, PowerMeterSettings):
    """A simulated power meter at the place of the sample."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> PowerMeter:
        """Return the simulator."""
        return SimulatedPowerMeter(name, world.bench, PowerMeterSettings(**self.model_dump(exclude={"kind"})))


class ThorlabsPM100Role(Role, ThorlabsPM100Settings):
    """A Thorlabs PM100."""

    kind: Literal["thorlabs_pm100"]

    def make(self, name: str, world: World) -> PowerMeter:
        """Return the driver."""
        return ThorlabsPM100(name, self)

    def server(self, name: str, world: World) -> WireServer | None:
        """Return a simulated meter at the address; None unless the role says that one is there."""
        from simulators.wire.laser_addresses import visa_port  # loaded only where it takes part
        from simulators.wire.pm100 import Pm100Server

        if not self.simulated:
            return None
        try:
            return Pm100Server(name, world.bench, visa_port(self.address))
        except ValueError as error:
            place = ("roles", name, "address")
            problem = ConfigProblem(str(error), ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem) from error


PowerMeterRole: TypeAlias = Annotated[SimulatedPowerMeterRole | ThorlabsPM100Role, Field(discriminator="kind")]
