"""A dot that others are compared with: its spectrum and count rate, remembered from day to day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from qtpy.QtCore import QSettings

from acquisition.gui.align.light import light_cps

_KEY = "align/reference"


@dataclass(frozen=True, slots=True)
class Reference:
    """A dot as it was seen.

    Attributes
    ----------
    name : str
        What it is called in the plots.
    rate_cps : float
        Count rate of the whole array, less the background if that was known.
    rate_error_cps : float
        Its standard error.
    spectrum_cps : tuple of float
        Count rate of each pixel.
    wavelength_nm : tuple of float
        Of each pixel; empty if it was not known.
    background_subtracted : bool
        Whether `rate_cps` is less the background.
    light : tuple
        Intensity in percent and pulse rate in Hz of the laser, and transmission of the attenuator; None for what the
        rig has not.
    """

    name: str
    rate_cps: float
    rate_error_cps: float
    spectrum_cps: tuple[float, ...]
    wavelength_nm: tuple[float, ...] = ()
    background_subtracted: bool = False
    light: tuple[float | None, ...] = ()

    @classmethod
    def of_panel(cls, name: str, panel: Mapping[str, Any], devices: Sequence[Mapping[str, Any]]) -> "Reference":
        """Return what the panel `alignment` shows now, under a name."""
        return cls(
            name,
            light_cps(panel),
            float(panel.get("rate_error_cps") or 0.0),
            tuple(float(rate) for rate in spectrum_cps(panel)),
            () if panel.get("wavelength_nm") is None else tuple(float(each) for each in panel["wavelength_nm"]),
            panel.get("background_cps") is not None,
            light_of(devices),
        )

    def unlike(self, panel: Mapping[str, Any], devices: Sequence[Mapping[str, Any]]) -> str:
        """Return why the present rate cannot be compared with this one; empty if it can."""
        if self.background_subtracted is (panel.get("background_cps") is None):
            return "one with, one without its background"
        return "" if self.light == light_of(devices) else "other laser light"

    def share_of(self, panel: Mapping[str, Any]) -> tuple[float, float] | None:
        """Return the present rate over this one, with its standard error; None if this one is not positive."""
        if self.rate_cps <= 0:
            return None
        value = light_cps(panel) / self.rate_cps
        return value, hypot(float(panel.get("rate_error_cps") or 0.0), value * self.rate_error_cps) / self.rate_cps


def light_of(devices: Sequence[Mapping[str, Any]]) -> tuple[float | None, ...]:
    """Return what decides how much light falls on the sample, from what `Session.devices` says."""
    by_role = {device.get("role"): {**(device.get("settings") or {})} for device in devices}
    laser, attenuator = by_role.get("laser", {}), by_role.get("attenuator", {})
    return laser.get("intensity_percent"), laser.get("repetition_rate_hz"), attenuator.get("transmission")


def spectrum_cps(panel: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the count rate of each pixel of the panel `alignment`, shape (pixels,)."""
    counts = np.asarray(panel["spectrum_counts"], dtype=np.float64)
    duration_s = float(panel.get("spectrum_s") or 1.0)
    return counts / duration_s


def remembered(settings: QSettings) -> Reference | None:
    """Return the reference that was kept last; None without one, or if it cannot be read."""
    try:
        return _KEPT.validate_json(str(settings.value(_KEY, "")))
    except ValidationError:
        return None


def remember(settings: QSettings, reference: Reference | None) -> None:
    """Keep a reference, or forget the one that was kept."""
    if reference is None:
        settings.remove(_KEY)
    else:
        settings.setValue(_KEY, _KEPT.dump_json(reference).decode())


_KEPT = TypeAdapter(Reference)
