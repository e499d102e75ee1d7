"""The cooler of an Andor camera; its states come as codes, and some calls are not possible during an acquisition."""

from dataclasses import dataclass

from drivers.camera.andor_codes import OPTIONAL, TEMPERATURE_STATES, Code, error_of, vanished
from drivers.camera.andor_settings import AndorSdk2Settings
from drivers.camera.andor_wire import AndorWire

GONE_C = -999.0
"""Temperature that a camera reports when it has vanished."""

STATES = {
    Code.TEMPERATURE_OFF: "off",
    Code.TEMPERATURE_NOT_STABILISED: "not stabilised",
    Code.TEMPERATURE_STABILISED: "stabilised",
    Code.TEMPERATURE_NOT_REACHED: "not reached",
    Code.TEMPERATURE_DRIFT: "drift",
}


@dataclass(frozen=True, slots=True)
class SensorTemperature:
    """What the camera said; `current` is false for what it said before the running acquisition began."""

    temperature_c: float
    state: str
    current: bool

    @property
    def stable(self) -> bool:
        """Whether the sensor has come to rest at the setpoint."""
        return self.state == STATES[Code.TEMPERATURE_STABILISED]


class Cooling:
    """Temperature of the sensor and its cooler."""

    def __init__(self, wire: AndorWire, settings: AndorSdk2Settings) -> None:
        self._wire, self._settings = wire, settings
        self.setpoint_c = round(settings.temperature_c)
        self._last: SensorTemperature | None = None
        self._on = False

    def begin(self) -> None:
        """Set the temperature and switch the cooler as the settings say."""
        self.set_temperature_c(self._settings.temperature_c)
        self.switch(on=self._settings.cooler_on_connect)

    def end(self) -> None:
        """Leave the cooler as the settings say, also after the SDK has shut down."""
        keep = self._settings.cooler_on_close == "keep"
        self._wire.do("SetCoolerMode", int(keep), also=OPTIONAL)
        if not keep:
            self.switch(on=False)

    def set_temperature_c(self, value: float) -> None:
        """Set what the cooler controls to; whole degrees are what the SDK takes."""
        self._wire.do("SetTemperature", round(value))
        self.setpoint_c = round(value)

    def switch(self, *, on: bool) -> None:
        """Switch the cooler."""
        self._wire.do("CoolerON" if on else "CoolerOFF")
        self._on = on

    def is_on(self) -> bool:
        """Whether the cooler is on, or last was, if the camera does not tell it during an acquisition."""
        found = self._wire.cooler_on()
        if found is not None:
            self._on = found
        return self._on

    def read(self) -> SensorTemperature:
        """Return the temperature; during an acquisition, in which the camera may not tell it, the last one.

        Raises
        ------
        CameraVanishedError
            If the camera is gone: it then says -999 degC.
        DeviceError
            If it says neither a state of its temperature nor that it is acquiring.
        """
        code, temperature_c = self._wire.temperature()
        if code == Code.ACQUIRING and self._last is not None:
            return SensorTemperature(self._last.temperature_c, self._last.state, current=False)
        if temperature_c <= GONE_C:
            raise vanished(self._wire.device, f"its temperature reads {temperature_c:g} degC")
        if code not in TEMPERATURE_STATES:
            raise error_of(self._wire.device, "GetTemperatureF", code)
        self._last = SensorTemperature(temperature_c, STATES[Code(code)], current=True)
        return self._last
