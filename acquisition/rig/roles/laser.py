"""Kinds of pulsed lasers."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.laser import LaserAuthority, PulsedLaser
from drivers.interfaces.shutter import Shutter
from drivers.laser.generator_settings import GeneratorSettings
from drivers.laser.pdl_800d_settings import Pdl800DSettings
from drivers.laser.taiko_settings import TaikoSettings
from simulators.laser import SimulatedLaser
from simulators.wire.server import WireServer


class SimulatedLaserRole(Role):
    """A simulated pulsed laser."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> PulsedLaser:
        """Return the simulator."""
        return SimulatedLaser(name, world.bench)


class Pdl800DRole(Role, Pdl800DSettings):
    """A PicoQuant PDL 800-D, whose operator declares its settings."""

    kind: Literal["pdl_800d"]

    def make(self, name: str, world: World) -> PulsedLaser:
        """Return the driver; with authority ``shutter`` it gets the shutter of the rig."""
        from drivers.laser.pdl_800d import Pdl800D  # loaded only where it takes part

        shutter = world.devices.get("shutter")
        return Pdl800D(name, self, shutter if isinstance(shutter, Shutter) else None)

    @property
    def by_hand(self) -> Mapping[str, float | bool | None]:
        """The intensity knob; the rate unless a generator makes it; with authority ``none`` also the key switch."""
        found: dict[str, float | bool | None] = {"intensity_percent": self.declared.intensity_percent}
        if self.authority is not LaserAuthority.TRIGGER:
            found["repetition_rate_hz"] = self.declared.repetition_rate_hz
        if self.authority is LaserAuthority.NONE:
            found["emission"] = None
        return found

    def server(self, name: str, world: World) -> WireServer | None:
        """Return a simulated generator at the address of trigger or gate, with the laser; or a laser that shines."""
        from simulators.wire.free_laser import FreeLaserServer  # loaded only where it takes part
        from simulators.wire.laser_addresses import visa_port
        from simulators.wire.scpi_generator import ScpiGeneratorServer

        key: tuple[str, ...] = ("generator",) if self.gate is None else ("gate", "generator")
        generator: GeneratorSettings | None = self.generator if self.gate is None else self.gate.generator
        if not self.simulated:
            return None
        declared = self.declared
        if generator is None:
            return FreeLaserServer(
                name,
                world.bench,
                intensity_percent=declared.intensity_percent,
                repetition_rate_hz=declared.repetition_rate_hz,
            )
        try:
            port = visa_port(generator.address)
        except ValueError as error:
            place = ("roles", name, *key, "address")
            problem = ConfigProblem(str(error), ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem) from error
        return ScpiGeneratorServer(
            name,
            world.bench,
            port,
            channel=generator.channel,
            purpose="trigger" if self.gate is None else "gate",
            intensity_percent=declared.intensity_percent,
            repetition_rate_hz=declared.repetition_rate_hz,
            model=generator.facts.answers[0],
        )


class TaikoRole(Role, TaikoSettings):
    """A PicoQuant Taiko PDL M1; with ``library: simulated`` a double of its library on the bench."""

    kind: Literal["taiko_pdl_m1"]

    def make(self, name: str, world: World) -> PulsedLaser:
        """Return the driver."""
        from drivers.laser.taiko_pdl_m1 import TaikoPdlM1  # loaded only where it takes part
        from simulators.sdk.taiko import TaikoLibrary

        return TaikoPdlM1(name, self, TaikoLibrary(world.bench) if self.simulated else None)

    @property
    def in_process(self) -> bool:
        """Whether its library is a double, which ends with this process."""
        return self.simulated


LaserRole: TypeAlias = Annotated[SimulatedLaserRole | Pdl800DRole | TaikoRole, Field(discriminator="kind")]
