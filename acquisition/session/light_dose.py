"""The light that has fallen on the sample in an alignment, from what the steps have set."""

from collections.abc import Mapping
from typing import Any

from acquisition.sequence import Setup

NAMES = ("intensity_percent", "emission", "shutter_open", "transmission_percent")
"""Values of steps that tell of the light."""


class LightDose:
    """Adds up light; looked at whenever something may have changed, and with each block.

    Parameters
    ----------
    setup : Setup
        How the instruments were found.
    metadata : mapping
        Of the run; may state the power at the sample.
    """

    def __init__(self, setup: Setup, metadata: Mapping[str, Any]) -> None:
        from acquisition.preflight.dose import DoseMeter, power_of  # brings the twin along, which takes a while

        self._known: dict[str, Any] = {name: getattr(setup, name) for name in NAMES}
        self._rate_hz = setup.repetition_rate_hz or 0.0
        self._meter, self._power = DoseMeter(), power_of(metadata)
        self._pulses = 0.0
        self._dark = False

    @property
    def lit(self) -> bool:
        """Whether light falls on the sample."""
        return self._percent > 0

    @property
    def _percent(self) -> float:
        """Intensity on the sample in percent of full power."""
        known = self._known
        if self._dark or not known["emission"] or known["shutter_open"] is False:
            return 0.0
        transmission = known["transmission_percent"]
        return float((known["intensity_percent"] or 0.0) * (1.0 if transmission is None else transmission / 100))

    def look(self, time_s: float) -> None:
        """Take note of the time, in s of the rig's clock."""
        before_s = self._meter.lit_s
        self._meter.look(time_s, self._percent)
        self._pulses += (self._meter.lit_s - before_s) * self._rate_hz

    def change(self, time_s: float, values: Mapping[str, Any]) -> None:
        """Take note of what a step has set."""
        self.look(time_s)
        self._known |= {name: values[name] for name in NAMES if name in values}
        self.look(time_s)

    def darken(self, time_s: float, *, dark: bool) -> None:
        """Take note that the light was taken off for a pause, or brought back."""
        self.look(time_s)
        self._dark = dark
        self.look(time_s)

    def pulse_at(self, rate_hz: float) -> None:
        """Take note of the rate at which the pulses come."""
        self._rate_hz = rate_hz

    def content(self) -> dict[str, Any]:
        """Return ``pulses``, ``percent_s``, ``uj`` (None: the power is not known) and ``light_on_s``."""
        meter, power = self._meter, self._power
        uj = None if power is None else power.energy_uj(meter.percent_s, meter.only_intensity_percent)
        return {"pulses": round(self._pulses), "percent_s": meter.percent_s, "uj": uj, "light_on_s": meter.lit_s}
