"""One look at the instruments, shared by everybody who judges."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.services import Moment
from acquisition.sequence.watch.trigger import Finding
from drivers.interfaces.heater import HeaterStatus
from drivers.interfaces.laser import LaserStatus


@dataclass(frozen=True)
class Look:
    """What there is to be seen at one moment; each instrument is read once, when somebody asks.

    Attributes
    ----------
    now_s : float
        Time of the rig.
    rig : SequenceRig
        The instruments.
    moment : Moment
        What goes on, or went on before the run was suspended.
    suspended : bool
        Whether the run is suspended: no light on the sample.
    """

    now_s: float
    rig: SequenceRig
    moment: Moment
    suspended: bool = False

    @cached_property
    def laser(self) -> LaserStatus:
        """State of the laser. Raises `DeviceError`."""
        return self.rig.laser.status()

    @cached_property
    def heater(self) -> HeaterStatus | None:
        """State of the heater; None if the rig has none. Raises `DeviceError`."""
        return None if self.rig.heater is None else self.rig.heater.status()

    @property
    def has_light(self) -> bool:
        """Whether the sequence wants light on the sample."""
        return self.moment.setup.emission is True and self.moment.setup.shutter_open is not False


class Judge(Protocol):
    """Judges one condition, look after look."""

    def judge(self, look: Look) -> Finding | None:
        """Return what is found; None if it cannot be judged now. Raises `DeviceError`, `OSError`."""
