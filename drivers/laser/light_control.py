"""What lets software take the light of a laser off the sample when the laser itself takes no commands."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import StateError
from drivers.interfaces.laser import LaserAuthority
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.shutter import Shutter


class LightControl(ABC):
    """A means to let light through and to hold it back; holding back is safe."""

    authority: LaserAuthority

    @property
    def lost(self) -> bool:
        """Whether the connection broke while it was in use."""
        return False

    @property
    def may_shine(self) -> bool:
        """Whether light was let through and its end was not read back, so that closing must make sure of it."""
        return False

    @abstractmethod
    def connect(self, *, simulated: bool) -> str:
        """Open the connection, hold the light back, and return what the means says of itself.

        Raises
        ------
        StateError
            If it is simulated and should not be, or the other way round.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def make_safe(self) -> None:
        """Hold the light back, in any state and within 2 s; raises `DeviceError` if it is not certain."""

    @abstractmethod
    def allow(self) -> None:
        """Let light through."""

    @abstractmethod
    def allowed(self) -> bool:
        """Return whether light may get through, as read now."""

    @abstractmethod
    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the means itself reports now."""

    def rescue(self) -> Rescue | None:
        """Return how another process holds the light back."""
        return None


class ShutterControl(LightControl):
    """A shutter in the beam: the laser shines all the time, and light is allowed by being armed.

    Allowing does not open the shutter, as its own role does that. While not armed, nothing here keeps another
    one from opening it: the guards of the rig do.
    """

    authority = LaserAuthority.SHUTTER

    def __init__(self, device: str, shutter: Shutter) -> None:
        self._device, self._shutter = device, shutter
        self._armed = False

    def connect(self, *, simulated: bool) -> str:
        """Connect the shutter, which closes it."""
        self._armed = False
        self._shutter.connect()
        self.make_safe()
        identity = self._shutter.identity
        if identity.simulated != simulated:
            raise StateError(
                self._device,
                f"its shutter is {'' if identity.simulated else 'not '}simulated, but its own key `simulated` says "
                "otherwise; write the same into both roles",
            )
        return f"{identity.manufacturer} {identity.model}"

    def close(self) -> None:
        """Disarm; the shutter has a role and a life of its own."""
        self._armed = False

    def make_safe(self) -> None:
        """Disarm and close the shutter."""
        self._armed = False
        self._shutter.make_safe()

    def allow(self) -> None:
        """Arm."""
        if not self._shutter.connected:
            raise StateError(self._device, "its shutter is not connected; connect the shutter first")
        self._armed = True

    def allowed(self) -> bool:
        """Whether armed, or the shutter is open although not."""
        return self._armed or self._shutter.is_open()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return whether the shutter is open."""
        return {"shutter_open": self._shutter.is_open()}
