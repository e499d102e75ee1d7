"""An attenuator in the excitation path."""

from abc import abstractmethod

from drivers.interfaces.device import Device


class Attenuator(Device):
    """An attenuator in the excitation path. It is no source; safe means: as it was.

    `limits` has the key ``transmission``, between 0 and 1.
    """

    @abstractmethod
    def set_transmission(self, value: float) -> None:
        """Set the share of the light that passes, and wait until it is reached, for a bounded time.

        Raises
        ------
        RangeError
            Outside the limits; nothing is changed.
        StateError
            If not connected.
        OperatorNeeded
            If a person must set it.
        """

    @abstractmethod
    def transmission(self) -> float:
        """Return the share of the light that passes, as read back or as declared. Raises `StateError`."""
