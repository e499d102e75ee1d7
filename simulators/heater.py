"""A simulated heated substrate: the bench's plate with a controller, as an instrument."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench
from simulators.heating import Heating


class HeaterSettings(ConfigModel):
    """Range of temperatures that the heater accepts."""

    low_c: Celsius = Field(ge=-50, default=0.0)
    high_c: Celsius = Field(le=500, default=100.0)


class SimulatedHeater(SoftwareDevice, HeatedSubstrate):
    """A heated coverslip without active cooling, so that it does not get below the room's temperature."""

    def __init__(self, name: str, bench: Bench, settings: HeaterSettings | None = None) -> None:
        super().__init__(name)
        self._bench, self._heating = bench, Heating(bench)
        settings = settings or HeaterSettings()
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
            if self._bench.plant.setpoint_c is not None:
                self._heating.off(self._bench.clock.now())

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature."""
        self.require_connected()
        checked = self._limits["temperature_c"].check(self.name, "temperature_c", temperature_c)
        with self._bench.lock:
            if (alarm := self._heating.alarm) is not None:
                raise FaultError(self.name, f"has an alarm: {alarm}; see to the heater before heating")
            self._heating.heat_to_c(self._bench.clock.now(), checked)

    def stop_heating(self) -> None:
        """Switch the heating off."""
        self.make_safe()

    def status(self) -> HeaterStatus:
        """Read the state back."""
        self.require_connected()
        with self._bench.lock:
            temperature_c = self._heating.temperature_c(self._bench.clock.now())
            setpoint_c = self._heating.setpoint_c
            return HeaterStatus(temperature_c, setpoint_c, setpoint_c is not None, self._heating.alarm)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return setpoint and whether the heating is on."""
        with self._bench.lock:
            setpoint_c = self._heating.setpoint_c
            return {"setpoint_c": setpoint_c, "heating": setpoint_c is not None}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the heater reports now."""
        status = self.status()
        return {
            "temperature_c": status.temperature_c,
            "setpoint_c": status.setpoint_c,
            "heating": status.heating,
            "alarm": status.alarm,
        }
