"""What the steps of a sequence can set of an instrument: how it was set, how it reads back, and what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from acquisition.sequence.actions.laser import READ_BACK_TOLERANCE
from acquisition.sequence.actions.spectrograph import CENTRE_TOLERANCE_NM, SLIT_TOLERANCE_UM
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.camera import CameraLight, SpectrographCamera
from drivers.interfaces.device import Device, PlainValue
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.heater import HeatedSubstrate
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spectrograph import Grating, Spectrograph
from drivers.interfaces.stage import XYStage

SETPOINT_TOLERANCE_C = 0.06
"""How far a setpoint may read back from what was set: controllers hold tenths of a degree."""
POSITION_TOLERANCE_UM = 0.5
"""The same for a stage and a focus, in um: as far as drives with the loosest default stand off their goal."""

Values: TypeAlias = Mapping[str, PlainValue]
Ranges: TypeAlias = Mapping[str, Sequence[float]]
Control: TypeAlias = dict[str, Any]


def controls(
    device: Device, limits: Ranges, settings: Values, readings: Values, laser: LaserStatus | None
) -> dict[str, Control]:
    """Return what steps can set of an instrument, by the name that it has there, e.g. ``transmission_percent``.

    Parameters
    ----------
    device : Device
        The instrument; it is not asked.
    limits, settings, readings : mapping
        What it says of itself.
    laser : LaserStatus or None
        Its status, if it is a laser.

    Returns
    -------
    dict
        By name: ``set`` (as it was set last) and ``read`` (as it reads back), None where that is not known;
        ``declared``: whether ``read`` is only what a person has said; ``limits`` as [low, high] and ``choices`` (each
        with ``value`` and ``text``), None where there are none; ``tolerance``: how far a number may read back from
        what was set. Values are in the unit of their name.
    """
    found: dict[str, Control] = {}
    if isinstance(device, PulsedLaser) and laser is not None:
        found = _laser(device, limits, settings, laser)
    elif isinstance(device, Shutter):
        found = {"open": _control(settings.get("open"), readings.get("open"))}
    elif isinstance(device, Attenuator):
        found = {"transmission_percent": _transmission(limits, settings, readings)}
    elif isinstance(device, HeatedSubstrate):
        said = settings.get("setpoint_c"), readings.get("setpoint_c")
        allowed = limits.get("temperature_c")
        found = {"temperature_c": _control(*said, limits=allowed, tolerance=SETPOINT_TOLERANCE_C)}
    elif isinstance(device, SpectrographCamera):
        light = settings.get("light")
        found = {"light": _control(light, light, declared=True, choices=_LIGHTS)}
    elif isinstance(device, Spectrograph):
        found = _spectrograph(device, limits, settings, readings)
    elif isinstance(device, XYStage | FocusDrive):
        names = ("x_um", "y_um") if isinstance(device, XYStage) else ("z_um",)
        tolerance = settings.get("tolerance_um", POSITION_TOLERANCE_UM)
        found = {
            name: _control(settings.get(name), readings.get(name), limits=limits.get(name), tolerance=tolerance)
            for name in names
        }
    return found


_LIGHTS = [{"value": light.value, "text": light.value} for light in CameraLight]


def _control(
    set_to: PlainValue,
    read: PlainValue,
    *,
    limits: Sequence[float] | None = None,
    choices: list[dict[str, Any]] | None = None,
    tolerance: PlainValue = None,
    declared: bool = False,
) -> Control:
    allowed = None if limits is None else [*limits]
    return {
        "set": set_to, "read": read, "declared": declared and read is not None, "limits": allowed, "choices": choices,
        "tolerance": tolerance,
    }  # fmt: skip


def _laser(device: PulsedLaser, limits: Ranges, settings: Values, status: LaserStatus) -> dict[str, Control]:
    declared = device.declared
    numbers = {"repetition_rate_hz": status.repetition_rate_hz, "intensity_percent": status.intensity_percent}
    found = {
        name: _control(
            settings.get(name),
            read,
            limits=limits.get(name),
            tolerance=READ_BACK_TOLERANCE * max(abs(read), 1e-3),
            declared=name in declared,
        )
        for name, read in numbers.items()
    }
    emission = _control(settings.get("emission"), status.emission, declared="emission" in declared)
    return {**found, "emission": emission}


def _transmission(limits: Ranges, settings: Values, readings: Values) -> Control:
    """Return what passes an attenuator, in percent; one that is set by hand tells only what was declared."""
    by_hand = "transmission" not in readings
    set_to, read = settings.get("transmission"), (settings if by_hand else readings).get("transmission")
    percent = [100 * end for end in limits.get("transmission", (0.0, 1.0))]
    shown = _percent(set_to), _percent(read)
    return _control(*shown, limits=percent, tolerance=100 * READ_BACK_TOLERANCE, declared=by_hand)


def _percent(share: PlainValue) -> float | None:
    return round(100 * share, 9) if isinstance(share, int | float) else None


def _grating(grating: Grating) -> str:
    return f"{grating.lines_per_mm:g} lines/mm, blaze {grating.blaze}" if grating.lines_per_mm else "mirror"


def _spectrograph(device: Spectrograph, limits: Ranges, settings: Values, readings: Values) -> dict[str, Control]:
    turret = [{"value": each.number, "text": f"{each.number}: {_grating(each)}"} for each in device.gratings]
    found = {
        "grating": _control(settings.get("grating"), readings.get("grating"), choices=turret),
        "centre_nm": _control(
            settings.get("centre_nm"),
            readings.get("centre_nm"),
            limits=limits.get("centre_nm"),
            tolerance=CENTRE_TOLERANCE_NM,
        ),
    }
    if "slit_um" not in limits:
        return found
    slit = settings.get("slit_um"), readings.get("slit_um")
    return {**found, "slit_um": _control(*slit, limits=limits["slit_um"], tolerance=SLIT_TOLERANCE_UM)}
