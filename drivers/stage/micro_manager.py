"""An XY stage that Micro-Manager drives."""

import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from acquisition.config.quantity import Micrometres, Seconds
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import StateError
from drivers.interfaces.stage import XYStage
from drivers.wire.micro_manager import CORES, Cores, MicroManagerDevice
from drivers.wire.micro_manager_core import MicroManagerSettings
from drivers.wire.travel import Travel


class MicroManagerStageSettings(MicroManagerSettings):
    """A stage of Micro-Manager, and how far it may go: what the objective stands, in coordinates of the stage.

    `inverted_x` and `inverted_y` turn an axis round where the stage counts the other way than the place on the sample.
    """

    x_low_um: Micrometres = Field(ge=-1e6, le=1e6)
    x_high_um: Micrometres = Field(ge=-1e6, le=1e6)
    y_low_um: Micrometres = Field(ge=-1e6, le=1e6)
    y_high_um: Micrometres = Field(ge=-1e6, le=1e6)
    inverted_x: bool = False
    inverted_y: bool = False
    move_timeout_s: Seconds = Field(gt=0, le=600, default=30.0)
    tolerance_um: Micrometres = Field(gt=0, le=100, default=0.5)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        for axis, low, high in (("x", self.x_low_um, self.x_high_um), ("y", self.y_low_um, self.y_high_um)):
            if not low < high:
                raise ValueError(f"{axis}_low ({low:g} um) must lie below {axis}_high ({high:g} um)")
        return self


class MicroManagerStage(XYStage):
    """A stage of any make that Micro-Manager has an adapter for; unverified on hardware.

    It does not move when it is connected. A move that does not arrive in time is stopped.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : MicroManagerStageSettings
        Which it is, and how far it may go.
    cores : Cores, optional
        Where Micro-Manager's core comes from.
    """

    def __init__(self, name: str, settings: MicroManagerStageSettings, cores: Cores = CORES) -> None:
        super().__init__(name)
        self._settings = settings
        self._wire = MicroManagerDevice(name, settings, cores)
        self._signs = (-1.0 if settings.inverted_x else 1.0, -1.0 if settings.inverted_y else 1.0)
        self._identity: Identity | None = None
        self._goal_um: tuple[float, float] | None = None
        self._travel = Travel(
            name,
            start=self._start,
            where=self._where,
            moving=lambda: bool(self._wire.call("deviceBusy", settings.device)),
            halt=self._halt,
            timeout_s=settings.move_timeout_s,
            tolerance_um=settings.tolerance_um,
        )

    @property
    def connected(self) -> bool:
        """Whether the stage can be talked to."""
        return self._connected and self._wire.is_open

    @property
    def identity(self) -> Identity:
        """What Micro-Manager says of it."""
        if self._identity is None:
            raise StateError(self.name, "is not connected; connect it first")
        return self._identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed places."""
        settings = self._settings
        return MappingProxyType(
            {
                "x_um": Limits(settings.x_low_um, settings.x_high_um),
                "y_um": Limits(settings.y_low_um, settings.y_high_um),
            }
        )

    def connect(self) -> None:
        """Load the configuration of Micro-Manager; nothing moves by itself."""
        if self.connected:
            return
        self.close()
        library, model, version = self._wire.open()
        self._identity = Identity(library, model, self._settings.device, version, self._settings.simulated)
        self._connected = True

    def close(self) -> None:
        """Stop, and give the stage back."""
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

    def move_to_um(self, x_um: float, y_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the stage is at rest."""
        self.require_connected()
        self.limits["x_um"].check(self.name, "x_um", x_um)
        self.limits["y_um"].check(self.name, "y_um", y_um)
        arrived = self._travel.go((x_um, y_um), interrupt)
        self._goal_um = (x_um, y_um)
        return arrived

    def position_um(self) -> tuple[float, float]:
        """Read x and y back."""
        self.require_connected()
        x_um, y_um = self._travel.where()
        return x_um, y_um

    def is_moving(self) -> bool:
        """Whether it is on its way."""
        self.require_connected()
        return self._travel.going_on or bool(self._wire.call("deviceBusy", self._settings.device))

    def settings(self) -> Mapping[str, PlainValue]:
        """Return the last goal, and what the rig file says."""
        x_um, y_um = self._goal_um or (None, None)
        return {"x_um": x_um, "y_um": y_um, **self._settings.model_dump(mode="json")}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return where the stage is now."""
        x_um, y_um = self.position_um()
        return {"x_um": x_um, "y_um": y_um, "moving": self.is_moving()}

    def _start(self, goal_um: Sequence[float]) -> None:
        x, y = (sign * value for sign, value in zip(self._signs, goal_um, strict=True))
        self._wire.call("setXYPosition", self._settings.device, x, y)

    def _where(self) -> Sequence[float]:
        found = self._wire.call("getXYPosition", self._settings.device)
        return [sign * float(value) for sign, value in zip(self._signs, found, strict=True)]

    def _halt(self) -> None:
        self._wire.call_urgently("stop", self._settings.device)
