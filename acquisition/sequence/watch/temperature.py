"""Judges the temperature: once it has settled at its setpoint, it has to stay there; an alarm is wrong at any time."""

from contextlib import suppress

from acquisition.sequence.steps import RampTemperature, SetTemperature, WaitUntilStable
from acquisition.sequence.watch.conditions import NO_BAND_C, Temperature
from acquisition.sequence.watch.judges import TIGHTER
from acquisition.sequence.watch.look import Look
from acquisition.sequence.watch.trigger import Finding, Grade, graded
from drivers.interfaces.errors import DeviceError
from drivers.interfaces.heater import HeaterStatus


class TemperatureJudge:
    """Waits until the temperature has settled after each change of the setpoint, and judges from then on."""

    def __init__(self, condition: Temperature) -> None:
        self._band_c, self._settled_after_s = condition.band_c, condition.resume_after_s
        self._target: SetTemperature | None = None
        self._near_s: float | None = None
        self._has_settled = False
        self._off_by_itself = False

    def judge(self, look: Look) -> Finding | None:
        """Return what is found; without an alarm None while no temperature is set, or it is on its way."""
        target = look.moment.setup.heating
        status = look.heater if target is not None else _if_it_answers(look)
        if status is None:
            return None
        if status.alarm is not None:
            return Finding(Grade.BAD, f"the heater has an alarm: {status.alarm}")
        if target is None or isinstance(look.moment.step, SetTemperature | RampTemperature):
            self._target = None
            return None
        if target != self._target:
            self._target, self._near_s, self._has_settled = target, None, False
        if not look.suspended:
            self._off_by_itself = not status.heating
            self._settle(look.now_s, abs(status.temperature_c - target.temperature_c))
        if isinstance(look.moment.step, WaitUntilStable):
            return None
        return self._finding(status, target.temperature_c, suspended=look.suspended)

    def _settle(self, now_s: float, off_c: float) -> None:
        if off_c > TIGHTER * self._band_c:
            self._near_s = None
        elif self._near_s is None:
            self._near_s = now_s
        if self._near_s is not None and now_s - self._near_s >= self._settled_after_s:
            self._has_settled = True

    def _finding(self, status: HeaterStatus, target_c: float, *, suspended: bool) -> Finding | None:
        if not status.heating:
            return self._not_heating(target_c, suspended=suspended)
        if self._band_c >= NO_BAND_C:
            return Finding(Grade.GOOD, f"the heater holds {target_c:g} degC")
        if not self._has_settled:
            return None
        off_c = abs(status.temperature_c - target_c)
        return Finding(
            graded(off_c, self._band_c, TIGHTER * self._band_c),
            f"the temperature is {status.temperature_c:.2f} degC at a setpoint of {target_c:g} degC "
            f"({off_c:.2f} degC off, {self._band_c:g} degC are allowed)",
        )

    def _not_heating(self, target_c: float, *, suspended: bool) -> Finding:
        """Tell a heater that the pause has switched off, and that heats again later, from one that failed."""
        if suspended and not self._off_by_itself:
            return Finding(Grade.GOOD, f"the heater is off for the pause and has to reach {target_c:g} degC again")
        return Finding(Grade.BAD, f"the heater is off, though it was to hold {target_c:g} degC")


def _if_it_answers(look: Look) -> HeaterStatus | None:
    """Return the state of a heater that the sequence does not use; its silence is no reason to suspend anything."""
    with suppress(DeviceError):
        return look.heater
    return None
