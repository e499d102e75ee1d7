"""Kinds of shutters."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.shutter import Shutter
from drivers.shutter.sc10 import Sc10Settings, Sc10Shutter
from simulators.shutter import SimulatedShutter
from simulators.wire.server import WireServer


class SimulatedShutterRole(Role):
    """A simulated shutter."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> Shutter:
        """Return the simulator."""
        return SimulatedShutter(name, world.bench)


class Sc10Role(Role, Sc10Settings):
    """A Thorlabs SC10 at a serial port."""

    kind: Literal["sc10"]

    def make(self, name: str, world: World) -> Shutter:
        """Return the driver."""
        return Sc10Shutter(name, self)

    def server(self, name: str, world: World) -> WireServer | None:
        """Return a simulated SC10 at `address`. Raises `ConfigError` if none can be there."""
        from simulators.wire.laser_addresses import serial_port  # loaded only where it takes part
        from simulators.wire.sc10 import Sc10Server

        if not self.simulated:
            return None
        try:
            return Sc10Server(name, world.bench, serial_port(self.address))
        except ValueError as error:
            place = ("roles", name, "address")
            problem = ConfigProblem(str(error), ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem) from error


ShutterRole: TypeAlias = Annotated[SimulatedShutterRole | Sc10Role, Field(discriminator="kind")]
