"""A frame of the camera as its panel draws it: edges of pixels, spectra of rows, rows as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.spectra import HC_EV_NM
from acquisition.gui.plots.axis import edges_of

Array = NDArray[Any]
Rows = tuple[int, int]
"""First row, and the row after the last."""

MOST_REGIONS = 6

SIGMA_OF_MAD = 1.48
"""Standard deviation of a normal distribution in its median absolute deviations."""

STANDS_OUT = 6.0
"""Rows stand out if they are so many standard deviations of their mean brighter than the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame, small enough to be drawn.

    Attributes
    ----------
    picture : float array, shape (rows, columns)
        Mean counts of blocks of pixels.
    row_edges : float array, shape (rows + 1,)
        In rows of the detector.
    column_edges : float array, shape (columns + 1,)
        In columns of the detector.
    row_mean : float array, shape (rows of the detector,)
    wavelength_nm : float array or None, shape (columns of the detector,)
    """

    picture: Array
    row_edges: Array
    column_edges: Array
    row_mean: Array
    wavelength_nm: Array | None

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Shot":
        """Return the frame of the panel ``camera``."""
        picture, row_mean = content["picture_counts"], content["row_mean_counts"]
        down, across = content["block_pixels"]
        rows, columns = len(row_mean), len(content["column_mean_counts"])
        return cls(
            picture=picture,
            row_edges=np.minimum(np.arange(picture.shape[0] + 1) * down, rows).astype(float),
            column_edges=np.minimum(np.arange(picture.shape[1] + 1) * across, columns).astype(float),
            row_mean=row_mean,
            wavelength_nm=content.get("wavelength_nm"),
        )

    @property
    def rows(self) -> int:
        """Rows of the detector."""
        return len(self.row_mean)

    def spectral_edges(self, unit: str) -> Array:
        """Return where the columns of the picture begin and end, in nm, eV or pixels."""
        if self.wavelength_nm is None or unit == "pixel" or len(self.wavelength_nm) < 2:
            return self.column_edges
        edges_nm = edges_of(self.wavelength_nm)[self.column_edges.astype(int)]
        return np.asarray(HC_EV_NM / edges_nm if unit == "eV" else edges_nm)

    def spectrum(self, rows: Rows) -> Array:
        """Return the mean counts of rows by column of the picture, shape (columns,); blocks count as a whole."""
        overlap = np.minimum(self.row_edges[1:], rows[1]) - np.maximum(self.row_edges[:-1], rows[0])
        weight = np.maximum(overlap, 0.0)
        if not weight.any():
            return np.full(self.picture.shape[1], np.nan)
        return np.asarray(weight @ self.picture / weight.sum())

    def brightest(self, size: int) -> Rows:
        """Return so many rows beside each other that are brightest together."""
        if self.rows <= size:
            return 0, self.rows
        start = int(np.argmax(np.convolve(self.row_mean, np.ones(size), mode="valid")))
        return start, start + size

    def stand_out(self, rows: Rows) -> bool:
        """Return whether rows are brighter than the others by more than those differ by chance."""
        size = rows[1] - rows[0]
        others = np.delete(self.row_mean, slice(*rows))
        if len(others) < 2 * size:
            return True
        middle = float(np.median(others))
        spread = SIGMA_OF_MAD * float(np.median(np.abs(others - middle))) / np.sqrt(size)
        return bool(self.row_mean[slice(*rows)].mean() - middle > STANDS_OUT * spread)


class MeanShot:
    """The mean of all frames that were seen with the same settings."""

    def __init__(self) -> None:
        self._of: tuple[Any, ...] = ()
        self._shot: Shot | None = None
        self._last: tuple[Any, ...] = ()
        self.frames = 0

    def add(self, shot: Shot, settings: tuple[Any, ...], frame: tuple[Any, ...]) -> Shot:
        """Take a frame, and return the mean; other `settings` begin a new one, the same `frame` again is left out."""
        of = (*settings, shot.picture.shape, len(shot.row_mean))
        if self._shot is None or of != self._of:
            self._of, self._shot, self._last, self.frames = of, shot, frame, 1
        elif frame != self._last:
            self._last, self.frames = frame, self.frames + 1
            before = self._shot
            self._shot = replace(
                shot,
                picture=before.picture + (shot.picture - before.picture) / self.frames,
                row_mean=before.row_mean + (shot.row_mean - before.row_mean) / self.frames,
            )
        return self._shot


def rows_text(regions: Sequence[Rows]) -> str:
    """Return regions as a person writes them, first and last row of each, e.g. ``120-139, 200``."""
    return ", ".join(str(first) if end == first + 1 else f"{first}-{end - 1}" for first, end in regions)


def read_rows(text: str, rows: int) -> list[Rows]:
    """Return the regions that a person has written.

    Raises
    ------
    ValueError
        If it is not a list of rows that the detector has; says what is allowed.
    """
    regions = []
    for part in filter(None, (each.strip() for each in text.replace(";", ",").split(","))):
        first, dash, last = part.replace("\N{EN DASH}", "-").partition("-")
        try:
            region = int(first), int(last if dash else first) + 1
        except ValueError:
            raise ValueError(f"{part!r} are no rows; write for example 120-139, 200") from None
        if not 0 <= region[0] < region[1] <= rows:
            raise ValueError(
                f"{part!r} are no rows of this frame; it has rows 0 to {rows - 1}, the first before the last"
            )
        regions.append(region)
    if len(regions) > MOST_REGIONS:
        raise ValueError(f"{len(regions)} regions are too many; at most {MOST_REGIONS} are shown")
    return regions
