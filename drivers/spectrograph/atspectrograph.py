"""The functions of Andor's spectrograph library (Shamrock, Kymera) that are used here, and what they return.

Both libraries of the vendor, atspectrograph and ShamrockCIF, have them under these names. Signatures from public
copies of the vendor's header; unverified on hardware.
"""

import ctypes
import sys
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_float, c_int
from enum import IntEnum
from types import MappingProxyType
from typing import Any

from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, RangeError, StateError
from drivers.wire.library import declared, load_first, program_folders

_INT, _FLOAT = POINTER(c_int), POINTER(c_float)


class Code(IntEnum):
    """Returned by every function."""

    COMMUNICATION_ERROR = 20201
    SUCCESS = 20202
    ERROR = 20249
    P1_INVALID = 20266
    P2_INVALID = 20267
    P3_INVALID = 20268
    P4_INVALID = 20269
    P5_INVALID = 20270
    NOT_INITIALISED = 20275
    NOT_AVAILABLE = 20292


FUNCTIONS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "ShamrockInitialize": (c_char_p,),
        "ShamrockClose": (),
        "ShamrockGetNumberDevices": (_INT,),
        "ShamrockGetSerialNumber": (c_int, c_char_p),
        "ShamrockGetNumberGratings": (c_int, _INT),
        "ShamrockGetGratingInfo": (c_int, c_int, _FLOAT, c_char_p, _INT, _INT),
        "ShamrockSetGrating": (c_int, c_int),
        "ShamrockGetGrating": (c_int, _INT),
        "ShamrockSetWavelength": (c_int, c_float),
        "ShamrockGetWavelength": (c_int, _FLOAT),
        "ShamrockGetWavelengthLimits": (c_int, c_int, _FLOAT, _FLOAT),
        "ShamrockAutoSlitIsPresent": (c_int, c_int, _INT),
        "ShamrockSetAutoSlitWidth": (c_int, c_int, c_float),
        "ShamrockGetAutoSlitWidth": (c_int, c_int, _FLOAT),
        "ShamrockShutterIsPresent": (c_int, _INT),
        "ShamrockSetShutter": (c_int, c_int),
        "ShamrockGetShutter": (c_int, _INT),
        "ShamrockSetPixelWidth": (c_int, c_float),
        "ShamrockSetNumberPixels": (c_int, c_int),
        "ShamrockGetCalibration": (c_int, _FLOAT, c_int),
    }
)
"""Parameters of each function by its name; all of them return an unsigned int, see `Code`."""


def load(library: str) -> Any:
    """Load the library and declare its functions; arguments and errors as `drivers.camera.atmcd.load`."""
    if library != "auto":
        return declared(load_first([library]), FUNCTIONS)
    if sys.platform != "win32":
        ctypes.CDLL("libandor.so.2", mode=ctypes.RTLD_GLOBAL)  # its functions are used by the other (others' habit)
    return declared(load_first(candidates()), FUNCTIONS)


def candidates() -> list[str]:
    """Return where the library may be, on this platform."""
    if sys.platform != "win32":
        return ["libatspectrograph.so.2", "libshamrockcif.so.2", "libshamrockcif.so"]
    names = ["atspectrograph.dll", "ShamrockCIF64.dll", "ShamrockCIF.dll"]
    folders = program_folders("Andor SDK", "Andor SOLIS")
    return [*names, *(str(folder / name) for folder in folders for name in names)]


def error_of(device: str, function: str, code: int) -> DeviceError:
    """Return the error that a code means, naming the function that returned it."""
    said = f"{function} returned {code}" + (f" {Code(code).name}" if code in set(Code) else "")
    if code in (Code.COMMUNICATION_ERROR, Code.NOT_INITIALISED):
        return CommunicationError(
            device,
            f"does not answer ({said}); check power and cable, then reconnect it. One that hangs on the camera (I2C) "
            "cannot be reached while the camera acquires: wait for it, or use USB",
        )
    if Code.P1_INVALID <= code <= Code.P5_INVALID:
        return RangeError(device, f"refuses parameter {code - Code.P1_INVALID + 1} ({said}); check the rig file")
    if code == Code.NOT_AVAILABLE:
        return StateError(device, f"has no such part ({said}); remove it from the rig file")
    if code == Code.ERROR:
        return StateError(device, f"cannot do that now ({said}), as with a mirror or at zero order; choose a grating")
    return FaultError(device, f"{said}; look the number up in the manual of the library")
