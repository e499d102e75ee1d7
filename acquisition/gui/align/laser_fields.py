"""Intensity and pulse rate of the laser, beside the light that they make."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QFormLayout, QWidget

from acquisition.config.model import unit_of
from acquisition.gui.forms.quantity_field import QuantityField
from acquisition.gui.view import Desk
from acquisition.sequence.steps import SetLaser

_FIELDS = {
    "intensity_percent": (
        "Intensity",
        "Share of the full light of the laser; Enter sets it. More light bleaches faster.",
    ),
    "repetition_rate_hz": (
        "Pulse rate",
        "Pulses per second; Enter sets it. The pulses must lie farther apart than the emission lasts.",
    ),
}


class LaserFields(QWidget):
    """Two fields that set the laser when a value is complete, and show what it says else.

    Parameters
    ----------
    desk : Desk
        By which a value reaches the session.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.fields: dict[str, QuantityField] = {}
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        for key, (title, tip) in _FIELDS.items():
            unit = unit_of(SetLaser.model_fields[key])
            if unit is None:
                raise TypeError(f"{key} of set_laser has no unit")
            field = self.fields[key] = QuantityField(unit, optional=True)
            field.set_tip(tip)
            field.committed.connect(lambda value, key=key: self._set(key, value))
            rows.addRow(title, field)

    def show_state(self, devices: tuple[Mapping[str, Any], ...], *, usable: bool) -> None:
        """Show what the laser is set to, with its limits; hidden without a laser."""
        laser = next((device for device in devices if device["role"] == "laser"), None)
        self.setVisible(laser is not None)
        if laser is None:
            return
        for key, field in self.fields.items():
            field.setEnabled(usable)
            low, high = (laser.get("limits") or {}).get(key, (None, None))
            if (low, high) != (field.low, field.high):
                field.set_limits(low, high)
            value = (laser.get("settings") or {}).get(key)
            if value is not None:
                field.show_value(value)

    def _set(self, key: str, value: Any) -> None:
        if value is not None:
            self._desk.commands.do("do_step", {"kind": "set_laser", key: value})
