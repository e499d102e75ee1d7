"""A double of Andor's SDK2 for one EMCCD: the functions, codes and quirks of the library, frames from a scene.

Functions have the names and parameters of the library; numbers come as Python numbers, pointers as ctypes makes
them. Written from the public description of the library, not from the driver.
"""

# Names of methods and parameters are those of the library, whose manual describes them.
# ruff: noqa: D102, N802

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulators.sdk.andor_camera_functions import (
    ACQUIRING,
    ERROR_ACK,
    IDLE,
    NO_NEW_DATA,
    OK,
    P1_INVALID,
    P2_INVALID,
    P4_INVALID,
    AndorCameraFunctions,
)
from simulators.sdk.pointers import put, put_array


class AndorCameraDouble(AndorCameraFunctions):
    """One EMCCD and its library, as `drivers.camera.atmcd.load` would return it."""

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of the camera."""
        return {
            "em_gain": max(1, self.em_gain),
            "shutter_open": self.shutter_open,
            "acquiring": self.sensor.running,
            "cooler": self._thermostat.on,
            "temperature_c": self._thermostat.temperature_c(),
            "worn": self.sensor.worn,
            "initialised": self._initialised,
        }

    def SetAcquisitionMode(self, mode: int) -> int:
        if mode not in range(1, 6):
            return P1_INVALID
        if mode != self.acquisition_mode:
            self.sensor.forget_exposure()  # must be sent again after a change of mode
        self.acquisition_mode = mode
        return OK

    def SetExposureTime(self, time: float) -> int:
        return OK if self.sensor.set_exposure_s(float(np.float32(time))) else P1_INVALID

    def SetNumberAccumulations(self, number: int) -> int:
        return OK if number == 1 else P1_INVALID

    def SetNumberKinetics(self, number: int) -> int:
        self.sensor.images = number
        return OK if number >= 1 else P1_INVALID

    def SetKineticCycleTime(self, time: float) -> int:
        self.sensor.asked_cycle_s = time
        return OK if time >= 0 else P1_INVALID

    def GetAcquisitionTimings(self, exposure: Any, accumulate: Any, kinetic: Any) -> int:
        put(exposure, self.sensor.exposure_s)
        put(accumulate, self.sensor.cycle_s)
        put(kinetic, self.sensor.cycle_s)
        return OK

    def SetShutter(self, typ: int, mode: int, closingtime: int, openingtime: int) -> int:
        if typ not in (0, 1):
            return P1_INVALID
        if mode not in range(6):
            return P2_INVALID
        self.shutter_open = mode == 1
        return OK if closingtime >= 0 and openingtime >= 0 else P4_INVALID

    def PrepareAcquisition(self) -> int:
        return ACQUIRING if self._is_acquiring() else OK

    def StartAcquisition(self) -> int:
        if self._is_acquiring():
            return ACQUIRING
        self._fetched = self._tried = 0
        try:
            self.sensor.start(max(1, self.em_gain), shutter_open=self.shutter_open)
        except OSError:  # the world that it sees, in another process, has gone
            return ERROR_ACK
        return OK

    def AbortAcquisition(self) -> int:
        was_running = self.sensor.running
        self.sensor.stop()
        return OK if was_running else IDLE

    def GetStatus(self, status: Any) -> int:
        if self._faults.active("camera_vanished") is not None:
            put(status, ERROR_ACK)
            return OK
        put(status, ACQUIRING if self._is_acquiring() else IDLE)
        return OK

    def _newest(self) -> tuple[int, int]:
        """Return the numbers of first and last image that can be fetched and were not; first above last for none."""
        there = self.sensor.there()
        return max(self._fetched, there - self._ring_images) + 1, there

    def GetNumberNewImages(self, first: Any, last: Any) -> int:
        oldest, newest = self._newest()
        if oldest > newest or self._faults.active("camera_no_new_data") is not None:
            return NO_NEW_DATA
        put(first, oldest)
        put(last, newest)
        return OK

    def GetImages16(self, first: int, last: int, arr: Any, size: int, validfirst: Any, validlast: Any) -> int:
        if self._faults.active("camera_no_new_data") is not None:
            return NO_NEW_DATA
        if not max(1, self.sensor.there() - self._ring_images + 1) <= first <= last <= self.sensor.there():
            return P1_INVALID
        rows, columns = self.sensor.image_shape
        if size != (last - first + 1) * rows * columns:
            return P4_INVALID
        self._tried += 1
        if self._transient_every and self._tried % self._transient_every == 0:
            return P2_INVALID
        sensor_c = self._thermostat.temperature_c()
        try:
            images = [self.sensor.image(number, sensor_c) for number in range(first, last + 1)]
        except OSError:  # the world that it sees, in another process, has gone
            return ERROR_ACK
        put_array(arr, np.stack(images))
        put(validfirst, first)
        put(validlast, last)
        self._fetched = last
        return OK
