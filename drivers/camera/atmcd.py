"""The functions of Andor's SDK2 (atmcd64d.dll, libandor.so.2) that are used here, as ctypes wants them declared.

Signatures from public copies of the vendor's header (its 32-bit type is `int` on 64-bit Linux and Windows alike);
unverified on hardware. Imports the standard library only, as the guardian uses it, too.
"""

import sys
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_float, c_int, c_int32, c_uint, c_uint16, c_uint32
from types import MappingProxyType
from typing import Any

from drivers.wire.library import declared, load_first, program_folders

_INT, _FLOAT, _LONG = POINTER(c_int), POINTER(c_float), POINTER(c_int32)

FUNCTIONS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "GetAvailableCameras": (_LONG,),
        "GetCameraHandle": (c_int32, _LONG),
        "SetCurrentCamera": (c_int32,),
        "Initialize": (c_char_p,),
        "ShutDown": (),
        "GetHeadModel": (c_char_p,),
        "GetCameraSerialNumber": (_INT,),
        "GetHardwareVersion": (POINTER(c_uint),) * 6,
        "GetDetector": (_INT, _INT),
        "GetPixelSize": (_FLOAT, _FLOAT),
        "GetBitDepth": (c_int, _INT),
        "SetADChannel": (c_int,),
        "SetOutputAmplifier": (c_int,),
        "SetHSSpeed": (c_int, c_int),
        "SetPreAmpGain": (c_int,),
        "GetFastestRecommendedVSSpeed": (_INT, _FLOAT),
        "SetVSSpeed": (c_int,),
        "SetVSAmplitude": (c_int,),
        "SetEMGainMode": (c_int,),
        "SetEMAdvanced": (c_int,),
        "GetEMGainRange": (_INT, _INT),
        "SetEMCCDGain": (c_int,),
        "GetEMCCDGain": (_INT,),
        "GetTemperatureRange": (_INT, _INT),
        "SetTemperature": (c_int,),
        "GetTemperatureF": (_FLOAT,),
        "CoolerON": (),
        "CoolerOFF": (),
        "IsCoolerOn": (_INT,),
        "SetCoolerMode": (c_int,),
        "SetFanMode": (c_int,),
        "SetReadMode": (c_int,),
        "SetImage": (c_int,) * 6,
        "SetAcquisitionMode": (c_int,),
        "SetTriggerMode": (c_int,),
        "SetFrameTransferMode": (c_int,),
        "SetExposureTime": (c_float,),
        "SetNumberAccumulations": (c_int,),
        "SetNumberKinetics": (c_int,),
        "SetKineticCycleTime": (c_float,),
        "GetAcquisitionTimings": (_FLOAT, _FLOAT, _FLOAT),
        "SetShutter": (c_int,) * 4,
        "PrepareAcquisition": (),
        "StartAcquisition": (),
        "AbortAcquisition": (),
        "GetStatus": (_INT,),
        "GetNumberNewImages": (_LONG, _LONG),
        "GetImages16": (c_int32, c_int32, POINTER(c_uint16), c_uint32, _LONG, _LONG),
    }
)
"""Parameters of each function by its name; all of them return an unsigned int, see `andor_codes`."""


def load(library: str) -> Any:
    """Load the SDK and declare its functions.

    Parameters
    ----------
    library : str
        ``auto`` to look where the vendor installs it, or the path of the library.

    Raises
    ------
    OSError
        If it cannot be loaded, with each place and reason.
    ValueError
        If a double is asked for: whoever makes the camera gives it.
    """
    return declared(load_first(candidates() if library == "auto" else [library]), FUNCTIONS)


def candidates() -> list[str]:
    """Return where the SDK may be, on this platform."""
    if sys.platform != "win32":
        return ["libandor.so.2", "libandor.so", "/usr/local/lib/libandor.so"]
    name = "atmcd64d.dll" if sys.maxsize > 2**32 else "atmcd32d.dll"
    return [name, *(str(folder / name) for folder in program_folders("Andor SDK", "Andor SOLIS"))]
