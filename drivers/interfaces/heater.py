"""A heated substrate: setpoint, heating on or off, temperature of the sample."""

from abc import abstractmethod
from dataclasses import dataclass

from drivers.interfaces.device import Device


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
