"""Laser light that falls on the sample: in percent of full power times seconds, and in joules where that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acquisition.sequence.metadata import AT_PERCENT, POWER

__all__ = ["AT_PERCENT", "POWER", "DoseMeter", "Power", "power_of"]


@dataclass(frozen=True, slots=True)
class Power:
    """The mean power at the sample as it was measured, in uW, at an intensity in percent (None: that of all points)."""

    power_uw: float
    at_percent: float | None

    def energy_uj(self, dose_percent_s: float, intensity_percent: float) -> float | None:
        """Return the energy of a dose in uJ, the power being proportional to the intensity.

        Parameters
        ----------
        dose_percent_s : float
            Intensity times time.
        intensity_percent : float
            At which the power holds if it was not said; 0 if there are several.
        """
        at_percent = self.at_percent or intensity_percent
        return None if at_percent <= 0 else self.power_uw * dose_percent_s / at_percent


def power_of(metadata: Mapping[str, Any]) -> Power | None:
    """Return the power at the sample that the metadata of a sequence state; None if they do not."""
    power_uw, at_percent = (_positive(metadata.get(name)) for name in (POWER, AT_PERCENT))
    return None if power_uw is None else Power(power_uw, at_percent)


def _positive(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


class DoseMeter:
    """Adds up the light on the sample; looked at whenever something may have changed."""

    def __init__(self) -> None:
        self.percent_s = 0.0
        self.lit_s = 0.0
        self.intensities: set[float] = set()
        self._since_s: float | None = None
        self._percent = 0.0

    @property
    def only_intensity_percent(self) -> float:
        """The intensity if there was only one, else 0."""
        return next(iter(self.intensities)) if len(self.intensities) == 1 else 0.0

    def look(self, time_s: float, percent: float) -> None:
        """Take note of the intensity that falls on the sample from now on; until now it was that of the last look."""
        if self._since_s is not None and time_s > self._since_s and self._percent > 0:
            self.percent_s += self._percent * (time_s - self._since_s)
            self.lit_s += time_s - self._since_s
            self.intensities.add(self._percent)
        self._since_s, self._percent = time_s, percent
