"""The functions of PicoQuant's PDLM_Lib that a Taiko PDL M1 is driven with, as its header PDLMUser.h declares them."""

import ctypes
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, RangeError, StateError
from drivers.wire.sdk import BoundedCalls

USUAL_PLACE = Path("C:/Program Files/PicoQuant/Taiko/API/Win64/PDLM_Lib.dll")
USB_INDICES = range(8)

MODE_PULSE = 1
TRIGGER_INTERNAL, TRIGGER_FALLING, TRIGGER_RISING = 0, 1, 2
UI_COOPERATIVE = 0
UNLOCKED, LOCKED = 0, 1

ON_OFF_BUTTON = 1 << 23
SOFT_LOCK = 1 << 24
KEY_LOCK = 1 << 25
INTERLOCK = 1 << 27
NOT_OPERATIONAL = 0x002C7008 | 0x00000071
"""Masks LASER_NOT_OPERATIONAL (head missing, defect, unknown, too hot) and DEVICE_NOT_OPERATIONAL."""

BUSY, OTHER_DEVICE, ALREADY_OPEN, OPEN_FAILED, UNKNOWN_DEVICE, NOT_AVAILABLE = -17, -18, -27, -28, -29, -40
_NOBODY = {OPEN_FAILED, UNKNOWN_DEVICE, OTHER_DEVICE}

_TEXT_BYTES = 256

CALL_S = 1.5
"""Longest that a function may take: the laser must be dark, or tell that it may not be, within 2 s."""


def load_library(device: str, library: str) -> Any:
    """Load the library, which exists for Windows only.

    Parameters
    ----------
    device : str
        Name of the laser in its rig, for messages.
    library : str
        Path, or ``auto`` for where PicoQuant installs it.

    Raises
    ------
    StateError
        If it is not there, or cannot be loaded.
    """
    if sys.platform != "win32":
        raise StateError(device, "PDLM_Lib of PicoQuant exists for Windows only; use that computer")
    path = USUAL_PLACE if library == "auto" else Path(library)
    if not path.is_file():
        raise StateError(device, f"there is no {path}; install the API of the Taiko, or give its path as `library`")
    try:
        os.add_dll_directory(str(path.resolve().parent))
        return ctypes.WinDLL(str(path))
    except OSError as error:
        raise StateError(device, f"{path} cannot be loaded ({error}); take the one for 64 bit") from error


class PdlmLib:
    """One Taiko through the library. Codes of the library become errors with its own text.

    Parameters
    ----------
    device : str
        Name of the laser in its rig.
    library : object
        As `load_library` returns it, or a double with the same functions.
    calls : BoundedCalls, optional
        Shared with those whose calls wait for each other.
    index : int, optional
        Of a Taiko that is open.
    """

    def __init__(self, device: str, library: Any, calls: BoundedCalls | None = None, index: int | None = None) -> None:
        self._device, self._library, self._index = device, library, index
        self._calls, self._urgent_calls = calls or BoundedCalls(device), BoundedCalls(device)

    def open(self, serial: str) -> str:
        """Open the Taiko with this serial number, or the first one for ``any``; return its serial number.

        Raises
        ------
        CommunicationError
            If it is not there, or another program has it.
        """
        busy = False
        for index in USB_INDICES:
            buffer = ctypes.create_string_buffer(b"", _TEXT_BYTES)
            code = self._do("PDLM_OpenGetSerNumAndClose", index, buffer)
            found = buffer.value.decode("ascii", "replace")
            busy = busy or code in {BUSY, ALREADY_OPEN}
            if code == 0 and serial in {"any", found}:
                self._call("PDLM_OpenDevice", index, ctypes.create_string_buffer(found.encode(), _TEXT_BYTES))
                self._index = index
                return found
        reason = "one is in use by another program; close that" if busy else "switch it on and check its USB cable"
        raise CommunicationError(self._device, f"no free Taiko PDL M1 with serial number {serial!r}: {reason}")

    def close(self) -> None:
        """Close it; no effect if closed, or if it has vanished."""
        index, self._index = self._index, None
        if index is not None:
            self._do("PDLM_CloseDevice", index)

    @property
    def is_open(self) -> bool:
        """Whether a Taiko is open."""
        return self._index is not None

    def urgently(self) -> "PdlmLib":
        """Return the same Taiko for calls that do not wait for those of others, not even for one that is stuck."""
        return PdlmLib(self._device, self._library, self._urgent_calls, self._index)

    def set(self, function: str, *values: int | ctypes.c_float) -> None:
        """Call ``PDLM_Set...``."""
        self._call(f"PDLM_Set{function}", self._opened(), *values)

    def whole(self, function: str, count: int = 1) -> list[int]:
        """Return the whole numbers that ``PDLM_Get...`` writes."""
        places = [ctypes.c_uint32() for _ in range(count)]
        self._call(f"PDLM_Get{function}", self._opened(), *(ctypes.byref(place) for place in places))
        return [place.value for place in places]

    def real(self, function: str, count: int = 1) -> list[float]:
        """Return the real numbers that ``PDLM_Get...`` writes."""
        places = [ctypes.c_float() for _ in range(count)]
        self._call(f"PDLM_Get{function}", self._opened(), *(ctypes.byref(place) for place in places))
        return [place.value for place in places]

    def text(self, function: str) -> str:
        """Return the text that ``PDLM_Get...`` writes."""
        buffer = ctypes.create_string_buffer(b"", _TEXT_BYTES)
        self._call(f"PDLM_Get{function}", self._opened(), buffer, _TEXT_BYTES)
        return buffer.value.decode("latin-1").strip()

    def decoded_status(self, status: int) -> str:
        """Return the status in the words of the library."""
        buffer = ctypes.create_string_buffer(b"", 4 * _TEXT_BYTES)
        code = self._do("PDLM_DecodeSystemStatus", status, buffer, 4 * _TEXT_BYTES)
        return buffer.value.decode("latin-1") if code == 0 else f"status 0x{status:08X}"

    def _opened(self) -> int:
        if self._index is None:
            raise CommunicationError(self._device, "is not connected any more; connect it again")
        return self._index

    def _call(self, function: str, *arguments: Any) -> None:
        code = self._do(function, *arguments)
        if code != 0:
            raise self._error(function, code)

    def _do(self, function: str, *arguments: Any) -> int:
        """Call a function and return its code. Raises `DeviceTimeoutError` if it does not come back in time."""
        act = partial(getattr(self._library, function), *arguments)
        return int(self._calls.do(function, act, CALL_S))

    def _error(self, function: str, code: int) -> DeviceError:
        message = f"{function} says {self._decoded(code)} ({code})"
        if code in _NOBODY:
            return CommunicationError(
                self._device, f"{message}; switch the laser on, check its cable, and connect again"
            )
        if code in {BUSY, ALREADY_OPEN}:
            return CommunicationError(self._device, f"{message}; close the other program that uses it")
        if code == NOT_AVAILABLE:
            return StateError(self._device, f"{message}; the trigger mode does not offer it")
        if function.startswith("PDLM_Set") and "illegal" in message.lower():
            return RangeError(self._device, f"{message}; keep within the limits of the laser head")
        if "usb" in message.lower():
            return CommunicationError(self._device, f"{message}; check its cable, and connect it again")
        return FaultError(self._device, f"{message}; look at its display")

    def _decoded(self, code: int) -> str:
        buffer, length = ctypes.create_string_buffer(b"", _TEXT_BYTES), ctypes.c_uint32(_TEXT_BYTES)
        if self._do("PDLM_DecodeError", code, buffer, ctypes.byref(length)) != 0:
            return "an error without text"
        return buffer.value.decode("latin-1")
