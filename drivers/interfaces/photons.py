"""Photon blocks: what a time-tagging detector yields."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Gap:
    """Laser pulses [first_pulse, end_pulse) of which photons may be lost, and why."""

    first_pulse: int
    end_pulse: int
    reason: str


@dataclass(frozen=True, slots=True)
class PhotonStreamInfo:
    """What holds for a whole photon stream.

    Attributes
    ----------
    period_ps : float
        Laser period in ps; a virtual period of 1e6 ps where the stream is not pulsed.
    pulsed : bool
        Whether `delay_ps` counts from a laser pulse.
    delay_resolution_ps : float
        Step of the time-to-digital converter in ps; delays are multiples of it, rounded to 1 ps.
    pixel_count : int
        Number of physical pixels.
    """

    period_ps: float
    pulsed: bool
    delay_resolution_ps: float
    pixel_count: int


@dataclass(frozen=True, slots=True, eq=False)
class PhotonBlock:
    """Photons of the laser pulses [first_pulse, end_pulse), ascending in pulse.

    The order within a pulse is free. The arrays become read-only, so that consumers may share them.

    Attributes
    ----------
    pulse : int64 array, shape (n,)
        Laser pulse index.
    pixel : uint16 array, shape (n,)
        Physical position of the pixel, 0 for the first.
    delay_ps : uint32 array, shape (n,)
        Uncorrected time since that pulse in ps.
    first_pulse, end_pulse : int
        The pulses that the block covers, end excluded, photons or not.
    gaps : tuple of Gap
        Pulses of the block in which photons may have been lost.

    Raises
    ------
    ValueError
        If dtype, length, order or range of the arrays are not as said.
    """

    pulse: NDArray[np.int64]
    pixel: NDArray[np.uint16]
    delay_ps: NDArray[np.uint32]
    first_pulse: int
    end_pulse: int
    gaps: tuple[Gap, ...] = field(default=())

    def __post_init__(self) -> None:
        for name, dtype in (("pulse", np.int64), ("pixel", np.uint16), ("delay_ps", np.uint32)):
            array = getattr(self, name)
            if array.dtype != dtype or array.ndim != 1:
                raise ValueError(f"{name} must be a 1-D {dtype.__name__} array, not {array.ndim}-D {array.dtype}")
            array.flags.writeable = False
        lengths = len(self.pulse), len(self.pixel), len(self.delay_ps)
        if len(set(lengths)) > 1:
            raise ValueError("pulse, pixel and delay_ps differ in length: {}, {}, {}".format(*lengths))
        if self.end_pulse < self.first_pulse:
            raise ValueError(f"end_pulse {self.end_pulse} lies before first_pulse {self.first_pulse}")
        if len(self.pulse):
            if np.any(self.pulse[1:] < self.pulse[:-1]):
                raise ValueError("pulse must be ascending")
            if self.pulse[0] < self.first_pulse or self.pulse[-1] >= self.end_pulse:
                raise ValueError(
                    f"pulses {self.pulse[0]}...{self.pulse[-1]} lie outside [{self.first_pulse}, {self.end_pulse})"
                )

    def __len__(self) -> int:
        return len(self.pulse)
