"""What an Andor camera is, and how it is put into a known state when it is opened."""

import math
from dataclasses import dataclass

from drivers.camera.andor_codes import OPTIONAL, Code
from drivers.camera.andor_settings import AndorReadoutSettings, AndorSdk2Settings
from drivers.camera.andor_wire import AndorWire
from drivers.camera.gain_protection import HIGHEST_EVERYDAY_GAIN
from drivers.interfaces.device import Limits
from drivers.interfaces.errors import CommunicationError, StateError
from drivers.wire.whose import check_whose

EM_AMPLIFIER = 0
REAL_GAIN = 3
"""Mode of `SetEMGainMode` in which the number is the factor (from others' drivers, unverified)."""

READ_IMAGE, SERIES_MODE, INTERNAL_TRIGGER = 4, 3, 0
SHUTTER_OPEN, SHUTTER_CLOSED = 1, 2
FANS = {"full": 0, "low": 1, "off": 2}


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the camera has said of itself; `shape` is (rows, columns) of a frame, `full_scale` its highest count."""

    model: str
    serial: str
    firmware: str
    shape: tuple[int, int]
    pixel_width_um: float
    full_scale: int
    temperature_c: Limits
    em_gain: Limits


def open_camera(wire: AndorWire, settings: AndorSdk2Settings) -> None:
    """Select the camera and initialise it.

    Raises
    ------
    CommunicationError
        If there is no such camera.
    """
    (cameras,) = wire.ints("GetAvailableCameras", 1)
    if settings.camera_index >= cameras:
        raise CommunicationError(
            wire.device,
            f"there are {cameras} Andor cameras, so none has camera_index {settings.camera_index} (from 0); check "
            "power, cable, and that no other program such as Solis holds it",
        )
    (handle,) = wire.ints("GetCameraHandle", 1, settings.camera_index)
    wire.do("SetCurrentCamera", handle)
    wire.do("Initialize", settings.sdk_folder.encode())


def set_gain_off(wire: AndorWire) -> None:
    """Switch the multiplication off; a camera that knows no 0 gets the lowest gain of its range."""
    if wire.do("SetEMCCDGain", 0, also={Code.P1_INVALID}) == Code.P1_INVALID:
        low, _ = wire.ints("GetEMGainRange", 2)
        wire.do("SetEMCCDGain", low)


def set_shutter(wire: AndorWire, settings: AndorSdk2Settings, *, is_open: bool) -> None:
    """Open or close the shutter for good; the camera does not tell where it stands."""
    high, closing, opening = settings.shutter_open_high, settings.shutter_closing_ms, settings.shutter_opening_ms
    mode = SHUTTER_OPEN if is_open else SHUTTER_CLOSED
    wire.do("SetShutter", int(high), mode, math.ceil(closing), math.ceil(opening))


def set_up(wire: AndorWire, settings: AndorSdk2Settings) -> CameraFacts:
    """Make an opened camera safe, set its readout, and return what it is.

    Raises
    ------
    StateError
        If it is not the camera that the rig file expects.
    DeviceError
        If it refuses a setting.
    """
    wire.do("AbortAcquisition", also={Code.IDLE})
    model = wire.text("GetHeadModel")
    check_whose(wire.device, model, simulated=settings.simulated)
    set_shutter(wire, settings, is_open=False)
    _set_readout(wire, settings.readout)
    wire.do("SetEMGainMode", REAL_GAIN)
    set_gain_off(wire)
    wire.do("SetEMAdvanced", int(settings.gain.permit_gain_above_300), also=OPTIONAL)
    wire.do("SetFanMode", FANS[settings.fan], also=OPTIONAL)
    (serial,) = wire.ints("GetCameraSerialNumber", 1)
    _check_serial(wire.device, serial, settings.serial_number)
    return _facts(wire, settings, model, serial)


def _check_serial(device: str, found: int, expected: int | None) -> None:
    if expected is not None and found != expected:
        raise StateError(
            device, f"is camera {found}, but the rig file expects {expected}; correct serial_number or camera_index"
        )


def _set_readout(wire: AndorWire, readout: AndorReadoutSettings) -> None:
    wire.do("SetADChannel", readout.ad_channel)
    wire.do("SetOutputAmplifier", EM_AMPLIFIER)
    wire.do("SetHSSpeed", EM_AMPLIFIER, readout.horizontal_shift_speed)
    wire.do("SetPreAmpGain", readout.preamp_gain)
    wire.do("SetVSSpeed", _vertical_speed(wire, readout))
    if readout.vertical_clock_amplitude is not None:
        wire.do("SetVSAmplitude", readout.vertical_clock_amplitude)


def _vertical_speed(wire: AndorWire, readout: AndorReadoutSettings) -> int:
    if readout.vertical_shift_speed is not None:
        return readout.vertical_shift_speed
    return wire.fastest_vertical_speed()


def _facts(wire: AndorWire, settings: AndorSdk2Settings, model: str, serial: int) -> CameraFacts:
    columns, rows = wire.ints("GetDetector", 2)
    row_bin = settings.readout.row_bin
    shape = (rows // row_bin, columns)
    if min(shape) < 1:
        raise StateError(wire.device, f"has {rows} rows, so row_bin = {row_bin} leaves none; choose a smaller row_bin")
    wire.do("SetTriggerMode", INTERNAL_TRIGGER)
    wire.do("SetReadMode", READ_IMAGE)
    wire.do("SetImage", 1, row_bin, 1, columns, 1, shape[0] * row_bin)
    wire.do("SetFrameTransferMode", int(settings.readout.frame_transfer), also=OPTIONAL)
    (depth,) = wire.ints("GetBitDepth", 1, settings.readout.ad_channel)
    coldest, warmest = wire.ints("GetTemperatureRange", 2)
    _, highest = wire.ints("GetEMGainRange", 2)
    if not 8 <= depth <= 16 or coldest >= warmest or highest <= 1:
        raise StateError(
            wire.device,
            f"tells a converter of {depth} bits, {coldest} ... {warmest} degC and EM gain up to {highest}; an EMCCD "
            "with 8 ... 16 bits is needed: check which camera it is",
        )
    allowed = highest if settings.gain.permit_gain_above_300 else min(highest, HIGHEST_EVERYDAY_GAIN)
    return CameraFacts(
        model,
        str(serial),
        wire.firmware(),
        shape,
        wire.floats("GetPixelSize", 2)[0],
        2**depth - 1,
        Limits(coldest, warmest),
        Limits(1.0, float(allowed)),
    )
