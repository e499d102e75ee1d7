"""Guards of instruments that can do more than others of their kind: heat with constant power, calibrate themselves."""

from collections.abc import Callable

from acquisition.rig.guards.sample import GuardedHeater
from acquisition.rig.guards.spad_array import GuardedSpadArray
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.errors import InterlockError
from drivers.interfaces.heater import HeatedSubstrate, PoweredHeater, PowerLimits
from drivers.interfaces.spad_array import CalibratingSpadArray, SpadArray


class GuardedPoweredHeater(GuardedHeater, PoweredHeater):
    """A heater that can also heat with constant power; its temperature is looked at before, and by whoever waits."""

    def __init__(self, heater: PoweredHeater, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(heater, limits, latch)
        self._powered = heater

    def power_limits(self, *, shock: bool) -> PowerLimits | None:
        """Return what the heater permits."""
        return self._powered.power_limits(shock=shock)

    def heat_with_power(self, percent: float, duration_s: float) -> None:
        """Start to heat with constant power.

        Raises
        ------
        InterlockError
            If it is not permitted.
        RangeError
            If it is stronger or longer than permitted, or a part of the rig does not stand the present temperature.
        StateError
            If the rig is latched.
        """
        self._start(percent, duration_s, shock=False)

    def shock(self, percent: float, duration_s: float) -> None:
        """Start to heat with constant power for a time that the device keeps; raises as `heat_with_power`."""
        self._start(percent, duration_s, shock=True)

    def _start(self, percent: float, duration_s: float, *, shock: bool) -> None:
        heater = self._powered
        heater.check_power(percent, duration_s, shock=shock)
        self._rig_limits.check_reached_c(heater.status().temperature_c, heater)
        act = heater.shock if shock else heater.heat_with_power
        self._latch.switch_on(heater, lambda: act(percent, duration_s))
        self._told_to_heat = True


def guarded_heater(heater: HeatedSubstrate | None, limits: RigLimits, latch: SafetyLatch) -> GuardedHeater | None:
    """Return the guard of a heater, with what it can do; None if there is no heater."""
    if isinstance(heater, PoweredHeater):
        return GuardedPoweredHeater(heater, limits, latch)
    return None if heater is None else GuardedHeater(heater, limits, latch)


class GuardedCalibratingSpadArray(GuardedSpadArray, CalibratingSpadArray):
    """A SPAD array whose time-to-digital converters are calibrated while its bias is off."""

    def __init__(
        self, spad_array: CalibratingSpadArray, limits: RigLimits, latch: SafetyLatch, darken: Callable[[], None]
    ) -> None:
        super().__init__(spad_array, limits, latch, darken)
        self._calibrating = spad_array

    def calibrate_tdc(self, timeout_s: float) -> None:
        """Calibrate the time-to-digital converters. Raises `InterlockError` while the bias may be on."""
        if self.bias_may_be_on:
            raise InterlockError(self.name, "is not calibrated while its bias may be on; switch it off first")
        self._calibrating.calibrate_tdc(timeout_s)


def guarded_array(
    array: SpadArray, limits: RigLimits, latch: SafetyLatch, darken: Callable[[], None]
) -> GuardedSpadArray:
    """Return the guard of a SPAD array, with what it can do."""
    if isinstance(array, CalibratingSpadArray):
        return GuardedCalibratingSpadArray(array, limits, latch, darken)
    return GuardedSpadArray(array, limits, latch, darken)
