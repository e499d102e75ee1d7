"""Always visible: whether light leaves the laser, whether it can pass to the sample, and whether something heats."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.instruments.words import Level, Sign
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View

TIP = "What the instruments say of light and heat, asked each second, whoever has switched them on."


@view("light", "Light and heat", Place.HEAD, order=10, tip=TIP)
class LightView(View):
    """Two parts of a line, in words, signs and colour."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.light, self.heat = SignLabel(desk.theme, bold=True), SignLabel(desk.theme, bold=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 8, 2)
        row.setSpacing(14)
        for label in (self.light, self.heat):
            label.setWordWrap(False)
            label.setToolTip(TIP)
            row.addWidget(label)

    def show_said(self, said: Said) -> None:
        """Show the newest; an old answer is none."""
        known = not {"status", "devices"} & set(said.problems)
        self.light.say(light_sign(said.devices, known=known))
        self.heat.say(heat_sign(said.devices, known=known))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for label in (self.light, self.heat):
            label.restyle(self.desk.theme)


def light_sign(devices: Sequence[Mapping[str, Any]] | None, *, known: bool = True) -> Sign:
    """Return whether there is laser light and where it can go.

    Parameters
    ----------
    devices : sequence of mapping or None
        As of `Session.devices`; None before the first answer.
    known : bool
        Whether that is the present state, rather than an old one.
    """
    laser, shutter = _of_role(devices, "laser"), _of_role(devices, "shutter")
    if devices is None or not known:
        return Sign("? light not known", Level.WARN)
    if laser is None:
        return Sign("")
    emission = None if _silent(laser) else laser.get("emission")
    if emission is None:
        return Sign("? laser not known", Level.WARN)
    if not emission:
        return Sign("○ laser off", Level.GOOD)
    return Sign(f"● LASER EMITS{_at_shutter(shutter)}", Level.WARN)


def heat_sign(devices: Sequence[Mapping[str, Any]] | None, *, known: bool = True) -> Sign:
    """Return whether the substrate is heated; parameters as of `light_sign`."""
    heater = _of_role(devices, "heater")
    if heater is None:
        return Sign("")
    if not known or _silent(heater):
        return Sign("? heating not known", Level.WARN)
    settings, readings = heater.get("settings", {}), heater.get("readings", {})
    if not readings.get("heating", settings.get("heating", False)):
        return Sign("○ heating off", Level.GOOD)
    setpoint_c = readings.get("setpoint_c", settings.get("setpoint_c"))
    return Sign("● HEATING" if setpoint_c is None else f"● HEATING to {setpoint_c:g} °C", Level.WARN)


def _at_shutter(shutter: Mapping[str, Any] | None) -> str:
    if shutter is None:
        return ""
    is_open = None if _silent(shutter) else shutter.get("readings", {}).get("open")
    return ", shutter ?" if is_open is None else ", shutter OPEN" if is_open else ", shutter shut"


def _of_role(devices: Sequence[Mapping[str, Any]] | None, role: str) -> Mapping[str, Any] | None:
    return next((device for device in devices or () if device.get("role") == role), None)


def _silent(device: Mapping[str, Any]) -> bool:
    return bool(device.get("problem")) or device.get("connected") is False
