"""What each kind of step does with the instruments."""

import threading

from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import SequenceRig, require
from acquisition.sequence.steps import PlainStep, SetLaser, SetShutter, SetTemperature, WaitUntilStable
from drivers.interfaces.errors import FaultError
from drivers.interfaces.laser import PulsedLaser

READ_INTERVAL_S = 0.5


def carry_out(step: PlainStep, rig: SequenceRig, interrupt: threading.Event) -> None:
    """Carry out any step but an acquisition; return early once `interrupt` is set."""
    match step:
        case SetLaser():
            set_laser(step, rig.laser, interrupt)
        case SetShutter():
            shutter = require(rig.shutter, "shutter", step)
            if not (step.open and interrupt.is_set()):
                shutter.set_open(step.open)
        case SetTemperature():
            heater = require(rig.heater, "heater", step)
            if not interrupt.is_set():
                heater.heat_to_c(step.temperature_c)
        case WaitUntilStable():
            wait_until_stable(step, rig, interrupt)
        case _:
            raise StepError(f"{step.kind} is not a step that instruments carry out by themselves")


def set_laser(step: SetLaser, laser: PulsedLaser, interrupt: threading.Event) -> None:
    """Set rate and intensity; off comes first, on last, and what lowers the power before what raises it.

    Emission does not go on once `interrupt` is set.
    """
    if step.emission is False:
        laser.set_emission(False)
    present = laser.status()
    settings = [
        (laser.set_repetition_rate_hz, step.repetition_rate_hz, present.repetition_rate_hz),
        (laser.set_intensity_percent, step.intensity_percent, present.intensity_percent),
    ]
    asked = [(set_value, value, value > before) for set_value, value, before in settings if value is not None]
    for set_value, value, _ in sorted(asked, key=lambda setting: setting[2]):
        set_value(value)
    if step.emission and not interrupt.is_set():
        laser.set_emission(True)


def wait_until_stable(step: WaitUntilStable, rig: SequenceRig, interrupt: threading.Event) -> None:
    """Read the temperature until it has stayed near the setpoint long enough, or `interrupt` is set.

    Raises
    ------
    StepError
        If there is no setpoint, or the temperature is not stable in time.
    FaultError
        If the heater has an alarm.
    """
    heater = require(rig.heater, "heater", step)
    begin_s = rig.clock.now()
    stable_since_s: float | None = None
    while True:
        status = heater.status()
        if status.alarm is not None:
            raise FaultError(heater.name, f"alarm: {status.alarm}")
        if status.setpoint_c is None or not status.heating:
            raise StepError("the heater is not heating, so nothing becomes stable; put a set_temperature step before")
        now_s = rig.clock.now()
        if abs(status.temperature_c - status.setpoint_c) > step.tolerance_c:
            stable_since_s = None
        elif stable_since_s is None:
            stable_since_s = now_s
        if stable_since_s is not None and now_s - stable_since_s >= step.window_s:
            return
        left_s = begin_s + step.timeout_s - now_s
        if left_s <= 0:
            raise _not_stable(step, status.temperature_c, status.setpoint_c)
        if rig.clock.wait(interrupt, min(READ_INTERVAL_S, left_s)):
            return


def _not_stable(step: WaitUntilStable, temperature_c: float, setpoint_c: float) -> StepError:
    return StepError(
        f"after {step.timeout_s:g} s the temperature is {temperature_c:.2f} degC and was not within "
        f"{step.tolerance_c:g} degC of {setpoint_c:g} degC for {step.window_s:g} s; "
        "check the heater, or allow a longer timeout or a larger tolerance"
    )
