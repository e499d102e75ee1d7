"""Which limits of the rig a sequence comes near to."""

from acquisition.rig.twin import TwinRig
from drivers.interfaces.device import Limits

NEAR = 0.05
"""What comes within this share of a limit touches it."""


class LimitWatch:
    """Looks at the settings of a twin and keeps those that come near to a limit, the nearest of each.

    Parameters
    ----------
    twin : TwinRig
    """

    def __init__(self, twin: TwinRig) -> None:
        self._twin = twin
        self._touched: dict[str, tuple[float, str]] = {}

    @property
    def touched(self) -> tuple[str, ...]:
        """What comes near to its limit, in words."""
        return tuple(text for _, text in self._touched.values())

    def look(self) -> None:
        """Look at laser, heater and stage as they are set now."""
        twin = self._twin
        laser = twin.laser.status()
        if laser.emission:
            limit = twin.laser.limits["intensity_percent"].high
            text = f"{laser.intensity_percent:g} %; at most {limit:g} % are allowed"
            self._add("laser intensity", laser.intensity_percent, limit, text)
        heater = twin.heater
        setpoint_c = None if heater is None else heater.status().setpoint_c
        lowest = twin.limits.lowest_temperature_c(heater)
        if setpoint_c is not None and lowest is not None:
            limit_c, part = lowest
            self._add(
                "temperature", setpoint_c, limit_c, f"{setpoint_c:g} degC; {part} stands at most {limit_c:g} degC"
            )
        if twin.stage is not None:
            for name, value in zip(("x_um", "y_um"), twin.stage.position_um(), strict=True):
                self._place(f"stage {name[0]}", value, twin.stage.limits[name])

    def count_rate(self, count_rate_cps: float) -> None:
        """Look at the expected count rate of an acquisition."""
        limit_cps = self._twin.limits.count_rate_cps
        if limit_cps is not None:
            text = f"{count_rate_cps:.4g} counts/s; the rig allows {limit_cps:.4g} counts/s"
            self._add("count rate", count_rate_cps, limit_cps, text)

    def _place(self, what: str, value_um: float, limits: Limits) -> None:
        span_um = limits.high - limits.low
        near_um = min(value_um - limits.low, limits.high - value_um)
        text = f"{value_um:.4g} um; {limits.low:g} ... {limits.high:g} um can be reached"
        self._add(what, span_um - near_um, span_um, text)

    def _add(self, what: str, value: float, limit: float, text: str) -> None:
        nearness = (limit - value) / abs(limit) if limit else -value
        if nearness <= NEAR and (what not in self._touched or nearness < self._touched[what][0]):
            self._touched[what] = nearness, f"{what}: {text}"
