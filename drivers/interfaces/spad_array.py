"""A linear array of single-photon detectors behind a spectrograph, with time tagging."""

from abc import abstractmethod
from collections.abc import Generator

from drivers.interfaces.device import Device
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.pixel_calibration import PixelCalibration


class SpadArray(Device):
    """A time-tagging SPAD array. Safe means: no acquisition runs and the bias is off."""

    @property
    @abstractmethod
    def pixel_count(self) -> int:
        """Number of physical pixels."""

    @property
    def pixel_calibration(self) -> PixelCalibration | None:
        """What a calibration of this device says of its pixels; None if there is none. Known before `connect`."""
        return None

    @abstractmethod
    def set_bias(self, on: bool) -> None:
        """Switch the bias of the diodes; last on, first off. Raises `StateError` if not connected."""

    @abstractmethod
    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the next stream, from the laser period that the detector measures now.

        Raises
        ------
        StateError
            If not connected.
        """

    @abstractmethod
    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the photons of the next `duration_s` seconds in blocks, blocking for each.

        The first block starts at pulse 0 and each starts where the one before ended; each covers at
        most 1 s. The caller owns the thread. Closing the generator ends the acquisition and leaves
        the array idle, with its bias on.

        Raises
        ------
        StateError
            At the first block, if not connected, bias off or already acquiring.
        CommunicationError
            If the stream breaks; the blocks before stay valid.
        """


class CalibratingSpadArray(SpadArray):
    """A SPAD array whose time-to-digital converters are calibrated on command."""

    @abstractmethod
    def calibrate_tdc(self, timeout_s: float) -> None:
        """Calibrate the time-to-digital converters and wait for the end, which takes minutes; without light.

        Raises
        ------
        StateError
            If not connected, or acquiring.
        FaultError
            If it fails.
        DeviceTimeoutError
            If it takes longer than `timeout_s`.
        """
