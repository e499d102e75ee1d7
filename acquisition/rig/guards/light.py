"""Guards of what brings light to the sample: laser and shutter."""

from collections.abc import Mapping
from types import MappingProxyType

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.device import Limits
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.laser import LaserAuthority, LaserStatus, PulsedLaser
from drivers.interfaces.shutter import Shutter

ROUNDING_PERCENT = 0.05
"""Lasers have steps of 0.1 %, so that what they read back is rounded."""


class GuardedLaser(Guard, PulsedLaser):
    """A laser whose intensity the rig limits, and that stays dark while the rig is latched."""

    def __init__(self, laser: PulsedLaser, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(laser, latch)
        self._laser = laser
        self._highest_percent = limits.laser_intensity_percent

    @property
    def authority(self) -> LaserAuthority:
        """What lets software take the light off the sample."""
        return self._laser.authority

    @property
    def declared(self) -> frozenset[str]:
        """What a person has declared."""
        return self._laser.declared

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting; of the intensity the lower of laser and rig."""
        limits = dict(self._laser.limits)
        if self._highest_percent is not None:
            own = limits.get("intensity_percent", Limits(0.0, 100.0))
            limits["intensity_percent"] = Limits(own.low, min(own.high, self._highest_percent))
        return MappingProxyType(limits)

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the pulse repetition rate."""
        self._laser.set_repetition_rate_hz(value)

    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity. Raises `RangeError` beyond the limits of laser or rig."""
        if "intensity_percent" in self.limits:
            self.limits["intensity_percent"].check(self.name, "intensity_percent", value)
        self._laser.set_intensity_percent(value)

    def set_emission(self, on: bool) -> None:
        """Switch emission.

        Raises
        ------
        RangeError
            If it is to go on with an intensity, set or declared, above the limit of the rig.
        StateError
            If it is to go on while the rig is latched.
        """
        if on:
            self._refuse_too_much()
            self._latch.switch_on(self._laser, lambda: self._laser.set_emission(True))
        else:
            self._laser.set_emission(False)
            self._latch.is_off(self._laser)

    def _refuse_too_much(self) -> None:
        """Look at the intensity that is there: a knob may stand higher than anybody may set it."""
        highest = self._highest_percent
        if highest is None:
            return
        found = self._laser.status().intensity_percent
        if not found <= highest + ROUNDING_PERCENT:
            said = "is declared to be at" if "intensity_percent" in self.declared else "reads back"
            raise RangeError(
                self.name,
                f"stays dark: its intensity {said} {found:g} %, above the {highest:g} % that this rig allows "
                "(limits: laser_intensity); lower the intensity first",
            )

    def status(self) -> LaserStatus:
        """Read the state back."""
        return self._laser.status()


class GuardedShutter(Guard, Shutter):
    """A shutter that stays closed while the rig is latched, and while the laser is off that only it holds back."""

    def __init__(self, shutter: Shutter, latch: SafetyLatch, laser: PulsedLaser | None = None) -> None:
        super().__init__(shutter, latch)
        self._shutter, self._laser = shutter, laser

    def set_open(self, is_open: bool) -> None:
        """Open or close the shutter. Raises `StateError` if it is to open while the rig is latched or the laser off."""
        if is_open:
            self._refuse_for_a_laser_that_is_off()
            self._latch.switch_on(self._shutter, lambda: self._shutter.set_open(True))
        else:
            self._shutter.set_open(False)
            self._latch.is_off(self._shutter)

    def is_open(self) -> bool:
        """Read the position back."""
        return self._shutter.is_open()

    def _refuse_for_a_laser_that_is_off(self) -> None:
        laser = self._laser
        if laser is not None and laser.authority is LaserAuthority.SHUTTER and not laser.status().emission:
            raise StateError(
                self.name,
                "stays closed: the laser is switched off, and nothing but this shutter holds its light back; switch "
                "the emission on first",
            )
