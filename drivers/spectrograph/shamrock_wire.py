"""The wire of an Andor spectrograph: functions of its library as values and errors, none of them without an end."""

import ctypes
from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.spectrograph import Grating
from drivers.spectrograph.atspectrograph import Code, error_of
from drivers.wire.sdk import TEXT_BYTES, BoundedCalls, SdkFunctions, text_of

RETRIES = 5

FEWEST_PIXELS = 8
"""With fewer the library calculates nonsense (seen by others)."""


class ShamrockWire(SdkFunctions):
    """Functions of the library for one spectrograph; not for several threads at a time.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig.
    library : object
        As ctypes loads it, or a double.
    index : int
        Which spectrograph, from 0.
    calls : BoundedCalls
        Shared by all wires of the instrument.
    timeout_s : float
        Longest time that a call may take, the longest move included.

    Attributes
    ----------
    communication_errors : int
        How often the library has reported one, also where a further try went well.
    """

    def __init__(self, device: str, library: Any, index: int, calls: BoundedCalls, timeout_s: float) -> None:
        super().__init__(device, library)
        self._index, self._calls, self._timeout_s = index, calls, timeout_s
        self.communication_errors = 0

    def code(self, function: str, *arguments: Any) -> int:
        """Call a function, once, and return its code."""
        code = self._calls.do(function, lambda: self.call(function, *arguments), self._timeout_s)
        self.communication_errors += code == Code.COMMUNICATION_ERROR
        return code

    def do(self, function: str, *arguments: Any, also: Container[int] = ()) -> int:
        """Call a function of this spectrograph; communication errors are tried again at most 5 times.

        Raises
        ------
        DeviceError
            As its code means, unless it stands in `also`.
        """
        code = self.code(function, self._index, *arguments)
        for _ in range(RETRIES):
            if code != Code.COMMUNICATION_ERROR:
                break
            code = self.code(function, self._index, *arguments)
        if code != Code.SUCCESS and code not in also:
            raise error_of(self.device, function, code)
        return code

    def move(self, function: str, *arguments: Any) -> int:
        """Begin a move, once, and return the code: it may have been made although the code is an error."""
        return self.code(function, self._index, *arguments)

    def open(self, folder: str) -> None:
        """Initialise the library and find the spectrograph. Raises `CommunicationError` if it is not there."""
        code = self.code("ShamrockInitialize", folder.encode())
        if code != Code.SUCCESS:
            raise error_of(self.device, "ShamrockInitialize", code)
        found = ctypes.c_int()
        code = self.code("ShamrockGetNumberDevices", ctypes.byref(found))
        if code != Code.SUCCESS:
            raise error_of(self.device, "ShamrockGetNumberDevices", code)
        if self._index >= found.value:
            raise CommunicationError(
                self.device,
                f"there are {found.value} Andor spectrographs, so none has device_index {self._index} (from 0); check "
                "power and cable, and that no other program holds it; on I2C the camera must be connected first",
            )

    def close(self) -> None:
        """Leave the library."""
        self.code("ShamrockClose")

    def integer(self, function: str, *before: int) -> int:
        """Return the whole number that a function tells."""
        value = ctypes.c_int()
        self.do(function, *before, ctypes.byref(value))
        return value.value

    def real(self, function: str, *before: int) -> float:
        """Return the real number that a function tells."""
        value = ctypes.c_float()
        self.do(function, *before, ctypes.byref(value))
        return value.value

    def serial(self) -> str:
        """Return its serial number."""
        buffer = ctypes.create_string_buffer(TEXT_BYTES)
        self.do("ShamrockGetSerialNumber", buffer)
        return text_of(buffer)

    def grating(self, number: int) -> Grating:
        """Return what the spectrograph knows of a grating, numbered from 1."""
        lines, home, offset = ctypes.c_float(), ctypes.c_int(), ctypes.c_int()
        blaze = ctypes.create_string_buffer(TEXT_BYTES)
        places = ctypes.byref(lines), blaze, ctypes.byref(home), ctypes.byref(offset)
        self.do("ShamrockGetGratingInfo", number, *places)
        return Grating(number, lines.value, text_of(blaze))

    def wavelength_limits_nm(self, grating: int) -> tuple[float, float]:
        """Return lowest and highest centre wavelength of a grating."""
        low, high = ctypes.c_float(), ctypes.c_float()
        self.do("ShamrockGetWavelengthLimits", grating, ctypes.byref(low), ctypes.byref(high))
        return low.value, high.value

    def calibration(self, pixels: int, pixel_width_um: float) -> NDArray[np.float64]:
        """Return the wavelength (nm) of each pixel of a detector in the focal plane.

        Raises
        ------
        DeviceError
            As the codes mean, or if what comes is not wavelengths that rise or fall steadily.
        """
        self.do("ShamrockSetPixelWidth", pixel_width_um)
        self.do("ShamrockSetNumberPixels", pixels)
        values = np.zeros(pixels, np.float32)
        self.do("ShamrockGetCalibration", values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), pixels)
        found = values.astype(np.float64)
        steps = np.diff(found)
        if not np.isfinite(found).all() or not (np.all(steps > 0) or np.all(steps < 0)):
            raise CommunicationError(
                self.device, "gives a wavelength calibration that is none (not steady); set grating and centre again"
            )
        return found
