"""A simulated XY stage that moves the sample of the bench."""

import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Nanometres, Seconds, quantity
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import StateError
from drivers.interfaces.software import SoftwareDevice
from drivers.interfaces.stage import XYStage
from simulators.bench import Bench
from simulators.motion import Motion, Place

MicrometresPerSecond = Annotated[float, quantity("um/s", "a speed", "500 um/s", "um_per_s")]


class StageSettings(ConfigModel):
    """Travel, speed, time to come to rest, and standard deviation of where it ends up in each axis.

    The travel in y is that in x unless `y_low` and `y_high` say otherwise.
    """

    low_um: Micrometres = Field(ge=-1e5, le=1e5, default=-1000.0)
    high_um: Micrometres = Field(ge=-1e5, le=1e5, default=1000.0)
    y_low_um: Micrometres | None = Field(ge=-1e5, le=1e5, default=None)
    y_high_um: Micrometres | None = Field(ge=-1e5, le=1e5, default=None)
    speed_um_per_s: MicrometresPerSecond = Field(gt=0, le=1e5, default=500.0)
    settling_s: Seconds = Field(ge=0, le=10, default=0.05)
    repeatability_nm: Nanometres = Field(ge=0, le=1000, default=20.0)

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        for axis, travel in (("", self.x), ("y_", self.y)):
            if not travel.low < travel.high:
                raise ValueError(f"{axis}low ({travel.low:g} um) must lie below {axis}high ({travel.high:g} um)")
        return self

    @property
    def x(self) -> Limits:
        """Travel in x, in um."""
        return Limits(self.low_um, self.high_um)

    @property
    def y(self) -> Limits:
        """Travel in y, in um."""
        low_um, high_um = self.y_low_um, self.y_high_um
        return Limits(self.low_um if low_um is None else low_um, self.high_um if high_um is None else high_um)


class Either(threading.Event):
    """Set when it is set itself, or when another event is."""

    def __init__(self, other: threading.Event | None) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        """Whether one of the two is set."""
        return super().is_set() or (self._other is not None and self._other.is_set())


class SimulatedStage(SoftwareDevice, XYStage):
    """A stage with an encoder: it ends up some nanometres beside the target, and its position says where.

    How far beside depends on the seed, the number of acquisitions before and that of the moves since.
    """

    def __init__(self, name: str, bench: Bench, settings: StageSettings | None = None) -> None:
        super().__init__(name)
        self._bench = bench
        self._settings = settings or StageSettings()
        self._limits = MappingProxyType({"x_um": self._settings.x, "y_um": self._settings.y})
        self._move: Either | None = None
        self._target: Place = (0.0, 0.0)

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated XY stage", "1", "1", simulated=True)

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
                here = self._bench.place
                self._bench.motion = Motion(here, here)

    def move_to_um(self, x_um: float, y_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the stage is at rest."""
        self.require_connected()
        for name, value in (("x_um", x_um), ("y_um", y_um)):
            self._limits[name].check(self.name, name, value)
        cut = Either(interrupt)
        duration_s = self._begin(cut, (x_um, y_um))
        try:
            if self._bench.clock.wait(cut, duration_s + self._settings.settling_s):
                self.stop()
            return not cut.is_set()
        finally:
            with self._bench.lock:
                self._move = None

    def _begin(self, cut: Either, target: Place) -> float:
        """Set off and return how long the way takes."""
        with self._bench.lock:
            if self._move is not None:
                raise StateError(self.name, "is moving already; wait until it is there, or stop it")
            error_um = 1e-3 * self._settings.repeatability_nm * self._bench.next_move().standard_normal(2)
            end = (target[0] + float(error_um[0]), target[1] + float(error_um[1]))
            here, now_s = self._bench.place, self._bench.clock.now()
            self._bench.motion = Motion(here, end, now_s, self._settings.speed_um_per_s)
            self._move, self._target = cut, target
            return self._bench.motion.duration_s

    def position_um(self) -> tuple[float, float]:
        """Read x and y back."""
        self.require_connected()
        return self._bench.place

    def is_moving(self) -> bool:
        """Whether it is on its way."""
        self.require_connected()
        with self._bench.lock:
            return self._move is not None

    def settings(self) -> Mapping[str, PlainValue]:
        """Return the last target, and the model of the simulated device."""
        with self._bench.lock:
            x_um, y_um = self._target
        return {"x_um": x_um, "y_um": y_um, **self._settings.model_dump()}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return where the stage is now."""
        x_um, y_um = self.position_um()
        return {"x_um": x_um, "y_um": y_um, "moving": self.is_moving()}
