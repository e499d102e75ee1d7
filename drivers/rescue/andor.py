"""Makes an Andor camera safe when the program that drove it has died: no gain, shutter closed."""

import ctypes
import time
from typing import Any

from drivers.camera import atmcd
from drivers.camera.andor_codes import OPTIONAL, Code, error_of
from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError
from drivers.wire.library import SIMULATED

DEVICE = "camera"
RETRY_S = 0.2
SHUTTER_CLOSED = 2


def rescue(
    library: str,
    sdk_folder: str,
    camera_index: int,
    shutter_open_high: bool,
    shutter_closing_ms: float,
    shutter_opening_ms: float,
    keep_cooler: bool,
    wait_s: float,
) -> None:
    """Open the SDK as soon as it lets go of the dead program's camera, switch the gain off, close the shutter.

    The double of ``library: simulated`` lives in the program that has died, so that nothing is left to be done. The
    camera itself falls back to gain off and shutter closed when it is initialised (seen by others, unverified here).

    Parameters
    ----------
    library, sdk_folder, camera_index, shutter_open_high, shutter_closing_ms, shutter_opening_ms
        As in the rig file.
    keep_cooler : bool
        Whether the cooler is to stay on.
    wait_s : float
        Longest wait for the SDK.

    Raises
    ------
    DeviceError, OSError
        If it is not known to be safe.
    """
    if library == SIMULATED:
        return
    sdk = atmcd.load(library)
    _open(sdk, sdk_folder.encode(), camera_index, wait_s)
    try:
        _make_safe(sdk, int(shutter_open_high), round(shutter_closing_ms), round(shutter_opening_ms))
        _checked(sdk, "SetCoolerMode", int(keep_cooler), also=OPTIONAL)
    finally:
        sdk.ShutDown()


def _open(sdk: Any, folder: bytes, camera_index: int, wait_s: float) -> None:
    """Initialise the camera, again and again until the SDK does it or `wait_s` is over."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            cameras, handle = ctypes.c_int32(), ctypes.c_int32()
            _checked(sdk, "GetAvailableCameras", ctypes.byref(cameras))
            _checked(sdk, "GetCameraHandle", camera_index, ctypes.byref(handle))
            _checked(sdk, "SetCurrentCamera", handle.value)
            _checked(sdk, "Initialize", folder)
        except DeviceError as error:
            if time.monotonic() >= deadline:
                raise CommunicationError(
                    DEVICE, f"the SDK has not opened it again within {wait_s:g} s ({error.message}); take its light off"
                ) from error
            time.sleep(RETRY_S)
        else:
            return


def _make_safe(sdk: Any, shutter_level: int, closing_ms: int, opening_ms: int) -> None:
    errors = []
    for function, arguments in (
        ("AbortAcquisition", ()),
        ("SetEMCCDGain", (0,)),
        ("SetShutter", (shutter_level, SHUTTER_CLOSED, closing_ms, opening_ms)),
    ):
        try:
            _checked(sdk, function, *arguments, also={Code.IDLE})
        except DeviceError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    gain = ctypes.c_int()
    _checked(sdk, "GetEMCCDGain", ctypes.byref(gain))
    if gain.value > 1:
        raise FaultError(DEVICE, f"tells an EM gain of {gain.value} after it was switched off; take its light off")


def _checked(sdk: Any, function: str, *arguments: Any, also: Any = ()) -> None:
    code = getattr(sdk, function)(*arguments)
    if code != Code.SUCCESS and code not in also:
        raise error_of(DEVICE, function, code)
