"""A simulated heated substrate: the bench's plate with a controller, as an instrument."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field, field_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius, Percent, Seconds
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.heater import HeaterStatus, PoweredHeater, PowerLimits
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench
from simulators.heating import Heating

SHORTEST_S = 0.1
LOWEST_POWER_PERCENT = 0.1


class PowerPermit(ConfigModel):
    """How long and how strongly the substrate may be heated without control of its temperature."""

    longest_s: Seconds = Field(ge=0.1, le=9999)
    highest_power_percent: Percent = Field(gt=0, le=100)


class HeaterPermits(ConfigModel):
    """Which ways to heat without control of the temperature are allowed; none by default."""

    direct: PowerPermit | None = None
    shock: PowerPermit | None = None


class HeaterSettings(ConfigModel):
    """Range of temperatures that the heater accepts, and what it permits without control of the temperature."""

    low_c: Celsius = Field(ge=-50, default=0.0)
    high_c: Celsius = Field(le=500, default=100.0)
    permits: HeaterPermits = HeaterPermits()

    @field_validator("permits", mode="before")
    @classmethod
    def _of_another_kind_of_heater(cls, value: Any) -> Any:
        return value.model_dump() if isinstance(value, BaseModel) else value


class SimulatedHeater(SoftwareDevice, PoweredHeater):
    """A heated coverslip without active cooling, so that it does not get below the room's temperature."""

    def __init__(self, name: str, bench: Bench, settings: HeaterSettings | None = None) -> None:
        super().__init__(name)
        self._bench, self._heating = bench, Heating(bench)
        settings = settings or HeaterSettings()
        self._permits = settings.permits
        self._power_end_s: float | None = None
        self._limits = MappingProxyType({"temperature_c": Limits(settings.low_c, settings.high_c)})

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated heated substrate", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed temperatures."""
        return self._limits

    def make_safe(self) -> None:
        """Switch the heating off."""
        with self._bench.lock:
            now_s, plant = self._bench.clock.now(), self._bench.plant
            self._end_power(now_s)
            if plant.setpoint_c is not None or plant.power(now_s) > 0:
                self._heating.off(now_s)
            self._power_end_s = None

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature."""
        self.require_connected()
        checked = self._limits["temperature_c"].check(self.name, "temperature_c", temperature_c)
        with self._bench.lock:
            if (alarm := self._heating.alarm) is not None:
                raise FaultError(self.name, f"has an alarm: {alarm}; see to the heater before heating")
            self._end_power(self._bench.clock.now())
            self._power_end_s = None
            self._heating.heat_to_c(self._bench.clock.now(), checked)

    def power_limits(self, *, shock: bool) -> PowerLimits | None:
        """Return what the settings permit."""
        permit = self._permits.shock if shock else self._permits.direct
        if permit is None:
            return None
        percent = Limits(LOWEST_POWER_PERCENT, permit.highest_power_percent)
        return PowerLimits(percent, Limits(SHORTEST_S, permit.longest_s))

    def heat_with_power(self, percent: float, duration_s: float) -> None:
        """Start to heat with constant power."""
        self._heat_with_power(percent, duration_s, shock=False)

    def shock(self, percent: float, duration_s: float) -> None:
        """Start to heat with constant power; the same here."""
        self._heat_with_power(percent, duration_s, shock=True)

    def stop_heating(self) -> None:
        """Switch the heating off."""
        self.make_safe()

    def status(self) -> HeaterStatus:
        """Read the state back."""
        self.require_connected()
        with self._bench.lock:
            now_s = self._bench.clock.now()
            self._end_power(now_s)
            temperature_c, setpoint_c = self._heating.temperature_c(now_s), self._heating.setpoint_c
            heating = setpoint_c is not None or self._bench.plant.power(now_s) > 0
            return HeaterStatus(temperature_c, setpoint_c, heating, self._heating.alarm)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return setpoint and whether the heating is on."""
        with self._bench.lock:
            now_s, setpoint_c = self._bench.clock.now(), self._heating.setpoint_c
            self._end_power(now_s)
            return {"setpoint_c": setpoint_c, "heating": setpoint_c is not None or self._bench.plant.power(now_s) > 0}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the heater reports now."""
        status = self.status()
        return {
            "temperature_c": status.temperature_c,
            "setpoint_c": status.setpoint_c,
            "heating": status.heating,
            "alarm": status.alarm,
        }

    def _heat_with_power(self, percent: float, duration_s: float, *, shock: bool) -> None:
        self.require_connected()
        self.check_power(percent, duration_s, shock=shock)
        with self._bench.lock:
            if (alarm := self._heating.alarm) is not None:
                raise FaultError(self.name, f"has an alarm: {alarm}; see to the heater before heating")
            now_s = self._bench.clock.now()
            self._end_power(now_s)
            self._heating.heat_with_power(now_s, percent / 100)
            self._power_end_s = now_s + duration_s

    def _end_power(self, now_s: float) -> None:
        """End constant power when its time was over, whenever anybody looks; the lock is held."""
        if self._power_end_s is not None and now_s >= self._power_end_s:
            self._heating.off(self._power_end_s)
            self._power_end_s = None
