"""A dot that others are compared with: its spectrum and count rate, remembered from day to day."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
    spectrum_cps : tuple of float
        Count rate of each pixel.
    """

    name: str
    rate_cps: float
    spectrum_cps: tuple[float, ...]

    @classmethod
    def of_panel(cls, name: str, panel: Mapping[str, Any]) -> "Reference":
        """Return what the panel `alignment` shows now, under a name."""
        return cls(name, light_cps(panel), tuple(float(rate) for rate in spectrum_cps(panel)))


def spectrum_cps(panel: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the count rate of each pixel of the panel `alignment`, shape (pixels,)."""
    counts = np.asarray(panel["spectrum_counts"], dtype=np.float64)
    duration_s = float(panel.get("spectrum_s") or 1.0)
    return counts / duration_s


def remembered(settings: QSettings) -> Reference | None:
    """Return the reference that was kept last; None without one, or if it cannot be read."""
    try:
        said = json.loads(str(settings.value(_KEY, "")))
        return Reference(
            str(said["name"]), float(said["rate_cps"]), tuple(float(rate) for rate in said["spectrum_cps"])
        )
    except (ValueError, KeyError, TypeError):
        return None


def remember(settings: QSettings, reference: Reference | None) -> None:
    """Keep a reference, or forget the one that was kept."""
    if reference is None:
        settings.remove(_KEY)
    else:
        settings.setValue(_KEY, json.dumps(asdict(reference)))
