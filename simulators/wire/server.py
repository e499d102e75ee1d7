"""What a simulator at the end of a wire is: a server on a port of this computer that shows a part of the bench."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from simulators.bench import Bench

HOST = "127.0.0.1"
"""Simulators answer programs of this computer only."""


class WireServer(ABC):
    """One simulated instrument on a TCP port. All servers of a bench run in one event loop.

    Work that takes longer than some ms goes to a thread (`asyncio.to_thread`), so that nobody else waits.

    Parameters
    ----------
    role : str
        Of the instrument in its rig.
    bench : Bench
        The world that it shows and changes; on real time.
    port : int
        TCP port; 0 for any that is free.
    """

    def __init__(self, role: str, bench: Bench, port: int = 0) -> None:
        self.role, self.bench, self._port = role, bench, port

    @property
    def port(self) -> int:
        """The port; the real one after `start`."""
        return self._port

    @property
    def address(self) -> str:
        """Where it answers, as people read it."""
        return f"{HOST}:{self.port}"

    @abstractmethod
    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""

    @abstractmethod
    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""

    @abstractmethod
    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of the instrument, as plain values; any thread may ask."""
