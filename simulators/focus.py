"""A simulated focus drive: a position that moves, and no more."""

import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Seconds, quantity
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import StateError
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench
from simulators.stage import Either

MicrometresPerSecond = Annotated[float, quantity("um/s", "a speed", "100 um/s", "um_per_s")]


class FocusSettings(ConfigModel):
    """Travel, speed and time to come to rest."""

    low_um: Micrometres = Field(ge=-1e5, le=1e5, default=-200.0)
    high_um: Micrometres = Field(ge=-1e5, le=1e5, default=200.0)
    speed_um_per_s: MicrometresPerSecond = Field(gt=0, le=1e5, default=100.0)
    settling_s: Seconds = Field(ge=0, le=10, default=0.02)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if not self.low_um < self.high_um:
            raise ValueError(f"low ({self.low_um:g} um) must lie below high ({self.high_um:g} um)")
        return self


class SimulatedFocus(SoftwareDevice, FocusDrive):
    """A focus drive, at first at 0 um. The light of the bench does not depend on it: all is always in focus."""

    def __init__(self, name: str, bench: Bench, settings: FocusSettings | None = None) -> None:
        super().__init__(name)
        self._bench = bench
        self._settings = settings or FocusSettings()
        self._limits = MappingProxyType({"z_um": Limits(self._settings.low_um, self._settings.high_um)})
        self._move: Either | None = None
        self._from_um = self._to_um = self._target_um = 0.0
        self._begin_s = 0.0

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated focus drive", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed positions."""
        return self._limits

    def make_safe(self) -> None:
        """Stop."""
        self.stop()

    def stop(self) -> None:
        """Stop where it is."""
        with self._bench.lock:
            if self._move is not None:
                self._move.set()
                self._from_um = self._to_um = self._now_um()

    def move_to_um(self, z_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the drive is at rest."""
        self.require_connected()
        self._limits["z_um"].check(self.name, "z_um", z_um)
        cut = Either(interrupt)
        duration_s = self._begin(cut, z_um)
        try:
            if self._bench.clock.wait(cut, duration_s + self._settings.settling_s):
                self.stop()
            return not cut.is_set()
        finally:
            with self._bench.lock:
                self._move = None

    def _begin(self, cut: Either, z_um: float) -> float:
        """Set off and return how long the way takes."""
        with self._bench.lock:
            if self._move is not None:
                raise StateError(self.name, "is moving already; wait until it is there, or stop it")
            self._from_um, self._to_um, self._target_um = self._now_um(), z_um, z_um
            self._begin_s, self._move = self._bench.clock.now(), cut
            return abs(self._to_um - self._from_um) / self._settings.speed_um_per_s

    def _now_um(self) -> float:
        way_um = self._to_um - self._from_um
        gone_um = self._settings.speed_um_per_s * (self._bench.clock.now() - self._begin_s)
        return self._to_um if gone_um >= abs(way_um) else self._from_um + (gone_um if way_um > 0 else -gone_um)

    def position_um(self) -> float:
        """Read z back."""
        self.require_connected()
        with self._bench.lock:
            return self._now_um()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return the last target, and the model of the simulated device."""
        with self._bench.lock:
            return {"z_um": self._target_um, **self._settings.model_dump()}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return where the drive is now."""
        z_um = self.position_um()
        with self._bench.lock:
            return {"z_um": z_um, "moving": self._move is not None}
