"""Heating with constant power: nothing controls the temperature, so the step looks at it and stops in time."""

from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import SequenceRig, powered
from acquisition.sequence.steps import HeatWithPower
from drivers.interfaces.errors import FaultError, RangeError
from drivers.interfaces.heater import HeaterStatus, PoweredHeater

LOOK_S = 0.25
"""Time between two looks at the temperature; as far ahead as its climb is foreseen."""

EARLY_S = 1.0
"""How much earlier than asked for a heater may end by itself, as its clock is another one."""


def heat_with_power(step: HeatWithPower, context: StepContext) -> dict[str, Any]:
    """Heat for what is left of the time, and have the heating off afterwards, however it ends.

    Returns
    -------
    dict
        ``temperature_c`` at the end and ``peak_temperature_c``.

    Raises
    ------
    StepError
        If a part of the rig is about to get hotter than it stands, or the heater stops by itself.
    FaultError
        If the heater has an alarm.
    """
    heater, clock = powered(context.rig.heater, step), context.rig.clock
    heated_s, peak_c = context.kept.get("heated_s", 0.0), context.kept.get("peak_c", -273.15)
    left_s = step.duration_s - heated_s
    permitted = heater.power_limits(shock=step.shock)
    context.check()
    climb = _Climb(heater, context.rig)
    climb.look(clock.now())
    if heated_s and permitted is not None and left_s < permitted.duration_s.low:  # nothing that it could still do
        return {"temperature_c": climb.temperature_c, "peak_temperature_c": max(peak_c, climb.temperature_c)}
    context.ramps(None)
    begin_s = clock.now()
    try:
        (heater.shock if step.shock else heater.heat_with_power)(step.power_percent, left_s)
        while (ahead_s := begin_s + left_s - clock.now()) > 0:
            context.wait(min(LOOK_S, ahead_s))
            status = climb.look(clock.now())
            if not status.heating and clock.now() < begin_s + left_s - EARLY_S:
                raise StepError(f"{heater.name} stopped heating by itself; look at its display and its own limit")
    finally:
        heater.stop_heating()
        context.kept["heated_s"] = heated_s + clock.now() - begin_s
        context.kept["peak_c"] = max(peak_c, climb.peak_c)
    return {"temperature_c": climb.temperature_c, "peak_temperature_c": context.kept["peak_c"]}


class _Climb:
    """The temperature from look to look, and where it will be at the next one."""

    def __init__(self, heater: PoweredHeater, rig: SequenceRig) -> None:
        self._heater, self._rig = heater, rig
        own = heater.limits.get("temperature_c")
        self._low_c = None if own is None else own.low
        self._seen_s: float | None = None
        self.temperature_c = self.peak_c = -273.15

    def look(self, now_s: float) -> HeaterStatus:
        """Read the heater; raise `StepError` if the rig does not stand what it will have reached at the next look."""
        status = self._heater.status()
        if status.alarm is not None:
            raise FaultError(self._heater.name, f"alarm: {status.alarm}")
        ahead_c = 0.0
        if self._seen_s is not None and now_s > self._seen_s:
            ahead_c = max(0.0, LOOK_S * (status.temperature_c - self.temperature_c) / (now_s - self._seen_s))
        self._seen_s, self.temperature_c = now_s, status.temperature_c
        self.peak_c = max(self.peak_c, status.temperature_c)
        expected_c = status.temperature_c + ahead_c
        try:  # one below the range of the heater is no danger
            self._rig.check_temperature_c(expected_c if self._low_c is None else max(self._low_c, expected_c))
        except RangeError as error:
            text = f"heating with constant power was stopped at {status.temperature_c:.1f} degC: {error}"
            raise StepError(text) from error
        return status
