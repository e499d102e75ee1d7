"""A double of PicoQuant's PDLM_Lib with one Taiko PDL M1, which shines into the beam of the bench."""

from collections.abc import Mapping
from typing import Any

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench

SERIAL = b"1234567"
RATES_HZ = (31_250, 80_000_000)

OK, ILLEGAL_VALUE, BUFFER_TOO_SMALL = 0, -5, -6
UNKNOWN_DEVICE, ALREADY_OPENED, UNKNOWN_CODE, USB_FAILED, NOT_AVAILABLE = -29, -27, -33, -11, -40

_TEXTS: Mapping[int, bytes] = {
    ILLEGAL_VALUE: b"illegal value",
    BUFFER_TOO_SMALL: b"buffer too small",
    USB_FAILED: b"USB IOCTL failed",
    ALREADY_OPENED: b"device already opened",
    UNKNOWN_DEVICE: b"USB unknown device",
    NOT_AVAILABLE: b"value not available",
}
"""Numbers of the first three are not those of the vendor's library, which were not found."""

_BITS: Mapping[int, bytes] = {
    1 << 12: b"laser head missing",
    1 << 23: b"locked by on/off button",
    1 << 24: b"softlock",
    1 << 25: b"keylock",
    1 << 27: b"interlock",
}
_LOCKS = 0x0FC00000


class TaikoLibrary:
    """The functions of the library; each returns a code, and writes results where its arguments point to.

    Parameters
    ----------
    bench : Bench
        The world that the laser shines into.

    Attributes
    ----------
    plugged_in : bool
        Whether the USB cable is; without it every call fails.
    locks : int
        Status bits beside soft lock and interlock that keep it dark: key 1 << 25, button 1 << 23, head missing 1 << 12.
    external_hz : int
        Rate at the trigger input.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.plugged_in, self.locks, self.external_hz = True, 0, 1_000_000
        self._open = False
        self._soft_lock, self._trigger, self._level, self._mode, self._ui = 1, 0, 0.0, 0, 0
        self._permille, self._frequency_hz = 0, 1_000_000

    @property
    def status(self) -> int:
        """Status bits."""
        with self.bench.lock:
            interlock = 0 if self.bench.beam.interlock_closed else 1 << 27
        return (self._soft_lock << 24) | interlock | self.locks

    def PDLM_OpenGetSerNumAndClose(self, index: int, serial: Any) -> int:  # noqa: N802
        """Tell the serial number of what is at an index."""
        if index != 0 or not self.plugged_in:
            return UNKNOWN_DEVICE
        serial.value = SERIAL
        return ALREADY_OPENED if self._open else OK

    def PDLM_OpenDevice(self, index: int, serial: Any) -> int:  # noqa: N802
        """Open it, if the serial number is its own or empty."""
        if index != 0 or not self.plugged_in or serial.value not in {b"", SERIAL}:
            return UNKNOWN_DEVICE
        if self._open:
            return ALREADY_OPENED
        self._open, serial.value = True, SERIAL
        return OK

    def PDLM_CloseDevice(self, index: int) -> int:  # noqa: N802
        """Close it; its light stays as it is."""
        self._open = False
        return OK

    def PDLM_DecodeError(self, code: int, buffer: Any, length: Any) -> int:  # noqa: N802
        """Write the text of a code."""
        if code not in _TEXTS:
            return UNKNOWN_CODE
        buffer.value = _TEXTS[code]
        return OK

    def PDLM_DecodeSystemStatus(self, status: int, buffer: Any, length: int) -> int:  # noqa: N802
        """Write the names of all bits that are set."""
        buffer.value = b"; ".join(text for bit, text in _BITS.items() if status & bit)
        return OK

    def __getattr__(self, name: str) -> Any:
        """Return ``PDLM_Get...`` or ``PDLM_Set...``."""
        for prefix, table in (("PDLM_Get", self._getters()), ("PDLM_Set", self._setters())):
            found = table.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
            if found is not None:
                return lambda index, *arguments: self._call(found, index, arguments)
        raise AttributeError(name)

    def _call(self, function: Any, index: int, arguments: tuple[Any, ...]) -> int:
        if not self.plugged_in or not self._open or index != 0:
            return USB_FAILED
        code: int = function(*arguments)
        self._shine()
        return code

    def _getters(self) -> dict[str, Any]:
        return {
            "HardwareInfo": lambda buffer, length: _write(buffer, length, f"Taiko PDL M1 ({SIMULATOR_MARK})"),
            "FWVersion": lambda buffer, length: _write(buffer, length, "1.0"),
            "LHVersion": lambda buffer, length: _write(buffer, length, "LDH-IX-B-405"),
            "SystemStatus": lambda place: _point(place, self.status),
            "Locked": lambda place: _point(place, int(bool(self.status & _LOCKS))),
            "SoftLock": lambda place: _point(place, self._soft_lock),
            "PulsePowerPermille": lambda place: _point(place, self._permille),
            "Frequency": lambda place: _point(place, self._frequency_hz),
            "FrequencyLimits": lambda low, high: _point(low, RATES_HZ[0]) or _point(high, RATES_HZ[1]),
            "TriggerLevelLimits": lambda low, high: _point(low, -1.0) or _point(high, 1.0),
            "ExtTriggerFrequency": self._external_frequency,
        }

    def _setters(self) -> dict[str, Any]:
        return {
            "SoftLock": lambda value: self._keep("_soft_lock", value, value in {0, 1}),
            "ExclusiveUI": lambda value: self._keep("_ui", value, value in {0, 1}),
            "LaserMode": lambda value: self._keep("_mode", value, value in {0, 1, 2}),
            "TriggerMode": lambda value: self._keep("_trigger", value, value in {0, 1, 2}),
            "TriggerLevel": lambda value: self._keep("_level", value.value, -1 <= value.value <= 1),
            "Frequency": lambda value: self._keep("_frequency_hz", value, RATES_HZ[0] <= value <= RATES_HZ[1]),
            "PulsePowerPermille": lambda value: self._keep("_permille", value, 0 <= value <= 1000),
        }

    def _external_frequency(self, place: Any) -> int:
        return _point(place, self.external_hz // 80 * 80) if self._trigger else NOT_AVAILABLE

    def _keep(self, name: str, value: float, allowed: bool) -> int:
        if not allowed:
            return ILLEGAL_VALUE
        setattr(self, name, value)
        return OK

    def _shine(self) -> None:
        with self.bench.lock:
            beam = self.bench.beam
            beam.emission = not self.status & (_LOCKS | 1 << 12)
            beam.repetition_rate_hz = float(self.external_hz if self._trigger else self._frequency_hz)
            beam.intensity_percent = self._permille / 10


def _point(place: Any, value: float) -> int:
    """Write a value where ctypes.byref points to."""
    place._obj.value = value  # noqa: SLF001  # what the library would see at the address
    return OK


def _write(buffer: Any, length: int, text: str) -> int:
    if len(text) >= length:
        return BUFFER_TOO_SMALL
    buffer.value = text.encode()
    return OK
