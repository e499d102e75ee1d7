"""Kinds of heated substrates."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.heater.vaheat_settings import VaheatSettings
from drivers.interfaces.heater import HeatedSubstrate
from simulators.heater import HeaterSettings, SimulatedHeater
from simulators.wire.server import WireServer

OF_THE_PLATE = frozenset({"heater_alarm", "heater_sensor_stuck", "heater_overshoot"})
OF_THE_WIRE = frozenset({"heater_port_vanishes"})


class SimulatedHeaterRole(Role, HeaterSettings):
    """A simulated heated substrate."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> HeatedSubstrate:
        """Return the simulator."""
        return SimulatedHeater(name, world.bench, self)

    @property
    def faults(self) -> frozenset[str]:
        """Those of plate and controller."""
        return OF_THE_PLATE


class VaheatRole(Role, VaheatSettings):
    """An Interherence VAHEAT at a serial port."""

    kind: Literal["vaheat"]

    def make(self, name: str, world: World) -> HeatedSubstrate:
        """Return the driver; the device is allowed no more than the weakest part of the rig stands.

        Raises
        ------
        ConfigError
            If that part stands no temperature of the heater's range.
        """
        from drivers.heater.vaheat import Vaheat  # loaded only where it takes part

        lowest = world.limits.lowest_temperature_c(None)
        if lowest is None or lowest[0] >= self.high_c:
            return Vaheat(name, self)
        limit_c, part = lowest
        if limit_c <= self.low_c:
            place = ("roles", name)
            message = f"low = {self.low_c:g} degC is not below what {part} stands, {limit_c:g} degC; lower it"
            problem = ConfigProblem(message, ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem)
        return Vaheat(name, self.model_copy(update={"high_c": limit_c}))

    @property
    def faults(self) -> frozenset[str]:
        """Those of plate and controller, and that its port vanishes."""
        return OF_THE_PLATE | OF_THE_WIRE if self.simulated else frozenset()

    def server(self, name: str, world: World) -> WireServer | None:
        """Return a simulated VAHEAT at `port`. Raises `ConfigError` if none can be made there."""
        from simulators.wire.vaheat_addresses import vaheat_at  # loaded only where it takes part

        if not self.simulated:
            return None
        try:
            return vaheat_at(self.port, name, world.bench)
        except ValueError as error:
            place = ("roles", name, "port")
            problem = ConfigProblem(str(error), ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem) from error


HeaterRole: TypeAlias = Annotated[SimulatedHeaterRole | VaheatRole, Field(discriminator="kind")]
