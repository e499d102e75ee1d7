"""A focus drive that Micro-Manager drives."""

import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from acquisition.config.quantity import Micrometres, Seconds
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import StateError
from drivers.interfaces.focus import FocusDrive
from drivers.wire.micro_manager import CORES, Cores, MicroManagerDevice
from drivers.wire.micro_manager_core import MicroManagerSettings
from drivers.wire.travel import Travel


class MicroManagerFocusSettings(MicroManagerSettings):
    """A focus drive of Micro-Manager, and how far it may go, in its own coordinates: a crash breaks the objective."""

    z_low_um: Micrometres = Field(ge=-1e5, le=1e5)
    z_high_um: Micrometres = Field(ge=-1e5, le=1e5)
    move_timeout_s: Seconds = Field(gt=0, le=600, default=15.0)
    tolerance_um: Micrometres = Field(gt=0, le=10, default=0.1)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if not self.z_low_um < self.z_high_um:
            raise ValueError(f"z_low ({self.z_low_um:g} um) must lie below z_high ({self.z_high_um:g} um)")
        return self


class MicroManagerFocus(FocusDrive):
    """A focus drive of any make that Micro-Manager has an adapter for; unverified on hardware.

    It does not move when it is connected. A move that does not arrive in time is stopped. A hardware autofocus (perfect
    focus) must be off, or it moves the drive back.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : MicroManagerFocusSettings
        Which it is, and how far it may go.
    cores : Cores, optional
        Where Micro-Manager's core comes from.
    """

    def __init__(self, name: str, settings: MicroManagerFocusSettings, cores: Cores = CORES) -> None:
        super().__init__(name)
        self._settings = settings
        self._wire = MicroManagerDevice(name, settings, cores)
        self._identity: Identity | None = None
        self._goal_um: float | None = None
        self._travel = Travel(
            name,
            start=lambda goal_um: self._wire.call("setPosition", settings.device, goal_um[0]),
            where=lambda: [float(self._wire.call("getPosition", settings.device))],
            moving=lambda: bool(self._wire.call("deviceBusy", settings.device)),
            halt=lambda: self._wire.call_urgently("stop", settings.device),
            timeout_s=settings.move_timeout_s,
            tolerance_um=settings.tolerance_um,
        )

    @property
    def connected(self) -> bool:
        """Whether the drive can be talked to."""
        return self._connected and self._wire.is_open

    @property
    def identity(self) -> Identity:
        """What Micro-Manager says of it."""
        if self._identity is None:
            raise StateError(self.name, "is not connected; connect it first")
        return self._identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed heights."""
        return MappingProxyType({"z_um": Limits(self._settings.z_low_um, self._settings.z_high_um)})

    def connect(self) -> None:
        """Load the configuration of Micro-Manager; nothing moves by itself."""
        if self.connected:
            return
        self.close()
        library, model, version = self._wire.open()
        self._identity = Identity(library, model, self._settings.device, version, self._settings.simulated)
        self._connected = True

    def close(self) -> None:
        """Stop, and give the drive back."""
        try:
            if self.connected:
                self.stop()
        finally:
            self._connected, self._identity = False, None
            self._wire.close()

    def make_safe(self) -> None:
        """Stop."""
        if self._connected:
            self.stop()

    def stop(self) -> None:
        """Stop where it is."""
        if self._connected:
            self._travel.stop()

    def move_to_um(self, z_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the drive is at rest."""
        self.require_connected()
        self.limits["z_um"].check(self.name, "z_um", z_um)
        arrived = self._travel.go((z_um,), interrupt)
        self._goal_um = z_um
        return arrived

    def position_um(self) -> float:
        """Read z back."""
        self.require_connected()
        return self._travel.where()[0]

    def settings(self) -> Mapping[str, PlainValue]:
        """Return the last goal, and what the rig file says."""
        return {"z_um": self._goal_um, **self._settings.model_dump(mode="json")}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return where the drive is now."""
        return {"z_um": self.position_um(), "moving": self._travel.going_on}
