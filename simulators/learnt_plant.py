"""A heated substrate that takes as long to settle as substrates of its kind were seen to take."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from simulators.plant import PlantSettings, ThermalPlant

SettleTime: TypeAlias = Callable[[float, float], float | None]
"""From a temperature to another, both in degC: the time in s until it is there; None where that is not known."""


class LearntPlant(ThermalPlant):
    """A plate that is on its way for the time that was learnt, and then there; else as a `ThermalPlant`.

    On its way it comes no nearer than half the distance, so that nobody takes it for stable before.

    Parameters
    ----------
    settings : PlantSettings
        Of the plate where nothing was learnt.
    settle_time : callable
        What was learnt.
    """

    def __init__(self, settings: PlantSettings, settle_time: SettleTime) -> None:
        super().__init__(settings)
        self._settle_time = settle_time
        self._way: tuple[float, float, float, float] | None = None

    def set_setpoint_c(self, time_s: float, setpoint_c: float | None) -> None:
        """Change the setpoint at `time_s`; None switches the heating off."""
        here_c = self._leave_way(time_s)
        super().set_setpoint_c(time_s, setpoint_c)
        if setpoint_c is not None and (takes_s := self._settle_time(here_c, setpoint_c)) is not None:
            self._way = (time_s, here_c, setpoint_c, takes_s)

    def set_power(self, time_s: float, share: float) -> None:
        """Heat with constant power; nothing was learnt about that."""
        self._leave_way(time_s)
        super().set_power(time_s, share)

    def plate_c(self, time_s: float) -> float:
        """Return the temperature of the sample at `time_s`."""
        return super().plate_c(time_s) if self._way is None else _on_the_way_c(time_s, *self._way)

    def sensor_c(self, time_s: float) -> float:
        """Return the temperature that the sensor shows at `time_s`."""
        return super().sensor_c(time_s) if self._way is None else _on_the_way_c(time_s, *self._way)

    def _leave_way(self, time_s: float) -> float:
        """Return the temperature at `time_s`, and let the plate itself go on from there."""
        here_c = self.plate_c(time_s)
        if self._way is not None:  # the plate itself was not followed meanwhile
            self._state = replace(self._state, plate_c=here_c, sensor_c=here_c)
            self._start_s, self._periods, self._settled = time_s, 0, True
        self._way = None
        return here_c


def _on_the_way_c(time_s: float, start_s: float, from_c: float, to_c: float, takes_s: float) -> float:
    passed_s = time_s - start_s
    return to_c if passed_s >= takes_s else from_c + 0.5 * (to_c - from_c) * max(0.0, passed_s) / takes_s
