"""A pulsed laser: repetition rate, intensity and emission."""

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum

from drivers.interfaces.device import Device


class LaserAuthority(StrEnum):
    """What lets software take the light of a laser off the sample; with `NONE` nobody may leave it alone."""

    LASER = "laser"
    TRIGGER = "trigger"
    GATE = "gate"
    SHUTTER = "shutter"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LaserStatus:
    """State of a pulsed laser as it reports it."""

    repetition_rate_hz: float
    intensity_percent: float
    emission: bool
    interlock_closed: bool


class PulsedLaser(Device):
    """A pulsed laser. Safe means: emission off.

    `limits` has the keys ``repetition_rate_hz`` and ``intensity_percent``. The intensity is in
    percent of the driver's full scale; what it means at the sample is a calibration. Setters raise
    `OperatorNeeded` for what only a person can set; what was declared by a person stands in `declared`.
    """

    @property
    def authority(self) -> LaserAuthority:
        """What lets software take the light off the sample."""
        return LaserAuthority.LASER

    @property
    def declared(self) -> frozenset[str]:
        """Fields of `LaserStatus` that a person has declared, because the instrument does not tell them."""
        return frozenset()

    @abstractmethod
    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the pulse repetition rate. Raises `RangeError` outside the limits."""

    @abstractmethod
    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity. Raises `RangeError` outside the limits."""

    @abstractmethod
    def set_emission(self, on: bool) -> None:
        """Switch emission. Raises `InterlockError` if it is to be switched on while the interlock is open."""

    @abstractmethod
    def status(self) -> LaserStatus:
        """Read the state back. Raises `StateError` if not connected."""
