"""A shutter in the excitation path."""

from abc import abstractmethod

from drivers.interfaces.device import Device


class Shutter(Device):
    """A shutter in the excitation path. Safe means: closed; it also closes on `close`."""

    @abstractmethod
    def set_open(self, is_open: bool) -> None:
        """Open or close the shutter and wait until it has moved. Raises `StateError` if not connected."""

    @abstractmethod
    def is_open(self) -> bool:
        """Read the position back. Raises `StateError` if not connected."""
