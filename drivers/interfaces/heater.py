"""A heated substrate: setpoint, heating on or off, temperature of the sample."""

from abc import abstractmethod
from dataclasses import dataclass

from drivers.interfaces.device import Device, Limits
from drivers.interfaces.errors import InterlockError


@dataclass(frozen=True, slots=True)
class PowerLimits:
    """How strongly, and for how long, a substrate may be heated without control of its temperature."""

    percent: Limits
    duration_s: Limits


@dataclass(frozen=True, slots=True)
class HeaterStatus:
    """State of a heated substrate as it reports it; `alarm` is None when there is none."""

    temperature_c: float
    setpoint_c: float | None
    heating: bool
    alarm: str | None


class HeatedSubstrate(Device):
    """A heated substrate with its own temperature controller. Safe means: heating off.

    `limits` has the key ``temperature_c``. Waiting until the temperature is stable is a step of a
    sequence, not a method of the heater.
    """

    @abstractmethod
    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature; returns at once.

        Raises
        ------
        RangeError
            If the temperature is outside the limits; nothing is changed.
        FaultError
            If the heater has an alarm.
        """

    @abstractmethod
    def stop_heating(self) -> None:
        """Switch the heating off; the substrate cools by itself. Works in any state."""

    @abstractmethod
    def status(self) -> HeaterStatus:
        """Read the state back. Raises `StateError` if not connected."""


class PoweredHeater(HeatedSubstrate):
    """A heated substrate that can also heat with constant power, where it is permitted, for a limited time.

    Nothing controls the temperature meanwhile: who calls looks at it, and stops.
    """

    @abstractmethod
    def power_limits(self, *, shock: bool) -> PowerLimits | None:
        """Return what is permitted, of the mode that the device ends itself (`shock`) or the other; None: nothing."""

    @abstractmethod
    def heat_with_power(self, percent: float, duration_s: float) -> None:
        """Start to heat with a share of full power; returns at once, and ends after `duration_s`.

        Raises
        ------
        InterlockError
            If it is not permitted; nothing is changed.
        RangeError
            If it is stronger or longer than is permitted; nothing is changed.
        FaultError
            If the heater has an alarm.
        """

    @abstractmethod
    def shock(self, percent: float, duration_s: float) -> None:
        """As `heat_with_power`, in the mode whose end the device keeps by itself."""

    def check_power(self, percent: float, duration_s: float, *, shock: bool) -> None:
        """Raise `InterlockError` if it is not permitted, `RangeError` if it is stronger or longer than permitted."""
        permitted = self.power_limits(shock=shock)
        if permitted is None:
            mode = "shock" if shock else "direct"
            raise InterlockError(
                self.name,
                f"may not heat with constant power: the rig file has no `permits: {{{mode}: ...}}` with `longest` and "
                "`highest_power`",
            )
        permitted.percent.check(self.name, "percent", percent)
        permitted.duration_s.check(self.name, "duration_s", duration_s)
