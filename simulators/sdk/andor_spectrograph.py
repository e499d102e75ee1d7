"""A double of Andor's spectrograph library for one spectrograph with a turret of gratings.

Functions have the names and parameters of the library; numbers come as Python numbers, pointers as ctypes makes
them. Written from the public description of the library, not from the driver.
"""

# Names of methods and parameters are those of the library, whose manual describes them.
# ruff: noqa: D102, N802, N803

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivers.wire.whose import SIMULATOR_MARK
from simulators.sdk.pointers import put, put_array, put_text
from simulators.sdk.scene import Faults
from simulators.widefield import WidefieldSettings

COMMUNICATION_ERROR, OK, ERROR = 20201, 20202, 20249
P1_INVALID, P2_INVALID, P3_INVALID = 20266, 20267, 20268
NOT_INITIALIZED, NOT_AVAILABLE = 20275, 20292

FOCAL_MM = 328.0
HIGHEST_NM_LINES = 1_600_000.0
"""Product of highest centre wavelength and lines per mm: how far the turret turns."""

FEWEST_PIXELS = 8
LONGEST_BLOCK_S = 30.0

DEFAULT_GRATINGS = ((150.0, "500"), (300.0, "760"), (0.0, "Mirror"))
DEFAULT_CENTRE_NM = 690.0


@dataclass(frozen=True, slots=True)
class SpectrographOptics:
    """What a simulated spectrograph has: gratings (lines per mm, blaze), slit and shutter; focus to sample scale."""

    gratings: tuple[tuple[float, str], ...] = DEFAULT_GRATINGS
    motorised_slit: bool = True
    shutter: bool = True
    magnification: float = 100.0


class AndorSpectrographDouble:
    """One spectrograph and its library, as `drivers.spectrograph.atspectrograph.load` would return it.

    Parameters
    ----------
    faults : Faults
        What is broken.
    optics : SpectrographOptics, optional
        What it has.
    unreachable : callable, optional
        Whether it cannot be reached now, as one on the camera's I2C bus while the camera acquires.
    spad_bias : callable, optional
        Whether a SPAD array that looks into the same spectrograph has its bias on: the position lights of a
        move then harm it.
    hang_up : callable
        Called when the library is left: closes what it knows the bench by.
    """

    def __init__(
        self,
        faults: Faults,
        optics: SpectrographOptics | None = None,
        *,
        unreachable: Callable[[], bool] = lambda: False,
        spad_bias: Callable[[], bool] = lambda: False,
        hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._hang_up = hang_up
        self._faults, self.optics = faults, optics or SpectrographOptics()
        self.unreachable, self.spad_bias = unreachable, spad_bias
        self.grating, self.centre_nm, self.slit_um, self.shutter_mode = 1, DEFAULT_CENTRE_NM, 100.0, 0
        self.harmed = self._initialised = False
        self._pixel_um, self._pixels, self._errors = 0.0, 0, 0
        self.calibration_blocks = threading.Event()
        self.unblock = threading.Event()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of the spectrograph."""
        return {
            "grating": self.grating,
            "centre_nm": self.centre_nm,
            "slit_um": self.slit_um,
            "shutter_mode": self.shutter_mode,
            "harmed": self.harmed,
        }

    def light_path(self, widefield: WidefieldSettings, columns: int, pixel_um: float) -> WidefieldSettings:
        """Return the light path of a camera behind this spectrograph as it stands."""
        step_nm = self._step_nm(pixel_um)
        if step_nm is None:
            return widefield
        first_nm = max(1.0, self.centre_nm - step_nm * (columns - 1) / 2)
        slit_um = self.slit_um / self.optics.magnification
        return widefield.model_copy(update={"first_column_nm": first_nm, "column_step_nm": step_nm, "slit_um": slit_um})

    def _step_nm(self, pixel_um: float) -> float | None:
        """Return nm per pixel in the focal plane, for small angles; None with the mirror."""
        lines = self.optics.gratings[self.grating - 1][0]
        return pixel_um * 1e3 / (lines * FOCAL_MM) if lines else None

    def _answer(self, device: int) -> int:
        """Return what every function returns before it does anything."""
        if not self._initialised:
            return NOT_INITIALIZED
        if self.unreachable():
            return COMMUNICATION_ERROR
        return OK if device == 0 else P1_INVALID

    def _moved(self) -> int:
        """Return the code of a move that was made: sometimes an error all the same."""
        self.harmed |= self.spad_bias()
        fault = self._faults.active("spectrograph_communication")
        if fault is None:
            self._errors = 0
            return OK
        self._errors += 1
        return COMMUNICATION_ERROR if self._errors <= fault["times"] else OK

    def ShamrockInitialize(self, IniPath: bytes) -> int:
        self._initialised = True
        return OK

    def ShamrockClose(self) -> int:
        self._initialised = False
        self._hang_up()
        return OK

    def ShamrockGetNumberDevices(self, nodevices: Any) -> int:
        put(nodevices, 1)
        return OK if self._initialised else NOT_INITIALIZED

    def ShamrockGetSerialNumber(self, device: int, serial: Any) -> int:
        put_text(serial, f"KY-1 ({SIMULATOR_MARK})")
        return self._answer(device)

    def ShamrockGetNumberGratings(self, device: int, noGratings: Any) -> int:
        put(noGratings, len(self.optics.gratings))
        return self._answer(device)

    def ShamrockGetGratingInfo(self, device: int, Grating: int, Lines: Any, Blaze: Any, Home: Any, Offset: Any) -> int:
        if not 1 <= Grating <= len(self.optics.gratings):
            return P2_INVALID
        lines, blaze = self.optics.gratings[Grating - 1]
        put(Lines, lines)
        put_text(Blaze, blaze)
        put(Home, 0)
        put(Offset, 0)
        return self._answer(device)

    def ShamrockSetGrating(self, device: int, grating: int) -> int:
        code = self._answer(device)
        if code != OK:
            return code
        if not 1 <= grating <= len(self.optics.gratings):
            return P2_INVALID
        self.grating = grating
        return self._moved()

    def ShamrockGetGrating(self, device: int, grating: Any) -> int:
        put(grating, self.grating)
        return self._answer(device)

    def _limits_nm(self, grating: int) -> tuple[float, float]:
        lines = self.optics.gratings[grating - 1][0]
        return 0.0, HIGHEST_NM_LINES / lines if lines else 1.0

    def ShamrockSetWavelength(self, device: int, wavelength: float) -> int:
        code = self._answer(device)
        if code != OK:
            return code
        low, high = self._limits_nm(self.grating)
        if not low <= wavelength <= high:
            return P2_INVALID
        self.centre_nm = round(wavelength, 2)  # steps of the turret
        return self._moved()

    def ShamrockGetWavelength(self, device: int, wavelength: Any) -> int:
        put(wavelength, self.centre_nm)
        return self._answer(device)

    def ShamrockGetWavelengthLimits(self, device: int, Grating: int, Min: Any, Max: Any) -> int:
        if not 1 <= Grating <= len(self.optics.gratings):
            return P2_INVALID
        low, high = self._limits_nm(Grating)
        put(Min, low)
        put(Max, high)
        return self._answer(device)

    def ShamrockAutoSlitIsPresent(self, device: int, index: int, present: Any) -> int:
        put(present, self.optics.motorised_slit and index == 1)
        return self._answer(device)

    def ShamrockSetAutoSlitWidth(self, device: int, index: int, width: float) -> int:
        code = self._answer(device)
        if code != OK:
            return code
        if not self.optics.motorised_slit or index != 1:
            return NOT_AVAILABLE
        if not 10 <= width <= 2500:
            return P3_INVALID
        self.slit_um = round(width)
        return self._moved()

    def ShamrockGetAutoSlitWidth(self, device: int, index: int, width: Any) -> int:
        put(width, self.slit_um)
        return self._answer(device)

    def ShamrockShutterIsPresent(self, device: int, present: Any) -> int:
        put(present, self.optics.shutter)
        return self._answer(device)

    def ShamrockSetShutter(self, device: int, mode: int) -> int:
        code = self._answer(device)
        if code != OK:
            return code
        if not self.optics.shutter:
            return NOT_AVAILABLE
        self.shutter_mode = mode
        return OK if mode in (0, 1, 2) else P2_INVALID

    def ShamrockGetShutter(self, device: int, mode: Any) -> int:
        put(mode, self.shutter_mode)
        return self._answer(device)

    def ShamrockSetPixelWidth(self, device: int, Width: float) -> int:
        self._pixel_um = Width
        return self._answer(device) if Width > 0 else P2_INVALID

    def ShamrockSetNumberPixels(self, device: int, NumberPixels: int) -> int:
        self._pixels = NumberPixels
        return self._answer(device) if NumberPixels > 0 else P2_INVALID

    def ShamrockGetCalibration(self, device: int, CalibrationValues: Any, NumberPixels: int) -> int:
        if self.calibration_blocks.is_set():
            self.unblock.wait(LONGEST_BLOCK_S)
        step_nm = self._step_nm(self._pixel_um)
        if step_nm is None:
            return ERROR
        if NumberPixels != self._pixels:
            return P3_INVALID
        places = np.arange(NumberPixels) - (NumberPixels - 1) / 2
        nonsense = NumberPixels < FEWEST_PIXELS
        values = np.zeros(NumberPixels) if nonsense else self.centre_nm + step_nm * places
        put_array(CalibrationValues, values.astype(np.float32))
        return self._answer(device)
