"""The PicoQuant Taiko PDL M1, a pulsed laser driver with a computer interface."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_float
from types import MappingProxyType
from typing import Any

from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import DeviceTimeoutError, FaultError, InterlockError, OperatorNeeded, StateError
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.rescue import Rescue
from drivers.laser import pdlm_lib
from drivers.laser.pdlm_lib import PdlmLib, load_library
from drivers.laser.taiko_settings import TaikoSettings
from drivers.wire.whose import check_whose

TRUSTED_ABOVE_HZ = 8e3
"""The counter of the external trigger has steps of 80 Hz; PicoQuant advises to believe it only above this."""

LOCK_WAIT_S = 0.2
CALL_TIMEOUT_S = 5.0
TRIGGER_MODES = MappingProxyType(
    {
        "internal": pdlm_lib.TRIGGER_INTERNAL,
        "external falling": pdlm_lib.TRIGGER_FALLING,
        "external rising": pdlm_lib.TRIGGER_RISING,
    }
)
CALIBRATED, DIODE_VOLTAGE = "share of the calibrated pulse power", "share of the voltage of the laser diode"


class TaikoPdlM1(PulsedLaser):
    """A Taiko with its head; unverified on hardware. Safe means: its soft lock is set.

    What intensity means depends on the trigger. Triggered internally it is a share of the pulse power that the
    head was calibrated for at this rate. Triggered externally it is a share of the voltage of the laser diode, the
    low part of which only makes it glow below threshold. `settings` says which, as ``intensity_means``. It is set
    in steps of 0.1 %.

    With an external trigger the repetition rate is declared; the counter of the Taiko is a reading
    (``external_trigger_hz``), believed above 8 kHz only.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : TaikoSettings
        Library, serial number and trigger.
    library : object, optional
        A double with the functions of the library; needed if the settings say ``library: simulated``.

    Raises
    ------
    StateError
        If a double is needed and not given, or the other way round.
    """

    def __init__(self, name: str, settings: TaikoSettings, library: Any = None) -> None:
        super().__init__(name)
        if settings.simulated != (library is not None):
            raise StateError(name, "`library: simulated` and a double of the library belong together")
        self._settings, self._double = settings, library
        self._lock = threading.RLock()
        self._lib: PdlmLib | None = None
        self._identity: Identity | None = None
        self._limits: Mapping[str, Limits] = MappingProxyType({})
        self._declared_rate_hz = settings.external_rate_hz or 0.0
        self._times_safe = 0
        self._set: dict[str, PlainValue] = {"emission": False}

    @property
    def declared(self) -> frozenset[str]:
        """Fields of `LaserStatus` that a person has declared."""
        return frozenset({"repetition_rate_hz"} if self._settings.external else ())

    @property
    def identity(self) -> Identity:
        """Driver and head, as they say."""
        self.require_connected()
        if self._identity is None:
            raise StateError(self.name, "has not said who it is; connect it again")
        return self._identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed repetition rate of the head, and intensity; known when connected."""
        return self._limits

    def connect(self) -> None:
        """Open the Taiko, lock it, and leave its knob to the operator."""
        if self._connected:
            return
        lib = PdlmLib(self.name, self._double or load_library(self.name, self._settings.library))
        serial = lib.open(self._settings.serial)
        try:
            lib.set("SoftLock", pdlm_lib.LOCKED)
            self._identify(lib, serial)
            self._set_up(lib)
        except BaseException:
            lib.close()
            raise
        self._lib, self._connected = lib, True

    def close(self) -> None:
        """Lock the laser and close it."""
        if not self._connected or self._lib is None:
            return
        try:
            self.make_safe()
        finally:
            self._connected = False
            self._lib.close()

    def make_safe(self) -> None:
        """Set the soft lock, and read it back."""
        self._times_safe += 1
        self._set["emission"] = False
        lib = self._lib
        if lib is None or not lib.is_open:
            return
        mine = self._lock.acquire(timeout=LOCK_WAIT_S)
        try:
            urgent = lib.urgently()
            urgent.set("SoftLock", pdlm_lib.LOCKED)
            if urgent.whole("Locked")[0] != pdlm_lib.LOCKED:
                raise FaultError(self.name, "does not lock; turn its key switch now")
        finally:
            if mine:
                self._lock.release()

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the rate of its oscillator; with an external trigger ask a person to set that."""
        lib = self._checked("repetition_rate_hz", value)
        if not self._settings.external:
            with self._turn():
                lib.set("Frequency", round(value))
        elif abs(value - self._declared_rate_hz) > 1e-9 * value:
            request = f"set what triggers the Taiko to {value:g} Hz"
            raise OperatorNeeded(self.name, request, lambda: self._declare_rate(value))

    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity, in steps of 0.1 %."""
        lib = self._checked("intensity_percent", value)
        with self._turn():
            lib.set("PulsePowerPermille", round(10 * value))
        self._set["intensity_percent"] = value

    def set_emission(self, on: bool) -> None:
        """Take the soft lock off, or set it.

        Raises
        ------
        InterlockError
            If interlock, key or button keep the laser locked.
        FaultError
            If laser or head report a fault.
        """
        self.require_connected()
        if not on:
            self.make_safe()
            return
        times, lib = self._times_safe, self._opened()
        self._refuse_to_shine(lib)
        with self._turn():
            lib.set("SoftLock", pdlm_lib.UNLOCKED)
        if self._times_safe != times:
            self.make_safe()
            raise StateError(self.name, "was made safe while it was being switched on; it stays dark")
        if lib.whole("Locked")[0] != pdlm_lib.UNLOCKED:
            self.make_safe()
            raise FaultError(self.name, f"stays locked: {lib.decoded_status(lib.whole('SystemStatus')[0])}")
        self._set["emission"] = True

    def status(self) -> LaserStatus:
        """Read the state back; the rate of an external trigger is as declared."""
        self.require_connected()
        lib = self._opened()
        with self._turn():
            status = lib.whole("SystemStatus")[0]
            permille, locked = lib.whole("PulsePowerPermille")[0], lib.whole("Locked")[0]
            rate_hz = self._declared_rate_hz if self._settings.external else float(lib.whole("Frequency")[0])
        closed = not status & pdlm_lib.INTERLOCK
        return LaserStatus(rate_hz, permille / 10, locked == pdlm_lib.UNLOCKED, closed)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set, and what the intensity means."""
        means = DIODE_VOLTAGE if self._settings.external else CALIBRATED
        return {**self._set, "triggering": self._settings.triggering, "intensity_means": means}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the laser reports now."""
        self.require_connected()
        lib = self._opened()
        status = self.status()
        with self._turn():
            words = lib.decoded_status(lib.whole("SystemStatus")[0])
            external_hz = float(lib.whole("ExtTriggerFrequency")[0]) if self._settings.external else None
        values: dict[str, PlainValue] = {
            "intensity_percent": status.intensity_percent,
            "emission": status.emission,
            "interlock_closed": status.interlock_closed,
            "status": words,
        }
        if external_hz is None:
            return {**values, "repetition_rate_hz": status.repetition_rate_hz}
        return {**values, "external_trigger_hz": external_hz if external_hz > TRUSTED_ABOVE_HZ else None}

    def rescue(self) -> Rescue | None:
        """Return how another process locks it; None for a double, which ends with this process."""
        if self._settings.simulated:
            return None
        serial = self._settings.serial if self._identity is None else self._identity.serial
        return Rescue(self.name, "taiko", {"library": self._settings.library, "serial": serial})

    def _identify(self, lib: PdlmLib, serial: str) -> None:
        hardware = lib.text("HardwareInfo")
        check_whose(self.name, hardware, simulated=self._settings.simulated)
        model = f"Taiko PDL M1, head {lib.text('LHVersion')}"
        self._identity = Identity("PicoQuant", model, serial, lib.text("FWVersion"), simulated=self._settings.simulated)

    def _set_up(self, lib: PdlmLib) -> None:
        settings = self._settings
        lib.set("ExclusiveUI", pdlm_lib.UI_COOPERATIVE)
        lib.set("LaserMode", pdlm_lib.MODE_PULSE)
        lib.set("TriggerMode", TRIGGER_MODES[settings.triggering])
        if settings.trigger_level_v is not None:
            low_v, high_v = lib.real("TriggerLevelLimits", 2)
            Limits(low_v, high_v).check(self.name, "trigger_level_v", settings.trigger_level_v)
            lib.set("TriggerLevel", c_float(settings.trigger_level_v))
        low_hz, high_hz = lib.whole("FrequencyLimits", 2)
        rates = Limits(float(low_hz), float(high_hz))
        if settings.external:
            rates = Limits(1.0, float(high_hz))
            rates.check(self.name, "external_rate_hz", self._declared_rate_hz)
        self._limits = MappingProxyType({"repetition_rate_hz": rates, "intensity_percent": Limits(0.0, 100.0)})

    def _refuse_to_shine(self, lib: PdlmLib) -> None:
        status = lib.whole("SystemStatus")[0]
        for bit, what in (
            (pdlm_lib.INTERLOCK, "the interlock is open; close it"),
            (pdlm_lib.KEY_LOCK, "its key switch keeps it locked; turn the key"),
            (pdlm_lib.ON_OFF_BUTTON, "its on/off button keeps it locked; press it"),
        ):
            if status & bit:
                raise InterlockError(self.name, f"{what} before switching the emission on")
        if status & pdlm_lib.NOT_OPERATIONAL:
            raise FaultError(self.name, f"cannot shine: {lib.decoded_status(status)}; look at laser and head")

    def _checked(self, setting: str, value: float) -> PdlmLib:
        self.require_connected()
        self._limits[setting].check(self.name, setting, value)
        return self._opened()

    def _opened(self) -> PdlmLib:
        self.require_connected()
        if self._lib is None:
            raise StateError(self.name, "is not connected; connect it first")
        return self._lib

    def _declare_rate(self, value: float) -> None:
        self._declared_rate_hz = value

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=CALL_TIMEOUT_S):
            message = (
                f"has not come back from a call for {CALL_TIMEOUT_S:g} s; turn its key switch, and switch it off and on"
            )
            raise DeviceTimeoutError(self.name, message)
        try:
            yield
        finally:
            self._lock.release()
