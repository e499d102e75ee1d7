"""What the double of Andor's SDK2 answers about the camera itself: identity, readout, gain and cooling."""

# Names of methods and parameters are those of the library, whose manual describes them.
# ruff: noqa: D102, N802, N803

from collections.abc import Callable
from typing import Any

from drivers.wire.whose import SIMULATOR_MARK
from simulators.emccd import FULL_SCALE
from simulators.sdk.andor_sensor import AndorSensor
from simulators.sdk.andor_thermostat import AndorThermostat
from simulators.sdk.pointers import put, put_text
from simulators.sdk.scene import Faults

OK, ERROR_ACK, NO_NEW_DATA = 20002, 20013, 20024
P1_INVALID, P2_INVALID, P4_INVALID = 20066, 20067, 20069
ACQUIRING, IDLE, NOT_INITIALIZED = 20072, 20073, 20075

GONE_C = -999.0
ADVANCED_GAIN = 1000
HANDLE = 100


class AndorCameraFunctions:
    """One EMCCD and its library.

    Parameters
    ----------
    sensor : AndorSensor
        What makes the frames.
    faults : Faults
        What is broken.
    temperature_while_acquiring : bool
        Whether temperature calls work during an acquisition; with some cameras they do not (20072).
    ring_images : int
        How many images the memory of the library holds.
    transient_every : int
        Every so many images the first try to fetch one fails with 20067, as seen on hardware; 0 for never.
    serial : int
        Of the camera.
    hang_up : callable
        Called when the library is left: closes what the camera sees the bench by.
    """

    def __init__(
        self,
        sensor: AndorSensor,
        faults: Faults,
        *,
        temperature_while_acquiring: bool = False,
        ring_images: int = 64,
        transient_every: int = 7,
        serial: int = 1,
        hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._hang_up = hang_up
        self.sensor, self._faults = sensor, faults
        self._thermostat = AndorThermostat(sensor.settings, sensor.clock)
        self._temperature_while_acquiring = temperature_while_acquiring
        self._ring_images, self._transient_every, self._serial = ring_images, transient_every, serial
        self._initialised = False
        self._fresh()

    def _fresh(self) -> None:
        """Take the state in which the library leaves a camera that it has just opened."""
        self.em_gain, self.shutter_open, self.advanced = 0, False, False
        self.read_mode, self.acquisition_mode, self.cooler_mode = 0, 1, 0
        self._fetched = self._tried = 0

    def __getattribute__(self, name: str) -> Any:
        """Let functions of the library fail before they do anything where all would fail."""
        found = super().__getattribute__(name)
        if name[0].isupper() and name not in ("Initialize", "ShutDown", "GetAvailableCameras", "GetTemperatureF"):
            return super().__getattribute__("_answering")(name, found)
        return found

    def _answering(self, name: str, function: Callable[..., int]) -> Callable[..., int]:
        def answer(*arguments: Any) -> int:
            if self._faults.active("camera_vanished") is not None and name != "GetStatus":
                return ERROR_ACK
            opening = name in ("GetCameraHandle", "SetCurrentCamera")
            if not self._initialised and not opening:
                return NOT_INITIALIZED
            if name.startswith("Set") and not opening and self._is_acquiring():
                return ACQUIRING
            return function(*arguments)

        return answer

    def _is_acquiring(self) -> bool:
        return self.sensor.running or self._faults.active("camera_acquiring") is not None

    # opening -------------------------------------------------------------------------------------------------

    def GetAvailableCameras(self, totalCameras: Any) -> int:
        put(totalCameras, 0 if self._faults.active("camera_vanished") is not None else 1)
        return OK

    def GetCameraHandle(self, cameraIndex: int, cameraHandle: Any) -> int:
        put(cameraHandle, HANDLE)
        return OK if cameraIndex == 0 else P1_INVALID

    def SetCurrentCamera(self, cameraHandle: int) -> int:
        return OK if cameraHandle == HANDLE else P1_INVALID

    def Initialize(self, _folder: bytes) -> int:
        self._initialised = True
        self._fresh()
        return OK

    def ShutDown(self) -> int:
        self.sensor.stop()
        self._initialised = self.shutter_open = False
        self.em_gain = 0
        if not self.cooler_mode:
            self._thermostat.switch(on=False)
        self._hang_up()
        return OK

    # what it is ----------------------------------------------------------------------------------------------

    def GetHeadModel(self, name: Any) -> int:
        put_text(name, f"DU897 ({SIMULATOR_MARK})")
        return OK

    def GetCameraSerialNumber(self, number: Any) -> int:
        put(number, self._serial)
        return OK

    def GetHardwareVersion(self, *numbers: Any) -> int:
        for number, value in zip(numbers, (0, 0, 0, 0, 7, 2), strict=True):
            put(number, value)
        return OK

    def GetDetector(self, xpixels: Any, ypixels: Any) -> int:
        rows, columns = self.sensor.shape
        put(xpixels, columns)
        put(ypixels, rows)
        return OK

    def GetPixelSize(self, xSize: Any, ySize: Any) -> int:
        put(xSize, self.sensor.pixel_um)
        put(ySize, self.sensor.pixel_um)
        return OK

    def GetBitDepth(self, channel: int, depth: Any) -> int:
        put(depth, FULL_SCALE.bit_length())
        return OK if channel == 0 else P1_INVALID

    # readout -------------------------------------------------------------------------------------------------

    def SetADChannel(self, channel: int) -> int:
        return OK if channel == 0 else P1_INVALID

    def SetOutputAmplifier(self, typ: int) -> int:
        return OK if typ in (0, 1) else P1_INVALID

    def SetHSSpeed(self, typ: int, index: int) -> int:
        return P1_INVALID if typ not in (0, 1) else OK if 0 <= index < 4 else P2_INVALID

    def SetPreAmpGain(self, index: int) -> int:
        return OK if 0 <= index < 3 else P1_INVALID

    def GetFastestRecommendedVSSpeed(self, index: Any, speed: Any) -> int:
        put(index, 1)
        put(speed, 0.5)
        return OK

    def SetVSSpeed(self, index: int) -> int:
        return OK if 0 <= index < 4 else P1_INVALID

    def SetVSAmplitude(self, index: int) -> int:
        return OK if 0 <= index < 5 else P1_INVALID

    def SetReadMode(self, mode: int) -> int:
        self.read_mode = mode
        return OK if mode in range(5) else P1_INVALID

    def SetImage(self, hbin: int, vbin: int, hstart: int, hend: int, vstart: int, vend: int) -> int:
        rows, columns = self.sensor.shape
        if (hbin, hstart, hend) != (1, 1, columns):
            return P1_INVALID
        if vstart != 1 or not 1 <= vbin <= vend <= rows or vend % vbin:
            return P2_INVALID
        self.sensor.row_bin, self.sensor.rows = vbin, vend
        return OK

    def SetFrameTransferMode(self, mode: int) -> int:
        return OK if mode in (0, 1) else P1_INVALID

    def SetTriggerMode(self, mode: int) -> int:
        return OK if mode in (0, 1, 6, 7, 9, 10, 12) else P1_INVALID

    # gain ----------------------------------------------------------------------------------------------------

    def SetEMGainMode(self, mode: int) -> int:
        return OK if mode in range(4) else P1_INVALID

    def SetEMAdvanced(self, state: int) -> int:
        self.advanced = bool(state)
        return OK

    def GetEMGainRange(self, low: Any, high: Any) -> int:
        put(low, 2)
        put(high, ADVANCED_GAIN if self.advanced else self.sensor.settings.highest_em_gain)
        return OK

    def SetEMCCDGain(self, gain: int) -> int:
        highest = ADVANCED_GAIN if self.advanced else self.sensor.settings.highest_em_gain
        if gain != 0 and not 2 <= gain <= highest:
            return P1_INVALID
        self.em_gain = gain
        return OK

    def GetEMCCDGain(self, gain: Any) -> int:
        put(gain, self.em_gain)
        return OK

    # cooling -------------------------------------------------------------------------------------------------

    def GetTemperatureRange(self, mintemp: Any, maxtemp: Any) -> int:
        put(mintemp, self.sensor.settings.lowest_c)
        put(maxtemp, self.sensor.settings.ambient_c)
        return OK

    def SetTemperature(self, temperature: int) -> int:
        self._thermostat.set_point(temperature)
        return OK

    def CoolerON(self) -> int:
        self._thermostat.switch(on=True)
        return OK

    def CoolerOFF(self) -> int:
        self._thermostat.switch(on=False)
        return OK

    def IsCoolerOn(self, iCoolerStatus: Any) -> int:
        if self._is_acquiring() and not self._temperature_while_acquiring:
            return ACQUIRING
        put(iCoolerStatus, self._thermostat.on)
        return OK

    def SetCoolerMode(self, mode: int) -> int:
        self.cooler_mode = mode
        return OK if mode in (0, 1) else P1_INVALID

    def SetFanMode(self, mode: int) -> int:
        return OK if mode in (0, 1, 2) else P1_INVALID

    def GetTemperatureF(self, temperature: Any) -> int:
        if self._faults.active("camera_vanished") is not None:
            put(temperature, GONE_C)
            return self._thermostat.code()
        if not self._initialised:
            return NOT_INITIALIZED
        if self._is_acquiring() and not self._temperature_while_acquiring:
            return ACQUIRING
        put(temperature, self._thermostat.temperature_c())
        return self._thermostat.code()
