"""A power meter for the laser."""

from abc import abstractmethod

from drivers.interfaces.device import Device


class PowerMeter(Device):
    """An optical power meter. It is no source.

    `limits` has the key ``wavelength_nm``.
    """

    @abstractmethod
    def set_wavelength_nm(self, value: float) -> None:
        """Set the wavelength for which the sensor's response is corrected. Raises `RangeError` outside the limits."""

    @abstractmethod
    def power_w(self) -> float:
        """Measure the mean optical power in W, in bounded time. Raises `StateError` if not connected."""
