"""Heater: set a temperature, ramp it, wait until it is stable."""

from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import require
from acquisition.sequence.setup import heating_of
from acquisition.sequence.steps import RampTemperature, SetTemperature, Soak, WaitUntilStable
from drivers.interfaces.errors import FaultError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus

READ_INTERVAL_S = 0.5
RAMP_STEP_S = 1.0


def set_temperature(step: SetTemperature, context: StepContext) -> dict[str, Any]:
    """Start to heat."""
    heater = require(context.rig.heater, "heater", step)
    context.check()
    heater.heat_to_c(step.temperature_c)
    return {}


def ramp_temperature(step: RampTemperature, context: StepContext) -> dict[str, Any]:
    """Move the setpoint once a second until it is there; after a break it goes on from what it finds.

    That is the setpoint while the heater holds one, else the temperature, so that the rate holds also after a
    pause in which the heater was off.
    """
    heater = require(context.rig.heater, "heater", step)
    status = _status(heater)
    start_c = status.setpoint_c if status.heating and status.setpoint_c is not None else status.temperature_c
    begin_s = context.rig.clock.now()
    away_c = step.temperature_c - start_c
    while True:
        context.check()
        moved_c = step.rate_c_per_min / 60 * (context.rig.clock.now() - begin_s)
        there = moved_c >= abs(away_c)
        setpoint_c = step.temperature_c if there else start_c + (moved_c if away_c > 0 else -moved_c)
        heater.heat_to_c(setpoint_c)
        context.ramps(heating_of(step, setpoint_c))
        if there:
            return {}
        context.wait(RAMP_STEP_S)
        _status(heater)


def wait_until_stable(step: WaitUntilStable, context: StepContext) -> dict[str, Any]:
    """Read the temperature until it has stayed near the setpoint long enough.

    Returns
    -------
    dict
        ``temperature_c``, ``from_c`` and ``to_c`` (temperature at first and setpoint),
        ``settled_after_s`` (time until the window began; the whole wait if it did not), ``stable``, and of the
        step ``tolerance_c`` and ``window_s``, without which that time says nothing.

    Raises
    ------
    StepError
        If there is no setpoint, or the temperature is not stable in time.
    FaultError
        If the heater has an alarm.
    """
    heater, clock = require(context.rig.heater, "heater", step), context.rig.clock
    begin_s = clock.now()
    from_c: float | None = None
    since_s: float | None = None
    while True:
        status = _status(heater)
        if status.setpoint_c is None or not status.heating:
            raise StepError("the heater is not heating, so nothing becomes stable; put a set_temperature step before")
        from_c = status.temperature_c if from_c is None else from_c
        now_s = clock.now()
        if abs(status.temperature_c - status.setpoint_c) > step.tolerance_c:
            since_s = None
        elif since_s is None:
            since_s = now_s
        found = {"temperature_c": status.temperature_c, "from_c": from_c, "to_c": status.setpoint_c}
        found |= {"tolerance_c": step.tolerance_c, "window_s": step.window_s}
        if since_s is not None and now_s - since_s >= step.window_s:
            return {**found, "settled_after_s": since_s - begin_s, "stable": True}
        left_s = begin_s + step.timeout_s - now_s
        if left_s <= 0:
            _not_stable(step, status.temperature_c, status.setpoint_c, context)
            return {**found, "settled_after_s": now_s - begin_s, "stable": False}
        context.wait(min(READ_INTERVAL_S, left_s))


def soak(step: Soak, context: StepContext) -> dict[str, Any]:
    """Wait; time before a break counts, the break does not."""
    clock = context.rig.clock
    begin_s, soaked_s = clock.now(), context.kept.get("soaked_s", 0.0)
    try:
        context.wait(step.duration_s - soaked_s)
    finally:
        context.kept["soaked_s"] = soaked_s + clock.now() - begin_s
    return {}


def _status(heater: HeatedSubstrate) -> HeaterStatus:
    status = heater.status()
    if status.alarm is not None:
        raise FaultError(heater.name, f"alarm: {status.alarm}")
    return status


def _not_stable(step: WaitUntilStable, temperature_c: float, setpoint_c: float, context: StepContext) -> None:
    """Do what the step says for the case: raise, ask, or write it down and go on."""
    said = (
        f"after {step.timeout_s:g} s the temperature is {temperature_c:.2f} degC and was not within "
        f"{step.tolerance_c:g} degC of {setpoint_c:g} degC for {step.window_s:g} s"
    )
    answer = step.on_timeout
    if answer == "ask":
        choices = ("fail", "continue")
        answer = context.ask(f"{said}. Go on?", choices, None, False) or "fail"  # type: ignore[assignment]
    if answer == "fail":
        raise StepError(f"{said}; check the heater, or allow a longer timeout or a larger tolerance")
    context.log.note("warning", message=f"{said}; going on, as on_timeout says")
