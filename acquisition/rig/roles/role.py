"""What every role of a rig file can do: make its instrument, and the simulator of the wire that it hangs on."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from acquisition.config import ConfigModel
from acquisition.rig.roles.world import World
from drivers.interfaces.device import Device
from simulators.wire.server import WireServer

SIMULATED = "simulated"
"""Kind of every instrument that is simulated in this process."""


class Role(ConfigModel):
    """An instrument of a rig file. Each kind says which it is by its field `kind`, a literal."""

    @abstractmethod
    def make(self, name: str, world: World) -> Device:
        """Return the instrument, not connected."""

    def server(self, name: str, world: World) -> WireServer | None:
        """Return the simulator that answers at the address of this role; None if the role has no wire of its own."""
        return None

    @property
    def in_real_time(self) -> bool:
        """Whether the instrument waits in the time of the wall, so that a trial takes its simulator instead."""
        return False

    @property
    def in_process(self) -> bool:
        """Whether the instrument ends with this process, so that nothing of it has to be made safe from outside."""
        return getattr(self, "kind", None) == SIMULATED

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the instrument is reached, so that two programs notice that they want the same one."""
        return (
            () if self.in_process else tuple(_addresses(self.model_dump(mode="json"), str(getattr(self, "kind", ""))))
        )

    @property
    def faults(self) -> frozenset[str]:
        """Names of the faults that the simulator of this instrument can show; see `simulators.faults.FAULTS`."""
        return frozenset()

    @property
    def by_hand(self) -> Mapping[str, float | bool | None]:
        """Settings that only a person can set, with what is declared of them; None where nobody has said anything."""
        return {}

    @property
    def as_simulated(self) -> Mapping[str, Any]:
        """What the simulator in the place of this instrument is told, where its settings have other names."""
        return {}


def _addresses(settings: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield each address in plain settings, in words; a library stands for the instrument that it finds."""
    if isinstance(address := settings.get("address"), str):
        yield address
    if isinstance(port := settings.get("port"), str | int):
        host = settings.get("host", "")
        name = "127.0.0.1" if host == "localhost" else host
        yield f"{name}:{port}" if name else f"{kind} at the port {port}" if port == "auto" else str(port)
    if settings.get("library", SIMULATED) != SIMULATED:
        yield f"{kind} {settings.get('camera_index', settings.get('serial', ''))}".strip()
    for inner in settings.values():
        if isinstance(inner, Mapping):
            yield from _addresses(inner, kind)
