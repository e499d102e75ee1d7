"""What the guards of all instruments have in common."""

from collections.abc import Mapping

from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.rescue import Rescue


class Guard(Device):
    """What all guards pass on to the instrument."""

    def __init__(self, device: Device, latch: SafetyLatch) -> None:
        super().__init__(device.name)
        self._device = device
        self._latch = latch

    @property
    def connected(self) -> bool:
        """Whether the instrument can be talked to."""
        return self._device.connected

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        return self._device.identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting."""
        return self._device.limits

    def connect(self) -> None:
        """Open the connection and make the instrument safe."""
        self._device.connect()

    def close(self) -> None:
        """Make the instrument safe and close the connection."""
        self._latch.switch_off(self._device, self._device.close)

    def make_safe(self) -> None:
        """Switch off every source of light, heat or gain, also one that is just being switched on."""
        self._latch.switch_off(self._device, self._device.make_safe)

    def rescue(self) -> Rescue | None:
        """Return how another process makes the instrument safe."""
        return self._device.rescue()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        return self._device.settings()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the instrument reports now."""
        return self._device.readings()
