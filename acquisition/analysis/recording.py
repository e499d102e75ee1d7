"""What the analysis asks of a photon recording: its blocks, and what is known of the detector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is known of the detector; None where unknown. Arrays have one entry per pixel.

    Attributes
    ----------
    wavelength_nm : float64 array or None
        Wavelength at the centre of each pixel in nm, ascending or descending.
    relative_efficiency : float64 array or None
        Detection efficiency at that wavelength, on any scale.
    dark_rate_cps : float64 array or None
        Dark count rate in counts per second.
    pixel_offset_ps : float64 array or None
        Delay offset of the pixel in ps, to be subtracted.
    pixel_mask : bool array or None
        True for pixels that are to be used.
    """

    wavelength_nm: NDArray[np.float64] | None = None
    relative_efficiency: NDArray[np.float64] | None = None
    dark_rate_cps: NDArray[np.float64] | None = None
    pixel_offset_ps: NDArray[np.float64] | None = None
    pixel_mask: NDArray[np.bool_] | None = None


class PhotonRecording(Protocol):
    """A photon stream that can be read any number of times, in bounded memory."""

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""

    @property
    def calibration(self) -> Calibration:
        """What is known of the detector."""

    @property
    def simulated(self) -> bool | None:
        """Whether the photons come from a simulator; None if the source does not say."""

    @property
    def conditions(self) -> Mapping[str, float]:
        """Conditions of the measurement, e.g. ``temperature_c``, as far as known."""

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks from the first pulse on, anew at each call."""
