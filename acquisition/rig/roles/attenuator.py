"""Kinds of attenuators."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.attenuator.micro_manager import MicroManagerAttenuator, MicroManagerAttenuatorSettings
from drivers.attenuator.operator import OperatorAttenuator, OperatorAttenuatorSettings
from drivers.interfaces.attenuator import Attenuator
from simulators.attenuator import AttenuatorSettings, SimulatedAttenuator


class SimulatedAttenuatorRole(Role, AttenuatorSettings):
    """A simulated attenuator."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> Attenuator:
        """Return the simulator."""
        return SimulatedAttenuator(name, world.bench, self)


class OperatorAttenuatorRole(Role, OperatorAttenuatorSettings):
    """An attenuator that a person sets by hand."""

    kind: Literal["operator"]

    def make(self, name: str, world: World) -> Attenuator:
        """Return what asks the person."""
        return OperatorAttenuator(name, self)

    @property
    def by_hand(self) -> Mapping[str, float | bool | None]:
        """The transmission, of which nothing is known at first."""
        return {"transmission": None}


class MicroManagerAttenuatorRole(Role, MicroManagerAttenuatorSettings):
    """A wheel or slide that Micro-Manager drives."""

    kind: Literal["micro_manager"]

    def make(self, name: str, world: World) -> Attenuator:
        """Return the driver."""
        return MicroManagerAttenuator(name, self)


AttenuatorRole: TypeAlias = Annotated[
    SimulatedAttenuatorRole | OperatorAttenuatorRole | MicroManagerAttenuatorRole, Field(discriminator="kind")
]
