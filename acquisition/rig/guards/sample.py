"""Guards of what holds the sample: heater and stage."""

import threading

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.stage import XYStage


class GuardedHeater(Guard, HeatedSubstrate):
    """A heater beside parts that stand less than it can do, and that stays off while the rig is latched."""

    def __init__(self, heater: HeatedSubstrate, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(heater, latch)
        self._heater = heater
        self._rig_limits = limits
        self._told_to_heat = False

    @property
    def told_to_heat(self) -> bool:
        """Whether it was told to heat and not to stop since then, whatever it does."""
        return self._told_to_heat

    def make_safe(self) -> None:
        """Make the instrument safe."""
        self._told_to_heat = False
        super().make_safe()

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature.

        Raises
        ------
        RangeError
            With the part of the rig that does not stand it.
        StateError
            If the rig is latched.
        """
        self._rig_limits.check_temperature_c(temperature_c, self._heater)
        self._latch.switch_on(self._heater, lambda: self._heater.heat_to_c(temperature_c))
        self._told_to_heat = True

    def stop_heating(self) -> None:
        """Switch the heating off."""
        self._told_to_heat = False
        self._heater.stop_heating()
        self._latch.is_off(self._heater)

    def status(self) -> HeaterStatus:
        """Read the state back."""
        return self._heater.status()


class GuardedStage(Guard, XYStage):
    """A stage; it is no source, so that it may move while the rig is latched."""

    def __init__(self, stage: XYStage, latch: SafetyLatch) -> None:
        super().__init__(stage, latch)
        self._stage = stage

    def move_to_um(self, x_um: float, y_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the stage is at rest."""
        return self._stage.move_to_um(x_um, y_um, interrupt)

    def position_um(self) -> tuple[float, float]:
        """Read x and y back."""
        return self._stage.position_um()

    def is_moving(self) -> bool:
        """Whether it is on its way."""
        return self._stage.is_moving()

    def stop(self) -> None:
        """Stop where it is."""
        self._stage.stop()
