"""Looking for emitters in an area, place by place."""

from collections.abc import Generator, Mapping
from math import ceil
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from acquisition.analysis.spots import Spot, count_map, find_spots
from acquisition.config import Micrometres
from acquisition.sequence.procedures.looking import FLICKER, Looking
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.counting import MAX_PLACES, CountPhotons, StoreTable
from acquisition.sequence.steps.instruments import MoveStage

COLUMNS = ("x_um", "y_um", "counts", "duration_s")


class RasterScan(Looking):
    """Count photons on a grid, row by row there and back, and find the emitters in the map.

    Its values are ``emitters_found``, ``emitters`` (the brightest first: ``x_um``, ``y_um``, ``count_rate_cps`` and
    their errors) and ``table``, the map in the run folder. Emitters nearer than a width of the spot are one.

    Attributes
    ----------
    x_um, y_um : float
        Middle of the area.
    width_um, height_um : float
        Its size along x and y.
    pitch_um : float
        Distance of the places; at most the width of the spot, or emitters would be missed.
    sigma : float
        How many standard deviations above the background an emitter must be.
    """

    kind: Literal["raster_scan"] = "raster_scan"
    x_um: Micrometres = 0.0
    y_um: Micrometres = 0.0
    width_um: Annotated[Micrometres, Field(gt=0, le=1e4)]
    height_um: Annotated[Micrometres, Field(gt=0, le=1e4)]
    pitch_um: Annotated[Micrometres, Field(gt=0, le=100)] = 0.15
    sigma: Annotated[float, Field(ge=3, le=100)] = 6.0

    @model_validator(mode="after")
    def _can_find_something(self) -> Self:
        if self.pitch_um > self.spot_fwhm_um:
            raise ValueError(
                f"pitch ({self.pitch_um:g} um) is wider than the spot ({self.spot_fwhm_um:g} um), so that emitters "
                "between the places would be missed; half the spot is best"
            )
        columns, rows = self._size
        if columns * rows > MAX_PLACES:
            raise ValueError(f"has {columns * rows} places, more than {MAX_PLACES}; take a smaller area or more pitch")
        return self

    @property
    def _size(self) -> tuple[int, int]:
        return ceil(self.width_um / self.pitch_um - 1e-9) + 1, ceil(self.height_um / self.pitch_um - 1e-9) + 1

    def places(self) -> list[tuple[float, float]]:
        """Return the places in their order, in um."""
        columns, rows = self._size
        xs = [self.x_um + self.width_um * (index / (columns - 1) - 0.5) for index in range(columns)]
        ys = [self.y_um + self.height_um * (index / (rows - 1) - 0.5) for index in range(rows)]
        return [(x, y) for row, y in enumerate(ys) for x in (reversed(xs) if row % 2 else xs)]

    def unfold(self, values: Mapping[str, Any]) -> Generator[MoveStage | CountPhotons | StoreTable, Values, Values]:
        """Yield the steps of the scan."""
        seen = []
        for x_um, y_um in self.places():
            seen.append((yield from self.look_at(x_um, y_um, "raster scan")))
        counted = [row for row in seen if row[3] > 0]
        spots = find_spots(count_map(counted), self.spot_fwhm_um, self.sigma, FLICKER)
        stored = yield StoreTable(title="raster scan", columns=COLUMNS, rows=tuple(seen))
        return {"emitters_found": len(spots), "emitters": [_plain(spot) for spot in spots], "table": stored["table"]}

    def needs(self) -> tuple[MoveStage | CountPhotons, ...]:
        """Return the corners of the area."""
        corners = {
            (self.x_um + side_x * self.width_um / 2, self.y_um + side_y * self.height_um / 2)
            for side_x in (-1, 1)
            for side_y in (-1, 1)
        }
        return (*(MoveStage(x_um=x, y_um=y) for x, y in sorted(corners)), self.count("raster scan"))


def _plain(spot: Spot) -> dict[str, float]:
    return {
        "x_um": spot.x_um,
        "y_um": spot.y_um,
        "x_error_um": spot.x_error_um,
        "y_error_um": spot.y_error_um,
        "count_rate_cps": spot.count_rate_cps,
        "count_rate_error_cps": spot.count_rate_error_cps,
    }
