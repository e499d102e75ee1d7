"""Count rates by place: of the last scan, or of the places where the stage has been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition.storage.scan_table import read_scan_table

PITCH_UM = 0.25
LEAST_REACH_UM = 2.5
"""Squares of the map of places, and how far it reaches at least around the first."""

MOST_PLACES = 4000

NEEDED = ("x_um", "y_um", "counts", "duration_s")
"""Columns of the table of a raster scan."""


@dataclass(frozen=True, slots=True)
class Field:
    """Count rates on a grid.

    Attributes
    ----------
    x_edges_um, y_edges_um : float64 arrays, shapes (columns + 1,) and (rows + 1,)
    rate_cps : float64 array, shape (rows, columns)
        NaN where nobody has looked.
    """

    x_edges_um: NDArray[np.float64]
    y_edges_um: NDArray[np.float64]
    rate_cps: NDArray[np.float64]


def read_scan(path: Path) -> Field:
    """Return the count rates of a table that a raster scan has stored.

    Raises
    ------
    RecordingError
        If it cannot be read.
    ValueError
        If it is no table of a raster scan; says what is missing.
    """
    columns, rows = read_scan_table(path)
    missing = [name for name in NEEDED if name not in columns]
    if missing or not rows:
        raise ValueError(f"{path}: holds no raster scan; {missing[0] if missing else 'a row'} is missing")
    table = np.array(rows, dtype=np.float64)
    x_um, y_um, counts, duration_s = (table[:, columns.index(name)] for name in NEEDED)
    with np.errstate(divide="ignore", invalid="ignore"):
        return gridded(x_um, y_um, np.where(duration_s > 0, counts / duration_s, np.nan))


def gridded(x_um: NDArray[np.float64], y_um: NDArray[np.float64], rate_cps: NDArray[np.float64]) -> Field:
    """Return rates, shape (places,), on the grid on which their places lie but for the precision of the stage."""
    (x_edges, columns), (y_edges, rows) = _axis(x_um), _axis(y_um)
    grid = np.full((len(y_edges) - 1, len(x_edges) - 1), np.nan)
    grid[rows, columns] = rate_cps
    return Field(x_edges, y_edges, grid)


def _axis(places_um: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the edges of a grid, and in which bin each place lies.

    A stage comes to a place of the grid within its repeatability: what lies closer than half of the widest step is one
    place of it.
    """
    ordered = np.sort(places_um)
    steps = np.diff(ordered)
    widest = float(steps.max(initial=0.0))
    if widest <= 0:
        return places_um[0] + np.array([-0.5, 0.5]) * PITCH_UM, np.zeros(len(places_um), dtype=np.intp)
    groups = np.split(ordered, np.flatnonzero(steps > 0.5 * widest) + 1)
    first, last, count = float(groups[0].mean()), float(groups[-1].mean()), len(groups)
    pitch = (last - first) / (count - 1)
    edges = np.asarray(first + pitch * (np.arange(count + 1) - 0.5), dtype=np.float64)
    return edges, np.clip(np.floor((places_um - edges[0]) / pitch).astype(np.intp), 0, count - 1)


@dataclass(slots=True)
class Visited:
    """Places where the stage has been, with the mean count rate there."""

    _seen: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)

    def see(self, x_um: float, y_um: float, rate_cps: float) -> None:
        """Take a rate at a place; beyond 4000 squares new ones are not kept."""
        square = round(x_um / PITCH_UM), round(y_um / PITCH_UM)
        total, count = self._seen.get(square, (0.0, 0))
        if count or len(self._seen) < MOST_PLACES:
            self._seen[square] = total + rate_cps, count + 1

    def clear(self) -> None:
        """Forget all."""
        self._seen.clear()

    def field(self) -> Field | None:
        """Return the map; None before the first place."""
        if not self._seen:
            return None
        columns, rows = (np.array([square[axis] for square in self._seen]) for axis in (0, 1))
        around = round(LEAST_REACH_UM / PITCH_UM)
        low, high = (
            [int(function(values)) + side * around for values in (columns, rows)]
            for function, side in ((np.min, -1), (np.max, 1))
        )
        grid = np.full((high[1] - low[1] + 1, high[0] - low[0] + 1), np.nan)
        grid[rows - low[1], columns - low[0]] = [total / count for total, count in self._seen.values()]
        x_edges, y_edges = (
            np.asarray(PITCH_UM * (np.arange(low[axis], high[axis] + 2) - 0.5), dtype=np.float64) for axis in (0, 1)
        )
        return Field(x_edges, y_edges, grid)


def emitter_places(emitters: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    """Return where the emitters of a scan are, shape (emitters, 2), in um."""
    return np.array([(each["x_um"], each["y_um"]) for each in emitters], dtype=np.float64).reshape(-1, 2)


def crosses(places_um: NDArray[np.float64], size_um: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points of a line that draws a cross at each place; gaps are NaN."""
    x, y = places_um[:, :1], places_um[:, 1:]
    nothing = np.full_like(x, np.nan)
    along = np.hstack([x - size_um, x + size_um, nothing, x, x, nothing])
    across = np.hstack([y, y, nothing, y - size_um, y + size_um, nothing])
    return along.ravel(), across.ravel()
