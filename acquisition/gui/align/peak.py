"""The highest count rate since the last reset, and where it was: what an operator turns knobs for."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peak:
    """A count rate that was not exceeded.

    Attributes
    ----------
    rate_cps : float
    place_um : tuple of float or None
        Where the stage was, if the rig has one.
    """

    rate_cps: float
    place_um: tuple[float, float] | None = None


class PeakHold:
    """Keeps the highest count rate that is told to it; a rate must exceed the peak by its own error to replace it.

    Without that rule, the peak of a constant rate would creep up with the luckiest of many noisy values.
    """

    def __init__(self) -> None:
        self.peak: Peak | None = None

    def see(self, rate_cps: float, error_cps: float, place_um: tuple[float, float] | None = None) -> None:
        """Take a count rate with its standard error, both in counts/s, and where the stage is, in um."""
        if self.peak is None or rate_cps - error_cps > self.peak.rate_cps:
            self.peak = Peak(rate_cps, place_um)

    def reset(self) -> None:
        """Forget the peak."""
        self.peak = None


def place_of(devices: "tuple[Mapping[str, object], ...] | None") -> tuple[float, float] | None:
    """Return where the stage stands, in um, from what `Session.devices` says; None without a stage."""
    for device in devices or ():
        if device.get("role") != "stage":
            continue
        said: dict[str, object] = {}
        for part in ("settings", "readings"):
            found = device.get(part)
            said |= dict(found) if isinstance(found, Mapping) else {}
        x_um, y_um = said.get("x_um"), said.get("y_um")
        if isinstance(x_um, int | float) and isinstance(y_um, int | float):
            return float(x_um), float(y_um)
    return None
