"""Thorlabs power meters of the PM100 family (PM100D, PM100USB, PM16, ...), over VISA by pymeasure."""

import math
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Nanometres, Seconds
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError
from drivers.interfaces.power_meter import PowerMeter
from drivers.wire.address import VISA_FORMS, VisaAddress
from drivers.wire.said import in_words
from drivers.wire.whose import check_whose

HIGHEST_W = 1e3
"""No sensor of the family stands more; what is above is the meter's way to say that it cannot measure (9.9E+37)."""

SAME = 1e-3
"""Largest difference in nm of a wavelength that was set and is read back."""


class ThorlabsPM100Settings(ConfigModel):
    """Address of a Thorlabs PM100, such as ``USB0::0x1313::0x8078::P0012345::INSTR``, and the wavelength of the light.

    `timeout` must be longer than the averaging that is set at the meter.
    """

    address: VisaAddress = Field(min_length=1)
    wavelength_nm: Nanometres = Field(gt=0, default=405.0)
    visa_library: str = "@py"
    timeout_s: Seconds = Field(gt=0, le=60, default=3.0)
    simulated: bool = False


OpenAdapter = Callable[[ThorlabsPM100Settings], Any]
"""Opens the wire: returns an adapter of pymeasure."""


def open_adapter(settings: ThorlabsPM100Settings) -> Any:
    """Open the wire over VISA. Raises `OSError`, `ValueError` or an error of pyvisa if nobody is there."""
    from drivers.laser.visa import open_visa  # takes most of a second

    return open_visa(settings.address, settings.visa_library, settings.timeout_s)


class ThorlabsPM100(PowerMeter):
    """A Thorlabs PM100 with a power sensor; unverified on hardware.

    Each reply is checked; at the first that is late or makes no sense the connection is given up, so that it is never
    taken for the answer to another question. `close` and `connect` make it anew.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : ThorlabsPM100Settings
        Where it is.
    open_wire : callable, optional
        Opens the connection; over VISA by default.
    """

    def __init__(self, name: str, settings: ThorlabsPM100Settings, open_wire: OpenAdapter = open_adapter) -> None:
        super().__init__(name)
        self._settings, self._open_wire = settings, open_wire
        self._lock = threading.Lock()
        self._meter: Any = None
        self._identity: Identity | None = None
        self._limits: Mapping[str, Limits] = MappingProxyType({})
        self._wavelength_nm = settings.wavelength_nm
        self._sensor = ""
        self._lost = ""

    @property
    def identity(self) -> Identity:
        """Who the meter says it is."""
        self.require_connected()
        if self._identity is None:
            raise CommunicationError(self.name, "has not said who it is; connect it again")
        return self._identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Wavelengths of the sensor, as it says; empty before it was asked."""
        return self._limits

    def connect(self) -> None:
        """Open the connection, find out which sensor is there and set the wavelength.

        Raises
        ------
        CommunicationError
            If the meter cannot be reached, or answers something else.
        FaultError
            If there is no sensor, or one that measures no power.
        RangeError
            If the sensor is not made for the wavelength.
        """
        if self._connected:
            return
        self._meter = self._reached()
        self._connected, self._lost = True, ""
        try:
            self._find_out()
            self.set_wavelength_nm(self._settings.wavelength_nm)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; no effect if closed."""
        self._connected = False
        meter, self._meter = self._meter, None
        if meter is not None:
            with suppress(Exception):  # whatever a broken connection says when it is closed
                meter.adapter.close()

    def make_safe(self) -> None:
        """Do nothing: a power meter is no source."""

    def set_wavelength_nm(self, value: float) -> None:
        """Set the wavelength and read it back."""
        self._require()
        checked = self._limits["wavelength_nm"].check(self.name, "wavelength_nm", value)

        def act(meter: Any) -> float:
            if meter.wavelength_settable:
                meter.wavelength = checked
            return _only_number(meter.values("SENSE:CORR:WAV?"))

        found = self._exchange(act)
        if abs(found - checked) > SAME:
            raise FaultError(self.name, f"was set to {checked:g} nm but says {found:g} nm; set it at the meter")
        self._wavelength_nm = found

    def power_w(self) -> float:
        """Measure the mean power in W; waits as long as the meter averages, at most the timeout.

        Raises
        ------
        FaultError
            If the power is beyond the range of the sensor.
        """
        self._require()
        found = float(self._exchange(lambda meter: _only_number(meter.values("MEAS:POW?"))))
        if abs(found) > HIGHEST_W:
            raise FaultError(self.name, "cannot measure: the power is beyond its range; set the range to automatic")
        return found

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set."""
        return {"wavelength_nm": self._wavelength_nm, "sensor": self._sensor}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return the mean power now."""
        return {"power_w": self.power_w()}

    def _require(self) -> None:
        if self._lost:
            raise CommunicationError(self.name, f"is not connected any more ({self._lost}); connect it again")
        self.require_connected()

    def _reached(self) -> Any:
        from pymeasure.instruments.thorlabs import ThorlabsPM100USB  # takes most of a second

        where = f"the power meter at {self._settings.address}"
        adapter = None
        try:
            adapter = self._open_wire(self._settings)
            with warnings.catch_warnings():  # of not knowing whether the instrument speaks SCPI; it does
                warnings.simplefilter("ignore", FutureWarning)
                return ThorlabsPM100USB(adapter)
        except Exception as error:  # pyvisa and its libraries raise errors of any kind here
            if adapter is not None:
                with suppress(Exception):
                    adapter.close()
            if "No sensor" in str(error):
                raise FaultError(self.name, f"{where} has no sensor; plug one in and connect again") from error
            how = f"switch it on, and check cable and address ({VISA_FORMS})"
            raise CommunicationError(self.name, f"{where} cannot be reached ({in_words(error)}); {how}") from error

    def _find_out(self) -> None:
        said = str(self._exchange(lambda meter: meter.ask("*IDN?"))).strip()
        parts = [part.strip() for part in said.split(",")]
        if len(parts) != 4 or not parts[1]:
            self._give_up(f"*IDN? was answered by {said!r}")
            raise CommunicationError(self.name, f"{said!r} is no identity of a power meter; correct the address")
        check_whose(self.name, said, simulated=self._settings.simulated)
        meter = self._meter
        if not meter.is_power_sensor:
            raise FaultError(self.name, f"its sensor {meter.sensor_name} measures no power; plug in a power sensor")
        self._sensor = str(meter.sensor_name)
        low, high = self._exchange(lambda one: (_number(one.wavelength_min), _number(one.wavelength_max)))
        if not 0 < low < high:
            self._give_up(f"it says {low:g} ... {high:g} nm")
            raise CommunicationError(self.name, f"{low:g} ... {high:g} nm are no wavelengths of a sensor; look at it")
        self._limits = MappingProxyType({"wavelength_nm": Limits(low, high)})
        self._identity = Identity(parts[0], parts[1], parts[2], parts[3], simulated=self._settings.simulated)

    def _exchange(self, act: Callable[[Any], Any]) -> Any:
        """Do one exchange; the connection is given up if it fails."""
        with self._turn():
            meter = self._meter
            if meter is None:
                raise CommunicationError(self.name, "is not connected any more; connect it again")
            try:
                return act(meter)
            except DeviceError:
                raise
            except Exception as error:
                self._give_up(f"{type(error).__name__}: {error}")
                if "VI_ERROR_TMO" in str(error):
                    text = f"did not answer within {self._settings.timeout_s:g} s; look at it, then connect it again"
                    raise DeviceTimeoutError(self.name, text) from error
                text = (
                    f"did not answer as it should ({in_words(error)}); check address and cable, then connect it again"
                )
                raise CommunicationError(self.name, text) from error

    def _give_up(self, why: str) -> None:
        self.close()
        self._lost = why

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=2 * self._settings.timeout_s):
            raise DeviceTimeoutError(self.name, "is busy with another request that does not end")
        try:
            yield
        finally:
            self._lock.release()


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _only_number(values: Any) -> float:
    """Return the number of a reply, which pymeasure takes apart at commas; it must be the only one."""
    if not isinstance(values, list) or len(values) != 1:
        raise ValueError(f"{values!r} is not one number")
    return _number(values[0])
