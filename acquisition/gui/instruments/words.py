"""What the cards say: identity, state, and how a setting reads back, in words that need no colour."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from acquisition.numbers import with_unit

Values: TypeAlias = Mapping[str, Any]

TITLES: Mapping[str, str] = {
    "laser": "Laser",
    "shutter": "Shutter",
    "attenuator": "Attenuator",
    "spad_array": "SPAD array",
    "camera": "Camera",
    "spectrograph": "Spectrograph",
    "heater": "Heater",
    "stage": "Stage",
    "focus": "Focus",
    "power_meter": "Power meter",
}
"""Name of each role for people, in the order of the cards."""


class Level(StrEnum):
    """How much attention something needs; the words say it too."""

    PLAIN = "text"
    FAINT = "faint"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sign:
    """A text and how much attention it needs."""

    text: str
    level: Level = Level.PLAIN


def title_of(role: str) -> str:
    """Return the name of a role for people."""
    return TITLES.get(role, role.replace("_", " ").capitalize())


def identity_of(device: Values) -> str:
    """Return who an instrument says it is, on one line."""
    who = " ".join(str(device[key]) for key in ("manufacturer", "model") if device.get(key))
    more = [
        f"{word} {device[key]}" for key, word in (("serial", "serial"), ("firmware", "firmware")) if device.get(key)
    ]
    return " · ".join([who or "identity not known", *more])


def state_of(device: Values, *, lost: bool = False) -> Sign:
    """Return what an instrument is doing, the most important first."""
    if lost or device.get("connected") is False:
        return Sign("✗ NOT CONNECTED", Level.BAD)
    if device.get("problem"):
        return Sign("✗ NO ANSWER", Level.BAD)
    tell = _STATES.get(str(device.get("role")))
    return Sign("connected", Level.FAINT) if tell is None else tell(device)


def _laser(device: Values) -> Sign:
    if device.get("interlock_closed") is False:
        return Sign("✗ interlock open: no emission possible", Level.WARN)
    emission = device.get("emission")
    if emission is None:
        return Sign("emission not known", Level.WARN)
    by_whom = " (as a person said)" if device.get("emission_declared") else ""
    return Sign(f"● LASER EMITS{by_whom}", Level.WARN) if emission else Sign(f"○ emission off{by_whom}", Level.GOOD)


def _shutter(device: Values) -> Sign:
    is_open = device.get("readings", {}).get("open")
    if is_open is None:
        return Sign("position not known", Level.WARN)
    return Sign("● OPEN: laser light can pass", Level.WARN) if is_open else Sign("○ shut", Level.GOOD)


def _heater(device: Values) -> Sign:
    readings = device.get("readings", {})
    now_c, setpoint_c = readings.get("temperature_c"), readings.get("setpoint_c")
    now = "temperature not known" if now_c is None else f"{now_c:.1f} °C"
    if readings.get("alarm"):
        return Sign(f"✗ ALARM: {readings['alarm']} ({now})", Level.BAD)
    if not readings.get("heating", device.get("settings", {}).get("heating", False)):
        return Sign(f"○ heating off, {now}", Level.GOOD)
    goal = "with constant power" if setpoint_c is None else f"to {setpoint_c:g} °C"
    return Sign(f"● HEATING {goal}, {now}", Level.WARN)


def _spad_array(device: Values) -> Sign:
    bias = {**device.get("settings", {}), **device.get("readings", {})}.get("bias")
    if bias is None:
        return Sign("bias not known", Level.WARN)
    return (
        Sign("● BIAS ON: counts photons, keep room light off", Level.WARN) if bias else Sign("○ bias off", Level.GOOD)
    )


def _camera(device: Values) -> Sign:
    known = {**device.get("settings", {}), **device.get("readings", {})}
    gain = known.get("em_gain")
    cold = "cooled" if known.get("cooler") else "not cooled"
    sensor = "" if known.get("temperature_c") is None else f"{known['temperature_c']:.1f} °C, "
    rest = f"{sensor}{cold}" + (", takes frames" if known.get("acquiring") else "")
    if gain is not None and gain > 1:
        return Sign(f"● EM GAIN {gain:g}, {rest}", Level.WARN)
    return Sign(f"○ EM gain off, {rest}", Level.GOOD)


def _moving(device: Values) -> Sign:
    readings = device.get("readings", {})
    place = ", ".join(
        f"{name[0]} {readings[name]:.2f} µm" for name in ("x_um", "y_um", "z_um") if _known(readings, name)
    )
    return Sign(f"▶ moving: {place}", Level.WARN) if readings.get("moving") else Sign(place or "place not known")


def _spectrograph(device: Values) -> Sign:
    readings = device.get("readings", {})
    shut = ", its shutter shut" if readings.get("shutter_open") is False else ""
    return Sign(f"{with_unit('centre_nm', readings.get('centre_nm'))}, grating {readings.get('grating', '–')}{shut}")


def _attenuator(device: Values) -> Sign:
    control = device.get("controls", {}).get("transmission_percent", {})
    read = control.get("read")
    return Sign(
        "transmission not known" if read is None else f"{with_unit('transmission_percent', read)} of the light pass"
    )


def _power_meter(device: Values) -> Sign:
    return Sign(with_unit("power_w", device.get("readings", {}).get("power_w"), 4))


def _known(values: Values, name: str) -> bool:
    return isinstance(values.get(name), int | float)


_STATES: Mapping[str, Callable[[Values], Sign]] = {
    "laser": _laser, "shutter": _shutter, "heater": _heater, "spad_array": _spad_array, "camera": _camera,
    "stage": _moving, "focus": _moving, "spectrograph": _spectrograph, "attenuator": _attenuator,
    "power_meter": _power_meter,
}  # fmt: skip


_POSITIONS = {"open": ("shut", "open")}


def agrees(control: Values, wanted: Any) -> bool:
    """Return whether what reads back is what was set, within the tolerance of the setting; True if nothing reads."""
    read, tolerance = control.get("read"), control.get("tolerance")
    if read is None or wanted is None:
        return True
    if isinstance(read, bool) or isinstance(wanted, bool) or tolerance is None:
        return bool(read == wanted)
    return bool(abs(read - wanted) <= tolerance + 1e-9 * abs(wanted))


def control_words(name: str, control: Values, last: Any, *, moving: bool = False) -> Sign:
    """Return how a setting was set last and how it reads back, and whether that agrees.

    Parameters
    ----------
    name : str
        Of the setting, with its unit.
    control : mapping
        As of `acquisition.session.device_controls.controls`.
    last : object
        What this window has set last, for instruments that do not tell; None if nothing.
    moving : bool
        Whether the instrument is on its way.
    """
    wanted = last if control.get("set") is None else control["set"]
    read = control.get("read")
    if read is None:
        text = "not set yet" if wanted is None else f"set {_shown(name, control, wanted)}, cannot be read back"
        return Sign(text, Level.FAINT)
    reads = f"{'declared' if control.get('declared') else 'reads'} {_shown(name, control, read)}"
    if wanted is None:
        return Sign(reads, Level.FAINT)
    text = f"set {_shown(name, control, wanted)} · {reads}"
    if agrees(control, wanted):
        return Sign(f"✓ {text}", Level.GOOD)
    return Sign(f"▶ on its way: {text}", Level.WARN) if moving else Sign(f"✗ NOT AS SET: {text}", Level.BAD)


def range_words(name: str, control: Values) -> str:
    """Return what is allowed; empty if that is not known."""
    if not control.get("limits"):
        return ""
    low, high = (with_unit(name, end) for end in control["limits"])
    number, _, unit = low.partition(" ")
    return f"{number if unit == high.partition(' ')[2] or number == '0' else low} … {high}"


def _shown(name: str, control: Values, value: Any) -> str:
    texts = {choice["value"]: str(choice["text"]).split(",")[0] for choice in control.get("choices") or ()}
    if isinstance(value, bool):
        return _POSITIONS.get(name, ("off", "on"))[value]
    return texts.get(value) or with_unit(name, value)
