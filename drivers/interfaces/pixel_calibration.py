"""What a detector itself knows of its pixels, from a calibration of the device."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PixelCalibration:
    """Offsets and mask of the pixels; stored with each run, applied in analysis, never by the driver.

    Attributes
    ----------
    pixel_offset_ps : float64 array, shape (pixels,), or None
        Delay offset of each pixel in ps, to be subtracted; None if it was not measured.
    pixel_mask : bool array, shape (pixels,), or None
        True for pixels that are to be used; None for all.
    sha256 : str
        Of the file that they come from.
    """

    pixel_offset_ps: NDArray[np.float64] | None
    pixel_mask: NDArray[np.bool_] | None
    sha256: str
