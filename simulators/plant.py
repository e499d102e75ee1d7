"""The simulated heated substrate: a heated glass plate, its sensor that lags behind, and a PID controller."""

from dataclasses import dataclass
from math import exp

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius, CelsiusDifference, Seconds

SETTLED = 1e-12
"""Change of every part of the state in one period below which the plate has settled."""


class PlantSettings(ConfigModel):
    """Thermal properties of the substrate and gains of its controller.

    At full power the plate ends `full_power_rise_c` above the surroundings, with the time constant
    `plate_time_constant_s`. Gains are in shares of full power per degree.
    """

    ambient_c: Celsius = Field(ge=-50, le=60, default=20.0)
    full_power_rise_c: CelsiusDifference = Field(gt=0, le=1000, default=160.0)
    plate_time_constant_s: Seconds = Field(gt=0, le=1000, default=15.0)
    sensor_time_constant_s: Seconds = Field(gt=0, le=100, default=0.3)
    control_period_s: Seconds = Field(gt=0, le=10, default=0.1)
    proportional_gain: float = Field(ge=0, default=0.2)
    integral_gain_per_s: float = Field(ge=0, default=0.013)
    derivative_gain_s: float = Field(ge=0, default=0.05)


@dataclass(frozen=True, slots=True)
class _State:
    plate_c: float
    sensor_c: float
    integral: float
    power: float


class ThermalPlant:
    """A heated plate that is stepped exactly, so that how often it is looked at changes nothing.

    The controller acts at the moment of a command and every `control_period_s` after it; in between
    the power is constant and the temperatures follow the exact solution of
    tau_plate dT/dt = T_ambient + rise power - T and tau_sensor dS/dt = T - S.
    """

    def __init__(self, settings: PlantSettings) -> None:
        self._settings = settings
        self._setpoint_c: float | None = None
        self._start_s, self._periods, self._settled = 0.0, 0, False
        self._sensor_held = False
        self._state = _State(settings.ambient_c, settings.ambient_c, 0.0, 0.0)

    @property
    def settings(self) -> PlantSettings:
        """Thermal properties and gains."""
        return self._settings

    @property
    def setpoint_c(self) -> float | None:
        """Temperature that is controlled to; None when the heating is off."""
        return self._setpoint_c

    def set_setpoint_c(self, time_s: float, setpoint_c: float | None) -> None:
        """Change the setpoint at `time_s`; None switches the heating off."""
        here = self._at(time_s)
        self._setpoint_c = setpoint_c
        self._begin(time_s, self._controlled(_State(here.plate_c, here.sensor_c, 0.0, here.power), here.sensor_c))

    def move_setpoint_c(self, time_s: float, setpoint_c: float) -> None:
        """Move the setpoint of a controller that is at work, which goes on from where it is, as in a ramp."""
        here = self._at(time_s)
        if self._settled:
            self._begin(time_s, here)
        self._setpoint_c = setpoint_c

    def set_power(self, time_s: float, share: float) -> None:
        """Heat with constant power (share of full power) from `time_s` on; the controller rests."""
        here = self._at(time_s)
        self._setpoint_c = None
        self._begin(time_s, _State(here.plate_c, here.sensor_c, 0.0, share))

    def hold_sensor(self, time_s: float, *, held: bool) -> None:
        """Let the sensor stay at what it shows at `time_s`, for the controller, too; or let it follow again."""
        self._begin(time_s, self._at(time_s))
        self._sensor_held = held

    def plate_c(self, time_s: float) -> float:
        """Return the true temperature of the sample at `time_s`."""
        return self._at(time_s).plate_c

    def sensor_c(self, time_s: float) -> float:
        """Return the temperature that the sensor shows at `time_s`."""
        return self._at(time_s).sensor_c

    def power(self, time_s: float) -> float:
        """Return the heating power at `time_s` as a share of full power."""
        return self._at(time_s).power

    def _begin(self, time_s: float, state: _State) -> None:
        """Count the controller's periods anew from `time_s`."""
        self._start_s, self._periods, self._settled = max(time_s, self._start_s), 0, False
        self._state = state

    def _at(self, time_s: float) -> _State:
        """Advance the controller to its last action before `time_s` and return the state at `time_s`."""
        period_s = self._settings.control_period_s
        while self._setpoint_c is not None and not self._settled and self._action_s(self._periods + 1) <= time_s:
            before = self._state
            self._state = self._controlled(self._relaxed(before, period_s), before.sensor_c)
            self._periods += 1
            self._settled = _same(before, self._state)
        if self._settled:
            return self._state
        return self._relaxed(self._state, max(0.0, time_s - self._action_s(self._periods)))

    def _action_s(self, number: int) -> float:
        """Return when the controller acts for the `number`-th time after a command."""
        return self._start_s + number * self._settings.control_period_s

    def _relaxed(self, state: _State, duration_s: float) -> _State:
        """Return the state after `duration_s` at constant power (exact)."""
        settings = self._settings
        plate_tau_s, sensor_tau_s = settings.plate_time_constant_s, settings.sensor_time_constant_s
        end_c = settings.ambient_c + settings.full_power_rise_c * state.power
        away_c = state.plate_c - end_c
        plate, sensor = exp(-duration_s / plate_tau_s), exp(-duration_s / sensor_tau_s)
        if abs(plate_tau_s - sensor_tau_s) > 1e-9 * plate_tau_s:
            lag = away_c * plate_tau_s / (plate_tau_s - sensor_tau_s) * (plate - sensor)
        else:
            lag = away_c * duration_s / plate_tau_s * plate
        sensor_c = state.sensor_c if self._sensor_held else end_c + (state.sensor_c - end_c) * sensor + lag
        return _State(end_c + away_c * plate, sensor_c, state.integral, state.power)

    def _controlled(self, state: _State, sensor_before_c: float) -> _State:
        """Return the state with the power that the controller sets now (PID, integral held at the stops)."""
        settings, setpoint_c = self._settings, self._setpoint_c
        if setpoint_c is None:
            return _State(state.plate_c, state.sensor_c, 0.0, 0.0)
        error_c = setpoint_c - state.sensor_c
        slope_c_per_s = (state.sensor_c - sensor_before_c) / settings.control_period_s
        integral = state.integral + settings.integral_gain_per_s * settings.control_period_s * error_c
        demand = settings.proportional_gain * error_c + integral - settings.derivative_gain_s * slope_c_per_s
        power = min(1.0, max(0.0, demand))
        if power != demand and (demand - power) * error_c > 0:
            integral = state.integral
        return _State(state.plate_c, state.sensor_c, integral, power)


def _same(one: _State, other: _State) -> bool:
    pairs = (
        (one.plate_c, other.plate_c),
        (one.sensor_c, other.sensor_c),
        (one.integral, other.integral),
        (one.power, other.power),
    )
    return all(abs(a - b) <= SETTLED for a, b in pairs)
