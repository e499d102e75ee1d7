"""The wire of an Andor camera: functions of the SDK, with their codes turned into values and errors."""

import ctypes
import time
from collections.abc import Container
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.camera.andor_codes import TRANSIENT, Code, error_of
from drivers.wire.sdk import TEXT_BYTES, BoundedCalls, SdkFunctions, float_buffers, int_buffers, text_of

RETRIES = 5
RETRY_PAUSE_S = 0.02

CALL_S = 5.0
"""Longest that a function of the SDK may take, but for those named below."""

LONGEST_S = MappingProxyType(
    {"Initialize": 60.0, "ShutDown": 30.0, "AbortAcquisition": 1.5, "SetEMCCDGain": 1.5, "SetShutter": 1.5}
)
"""To find and initialise a camera takes several seconds; what makes it safe must tell within 2 s that it does not."""


class AndorWire(SdkFunctions):
    """Functions of SDK2 as methods that return values; not for several threads at a time.

    Parameters
    ----------
    device, library
        As of `SdkFunctions`.
    calls : BoundedCalls
        Of the camera, also after it was opened anew: while a function has not come back, none is called.
    """

    def __init__(self, device: str, library: Any, calls: BoundedCalls) -> None:
        super().__init__(device, library)
        self._calls = calls

    def call(self, function: str, *arguments: Any) -> int:
        """Call a function and return its code.

        Raises
        ------
        DeviceTimeoutError
            If it does not come back in time, or one before has not yet.
        """
        act = partial(super().call, function, *arguments)
        return self._calls.do(function, act, LONGEST_S.get(function, CALL_S))

    def do(self, function: str, *arguments: Any, also: Container[int] = ()) -> int:
        """Call a function and return its code.

        Parameters
        ----------
        function : str
            Its name in the SDK.
        arguments : numbers, or what ctypes takes for pointers
        also : container of int
            Codes beside success that are no error here.

        Raises
        ------
        DeviceError
            As its code means.
        """
        code = self.call(function, *arguments)
        if code != Code.SUCCESS and code not in also:
            raise error_of(self.device, function, code)
        return code

    def ints(self, function: str, count: int, *before: Any) -> tuple[int, ...]:
        """Return the whole numbers that a function writes into its last `count` parameters."""
        values = int_buffers(count)
        self.do(function, *before, *map(ctypes.byref, values))
        return tuple(value.value for value in values)

    def floats(self, function: str, count: int) -> tuple[float, ...]:
        """Return the real numbers that a function writes into its `count` parameters."""
        values = float_buffers(count)
        self.do(function, *map(ctypes.byref, values))
        return tuple(value.value for value in values)

    def text(self, function: str) -> str:
        """Return the text that a function writes."""
        buffer = ctypes.create_string_buffer(TEXT_BYTES)
        self.do(function, buffer)
        return text_of(buffer)

    def temperature(self) -> tuple[int, float]:
        """Return what `GetTemperatureF` says: a state of `TEMPERATURE_STATES` or another code, and degC."""
        value = ctypes.c_float()
        return self.call("GetTemperatureF", ctypes.byref(value)), value.value

    def cooler_on(self) -> bool | None:
        """Return whether the cooler is on; None if the camera does not tell it during an acquisition."""
        value = ctypes.c_int()
        code = self.do("IsCoolerOn", ctypes.byref(value), also={Code.ACQUIRING})
        return None if code == Code.ACQUIRING else bool(value.value)

    def new_images(self) -> tuple[int, int] | None:
        """Return the numbers (from 1) of first and last image that were not read yet; None if there are none."""
        first, last = int_buffers(2)
        arguments = ctypes.byref(first), ctypes.byref(last)
        code = self.do("GetNumberNewImages", *arguments, also={Code.NO_NEW_DATA})
        return None if code == Code.NO_NEW_DATA else (first.value, last.value)

    def image(self, number: int, shape: tuple[int, int]) -> NDArray[np.uint16]:
        """Fetch one image by its number (from 1); transient codes are tried again at most 5 times.

        Raises
        ------
        DeviceError
            As its code means, or if another image comes than the one that was asked for.
        """
        counts = np.zeros(shape, np.uint16)
        pointer = counts.ctypes.data_as(ctypes.POINTER(ctypes.c_uint16))
        first, last = int_buffers(2)
        arguments = (number, number, pointer, counts.size, ctypes.byref(first), ctypes.byref(last))
        code = self.call("GetImages16", *arguments)
        for _ in range(RETRIES):
            if code not in TRANSIENT:
                break
            time.sleep(RETRY_PAUSE_S)
            code = self.call("GetImages16", *arguments)
        if code != Code.SUCCESS or (first.value, last.value) != (number, number):
            wrong = code if code != Code.SUCCESS else Code.NO_NEW_DATA
            raise error_of(self.device, f"GetImages16 for image {number}", wrong)
        return counts

    def fastest_vertical_speed(self) -> int:
        """Return the index of the fastest vertical shift speed that the camera recommends."""
        index, speed = ctypes.c_int(), ctypes.c_float()
        self.do("GetFastestRecommendedVSSpeed", ctypes.byref(index), ctypes.byref(speed))
        return index.value

    def firmware(self) -> str:
        """Return the version of the camera's firmware."""
        values = [ctypes.c_uint() for _ in range(6)]
        self.do("GetHardwareVersion", *map(ctypes.byref, values))
        return f"{values[4].value}.{values[5].value}"
