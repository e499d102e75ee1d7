"""Kinds of spectrographs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.spectrograph import Spectrograph
from drivers.spectrograph.andor_settings import AndorSpectrographSettings
from drivers.wire.library import SIMULATED as SIMULATED_LIBRARY
from simulators.spectrograph import SimulatedSpectrograph, SpectrographSettings

if TYPE_CHECKING:
    from simulators.sdk.andor_spectrograph import AndorSpectrographDouble

MOST_GRATINGS = 4


class SimulatedSpectrographRole(Role, SpectrographSettings):
    """A simulated spectrograph."""

    kind: Literal["simulated"]
    shared_with_spad_array: bool = False

    def make(self, name: str, world: World) -> Spectrograph:
        """Return the simulator."""
        return SimulatedSpectrograph(name, self)


class AndorSpectrographRole(Role, AndorSpectrographSettings):
    """An Andor spectrograph; with ``library: simulated`` a double of the vendor's library, see `AndorSdk2Role`.

    `shared_with_spad_array` must be said: whether the SPAD array looks into the same spectrograph, whose lights
    would harm it during a move while its bias is on.
    """

    kind: Literal["andor_spectrograph"]
    shared_with_spad_array: bool
    bench: str = Field(default="", pattern=r"^$|^[^\s:]+:\d{1,5}$")

    def make(self, name: str, world: World) -> Spectrograph:
        """Return the driver."""
        from drivers.spectrograph.andor_spectrograph import AndorSpectrograph  # loaded only where it takes part

        double = self._double(world) if self.library == SIMULATED_LIBRARY else None
        return AndorSpectrograph(name, self, library=double)

    @property
    def faults(self) -> frozenset[str]:
        """That it does not understand what it is told, if its library is a double."""
        return frozenset({"spectrograph_communication"} if self.library == SIMULATED_LIBRARY else ())

    @property
    def as_simulated(self) -> Mapping[str, Any]:
        """As many gratings as a turret may have: which ones it has is not known before it is connected."""
        return {"lines_per_mm": MOST_GRATINGS * (150.0,)}

    def _double(self, world: World) -> "AndorSpectrographDouble":
        from simulators.sdk.andor_spectrograph import AndorSpectrographDouble  # loaded only where it takes part
        from simulators.sdk.remote_world import RemoteWorld

        if not self.bench:
            return AndorSpectrographDouble(world.bench.faults)
        remote = RemoteWorld(self.bench)
        return AndorSpectrographDouble(remote, spad_bias=remote.spad_bias, hang_up=remote.close)

    @property
    def in_real_time(self) -> bool:
        """Whether a trial takes the simulator instead, as this one waits in the time of the wall."""
        return True

    @property
    def in_process(self) -> bool:
        """Whether its library is a double on the bench of this process."""
        return self.library == SIMULATED_LIBRARY and not self.bench


SpectrographRole: TypeAlias = Annotated[SimulatedSpectrographRole | AndorSpectrographRole, Field(discriminator="kind")]
