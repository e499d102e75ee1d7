"""The cooler of a simulated EMCCD and what its library says of it."""

from math import exp

from drivers.interfaces.clock import Clock
from simulators.emccd import SensorSettings

OFF, NOT_STABILISED, STABILISED, NOT_REACHED = 20034, 20035, 20036, 20037

NEAR_C, STABLE_C = 3.0, 0.5


class AndorThermostat:
    """The sensor follows its setpoint, or the surroundings while the cooler is off."""

    def __init__(self, settings: SensorSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self.on = False
        self._setpoint_c = self._start_c = settings.ambient_c
        self._begin_s = clock.now()

    def temperature_c(self) -> float:
        """Return the temperature now."""
        passed_s = self._clock.now() - self._begin_s
        goal_c = self._setpoint_c if self.on else self._settings.ambient_c
        return goal_c + (self._start_c - goal_c) * exp(-passed_s / self._settings.cooling_time_constant_s)

    def set_point(self, temperature_c: float) -> None:
        """Set what is controlled to."""
        self._begin()
        self._setpoint_c = temperature_c

    def switch(self, *, on: bool) -> None:
        """Switch the cooler."""
        self._begin()
        self.on = on

    def _begin(self) -> None:
        self._start_c, self._begin_s = self.temperature_c(), self._clock.now()

    def code(self) -> int:
        """Return the state as the library codes it."""
        away_c = abs(self.temperature_c() - self._setpoint_c)
        if not self.on:
            return OFF
        return STABILISED if away_c <= STABLE_C else NOT_STABILISED if away_c <= NEAR_C else NOT_REACHED
