"""What every instrument has: an identity, a connection, a status, limits and a way to be made safe."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self, TypeAlias

from drivers.interfaces.closing import Closing
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.rescue import Rescue

PlainValue: TypeAlias = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an instrument says it is; `simulated` is true for anything that is not hardware."""

    manufacturer: str
    model: str
    serial: str
    firmware: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Closed range of a setting, in the unit that its name carries."""

    low: float
    high: float

    def check(self, device: str, name: str, value: float) -> float:
        """Return `value` unchanged if it lies inside the range.

        Raises
        ------
        RangeError
            If it does not; NaN is never inside.
        """
        if not self.low <= value <= self.high:
            raise RangeError(device, f"{name} = {value:g} is outside {self.low:g} ... {self.high:g}")
        return value


class Device(Closing):
    """An instrument. Methods block their caller; none of them starts a thread of its own.

    A new device is not connected. `connect` leaves it safe: no light, no heat, no gain.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._connected = False

    @property
    def connected(self) -> bool:
        """Whether the instrument can be talked to."""
        return self._connected

    @property
    @abstractmethod
    def identity(self) -> Identity:
        """Who the instrument says it is. Raises `StateError` before `connect`."""

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting, by its name with unit; empty if it has none."""
        return MappingProxyType({})

    @abstractmethod
    def connect(self) -> None:
        """Open the connection and make the instrument safe; no effect if connected.

        Raises
        ------
        CommunicationError
            If the instrument cannot be reached.
        """

    @abstractmethod
    def close(self) -> None:
        """Make the instrument safe and close the connection; no effect if closed."""

    @abstractmethod
    def make_safe(self) -> None:
        """Switch off every source of light, heat or gain, in bounded time, in any state."""

    @abstractmethod
    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set, as plain values by name with unit."""

    @abstractmethod
    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the instrument itself reports now, as plain values by name with unit.

        Raises
        ------
        StateError
            If not connected.
        """

    def rescue(self) -> Rescue | None:
        """Return how another process makes the instrument safe when this one has died; None if it is no source.

        What only exists in this process, such as a simulator, dies with it.
        """
        return None

    def require_connected(self) -> None:
        """Raise `StateError` unless connected."""
        if not self._connected:
            raise StateError(self.name, "is not connected; connect it first")

    def __enter__(self) -> Self:
        self.connect()
        return self
