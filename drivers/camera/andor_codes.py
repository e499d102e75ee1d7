"""What the numbers that Andor's SDK2 returns mean: done, a state, worth another try, or an error.

Numbers from a public list of the vendor's header and from drivers used on hardware; unverified on hardware here.
"""

from enum import IntEnum

from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, RangeError, StateError


class Code(IntEnum):
    """Returned by every function of the SDK; also the states that `GetStatus` tells."""

    SUCCESS = 20002
    ERROR_ACK = 20013
    BUFFER_FULL = 20018
    FIFO_FULL = 20019
    KINETIC_TIME_NOT_MET = 20022
    ACCUMULATION_TIME_NOT_MET = 20023
    NO_NEW_DATA = 20024
    TEMPERATURE_OFF = 20034
    TEMPERATURE_NOT_STABILISED = 20035
    TEMPERATURE_STABILISED = 20036
    TEMPERATURE_NOT_REACHED = 20037
    TEMPERATURE_DRIFT = 20040
    P1_INVALID = 20066
    P2_INVALID = 20067
    P3_INVALID = 20068
    P4_INVALID = 20069
    ACQUIRING = 20072
    IDLE = 20073
    TEMPERATURE_CYCLE = 20074
    NOT_INITIALISED = 20075
    USB_ERROR = 20089
    INVALID_TRIGGER_MODE = 20095
    NO_CAMERA = 20990
    NOT_SUPPORTED = 20991
    NOT_AVAILABLE = 20992


TEMPERATURE_STATES = frozenset(
    {
        Code.TEMPERATURE_OFF,
        Code.TEMPERATURE_NOT_STABILISED,
        Code.TEMPERATURE_STABILISED,
        Code.TEMPERATURE_NOT_REACHED,
        Code.TEMPERATURE_DRIFT,
    }
)
"""What `GetTemperatureF` returns beside the temperature; no errors."""

TRANSIENT = frozenset({Code.NO_NEW_DATA, Code.P2_INVALID})
"""Seen now and then when an image is fetched that is there; another try gets it."""

OPTIONAL = frozenset({Code.NOT_SUPPORTED, Code.NOT_AVAILABLE})
"""The camera has no such part."""

_GONE = frozenset({Code.ERROR_ACK, Code.NOT_INITIALISED, Code.USB_ERROR, Code.NO_CAMERA})
_REFUSED = {Code.P1_INVALID: 1, Code.P2_INVALID: 2, Code.P3_INVALID: 3, Code.P4_INVALID: 4}
_TIMING = frozenset({Code.KINETIC_TIME_NOT_MET, Code.ACCUMULATION_TIME_NOT_MET, Code.INVALID_TRIGGER_MODE})
_LOST = frozenset({Code.BUFFER_FULL, Code.FIFO_FULL})


class CameraVanishedError(CommunicationError):
    """The camera does not answer any more; it must be connected again."""


def vanished(device: str, how: str) -> CameraVanishedError:
    """Return the error of a camera that is gone."""
    return CameraVanishedError(
        device, f"has vanished ({how}); check its power and USB cable, then reconnect it. EM gain and shutter unknown"
    )


def named(code: int) -> str:
    """Return a code as text, with its name if it has one."""
    return f"{code} {Code(code).name}" if code in set(Code) else str(code)


def error_of(device: str, function: str, code: int) -> DeviceError:
    """Return the error that a code means, naming the function that returned it."""
    said = f"{function} returned {named(code)}"
    if code in _GONE:
        return vanished(device, said)
    if code == Code.ACQUIRING:
        return StateError(device, f"is acquiring ({said}); close the running acquisition, or that of another program")
    if code == Code.TEMPERATURE_CYCLE:
        return StateError(device, f"is on its way between two temperatures ({said}); wait and try again")
    if code in _REFUSED:
        return RangeError(device, f"refuses parameter {_REFUSED[Code(code)]} ({said}); check its settings")
    if code in _TIMING:
        return RangeError(device, f"cannot keep this timing or trigger ({said}); change exposure or readout settings")
    if code in OPTIONAL:
        return StateError(device, f"has no such function ({said}); remove the setting from the rig file")
    if code in _LOST:
        return FaultError(device, f"could not hand its data on in time ({said}): frames are lost; expose longer")
    return CommunicationError(device, f"{said}; reconnect it, and look the number up in the manual of the SDK")
