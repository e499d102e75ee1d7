"""A filter wheel or slide in the excitation path that Micro-Manager drives."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

from acquisition.config.quantity import Seconds
from drivers.attenuator.positions import AttenuatorPosition, check_differ, position_of
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import DeviceTimeoutError, FaultError, StateError
from drivers.wire.micro_manager import CORES, Cores, MicroManagerDevice
from drivers.wire.micro_manager_core import MicroManagerSettings

POLL_S = 0.02


def _checked(positions: tuple[AttenuatorPosition, ...]) -> tuple[AttenuatorPosition, ...]:
    check_differ(positions)
    if len({each.transmission_percent for each in positions}) < len(positions):
        raise ValueError("two positions have the same transmission, so that nobody knows which is meant; leave one out")
    return positions


class MicroManagerAttenuatorSettings(MicroManagerSettings):
    """A wheel or slide of Micro-Manager: the property that tells its position, and what passes at each position."""

    property: str = Field(min_length=1, default="Label")
    positions: Annotated[tuple[AttenuatorPosition, ...], Field(min_length=2), AfterValidator(_checked)]
    move_timeout_s: Seconds = Field(gt=0, le=600, default=15.0)


class MicroManagerAttenuator(Attenuator):
    """A wheel or slide of any make that Micro-Manager has an adapter for; unverified on hardware.

    What it lets through is the measured table of the rig file: Micro-Manager tells the position only.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : MicroManagerAttenuatorSettings
        Which it is, and its table.
    cores : Cores, optional
        Where Micro-Manager's core comes from.
    """

    def __init__(self, name: str, settings: MicroManagerAttenuatorSettings, cores: Cores = CORES) -> None:
        super().__init__(name)
        self._settings = settings
        self._wire = MicroManagerDevice(name, settings, cores)
        self._identity: Identity | None = None
        self._set: float | None = None

    @property
    def connected(self) -> bool:
        """Whether the wheel can be talked to."""
        return self._connected and self._wire.is_open

    @property
    def identity(self) -> Identity:
        """What Micro-Manager says of it."""
        if self._identity is None:
            raise StateError(self.name, "is not connected; connect it first")
        return self._identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Lowest and highest transmission; between them only those of the table."""
        known = [each.transmission_percent / 100 for each in self._settings.positions]
        return MappingProxyType({"transmission": Limits(min(known), max(known))})

    def connect(self) -> None:
        """Load the configuration of Micro-Manager; nothing moves by itself."""
        if self.connected:
            return
        self.close()
        library, model, version = self._wire.open()
        self._identity = Identity(library, model, self._settings.device, version, self._settings.simulated)
        self._connected = True

    def close(self) -> None:
        """Give the wheel back."""
        self._connected, self._identity = False, None
        self._wire.close()

    def make_safe(self) -> None:
        """Do nothing: an attenuator is no source."""

    def set_transmission(self, value: float) -> None:
        """Turn to the position with this transmission, and wait until it is there.

        Raises
        ------
        DeviceTimeoutError
            If it does not arrive in time.
        """
        self.require_connected()
        wanted = position_of(self.name, self._settings.positions, value)
        device, end = self._settings.device, time.monotonic() + self._settings.move_timeout_s
        self._wire.call("setProperty", device, self._settings.property, wanted.position)
        while self._wire.call("deviceBusy", device) or self._position() != wanted.position:
            if time.monotonic() > end:
                text = f"is not at {wanted.position!r} after {self._settings.move_timeout_s:g} s; look at it"
                raise DeviceTimeoutError(self.name, text)
            time.sleep(POLL_S)
        self._set = value

    def transmission(self) -> float:
        """Return what passes at the position where it is.

        Raises
        ------
        FaultError
            If the table does not know that position.
        """
        self.require_connected()
        found = self._position()
        for each in self._settings.positions:
            if each.position == found:
                return each.transmission_percent / 100
        known = ", ".join(repr(each.position) for each in self._settings.positions)
        raise FaultError(
            self.name, f"stands at {found!r}, and the rig file knows {known} only; turn it, or add it there"
        )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set, and the table."""
        table = ", ".join(f"{each.position}: {each.transmission_percent:g} %" for each in self._settings.positions)
        return {"transmission": self._set, "device": self._settings.device, "positions": table}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return the position as the device says it, and what passes there; None where the table does not know it."""
        found = self._position()
        known = {each.position: each.transmission_percent / 100 for each in self._settings.positions}
        return {"position": found, "transmission": known.get(found)}

    def _position(self) -> str:
        self.require_connected()
        return str(self._wire.call("getProperty", self._settings.device, self._settings.property))
