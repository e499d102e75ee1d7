"""What a display knows of a run beside its photons: slow readings of the last minutes, and the last camera frame."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.camera import Frame

MOST_ROWS = 1000
"""Slow readings that are kept: more than an hour, at one every five seconds."""

MOST_PIXELS = 512
"""Largest side of the picture of a frame; more pixels are averaged in blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Slow readings of the last minutes.

    Attributes
    ----------
    rows : tuple
        Time in s, in the time of the rig, and values by name with unit.
    """

    rows: tuple[tuple[float, Mapping[str, Any]], ...]

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Return ``time_s`` and what is a number, each of shape (rows,); NaN where one was not read."""
        names = dict.fromkeys(name for _, row in self.rows for name, value in row.items() if _is_number(value))
        columns = {name: np.array([_number(row.get(name)) for _, row in self.rows]) for name in names}
        return {"time_s": np.array([time_s for time_s, _ in self.rows]), **columns}


class ReadingsKept:
    """The newest slow readings; rows come from one thread, and cost it next to nothing."""

    def __init__(self) -> None:
        self._rows: deque[tuple[float, Mapping[str, Any]]] = deque(maxlen=MOST_ROWS)

    def add(self, time_s: float, row: Mapping[str, Any]) -> Readings:
        """Take a row, and return all that are kept."""
        self._rows.append((time_s, dict(row)))
        return Readings(tuple(self._rows))


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float)


def _number(value: Any) -> float:
    return float(value) if _is_number(value) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class CameraShot:
    """A frame as it came, and the wavelengths of its columns in nm, shape (columns,); None if they are not known."""

    frame: Frame
    wavelength_nm: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, eq=False)
class CameraView:
    """A frame of a camera, small enough to be shown.

    Attributes
    ----------
    picture : float32 array, shape (at most 512, at most 512)
        Mean counts of blocks of pixels.
    block : tuple of int
        Rows and columns in a block.
    row_mean, column_mean : float32 arrays, shapes (rows,) and (columns,)
        Mean counts of each whole row and column.
    wavelength_nm : float64 array or None, shape (columns,)
    saturated_share : float
        Share of the pixels at the end of their range.
    number, exposure_s, em_gain, started_s
        As of `Frame`.
    """

    picture: NDArray[np.float32]
    block: tuple[int, int]
    row_mean: NDArray[np.float32]
    column_mean: NDArray[np.float32]
    wavelength_nm: NDArray[np.float64] | None
    saturated_share: float
    number: int
    exposure_s: float
    em_gain: float
    started_s: float

    @classmethod
    def of(cls, shot: CameraShot) -> "CameraView":
        """Return the view of a frame."""
        frame, counts = shot.frame, shot.frame.counts
        rows, columns = (-(-side // MOST_PIXELS) for side in counts.shape)
        down, across = np.arange(0, counts.shape[0], rows), np.arange(0, counts.shape[1], columns)
        sums = np.add.reduceat(np.add.reduceat(counts, down, axis=0, dtype=np.int64), across, axis=1)
        sizes = np.outer(np.diff(down, append=counts.shape[0]), np.diff(across, append=counts.shape[1]))
        share = float(np.mean(counts == counts.max())) if frame.saturated else 0.0
        return cls(
            picture=(sums / sizes).astype(np.float32),
            block=(rows, columns),
            row_mean=counts.mean(axis=1, dtype=np.float64).astype(np.float32),
            column_mean=counts.mean(axis=0, dtype=np.float64).astype(np.float32),
            wavelength_nm=shot.wavelength_nm,
            saturated_share=share,
            number=frame.number,
            exposure_s=frame.exposure_s,
            em_gain=frame.em_gain,
            started_s=frame.started_s,
        )
