"""Bringing an emitter into the middle of the spot."""

from collections.abc import Generator, Mapping
from itertools import product
from math import hypot
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from acquisition.analysis.spots import Spot, count_map, fit_spot
from acquisition.config import Micrometres
from acquisition.sequence.errors import StepError
from acquisition.sequence.procedures.looking import FLICKER, Looking, OnFailure, emitter_place, present_place
from acquisition.sequence.steps.base import Duration
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.counting import CountPhotons
from acquisition.sequence.steps.instruments import MoveStage

ARM = 0.5
"""Distance of the places of the pattern, in widths of the spot: there a Gaussian is steep."""


class CentreOnEmitter(Looking):
    """Count on three by three places, fit a Gaussian of the width of the spot, go to its middle, until it stays.

    It begins where the stage is, at a place, or at an emitter of the newest raster scan. Its values are
    ``centred``, ``emitter_x_um`` and ``emitter_y_um`` with their errors, ``x_um`` and ``y_um`` where the stage is
    now, ``offset_um`` between both, and ``emitter_rate_cps`` in the middle.

    Attributes
    ----------
    x_um, y_um : float or None
        Where to begin.
    emitter : int or None
        Or at which emitter of the newest raster scan, from 1.
    rounds : int
        Most times that the pattern is made.
    tolerance_um : float
        The emitter is centred if it lies no farther from the middle of the pattern.
    reach_um : float
        How far from the beginning it is looked for.
    on_lost : str
        What follows if there is no emitter, none of this number, or it does not stay: ``fail`` the run or ``continue``.
    """

    kind: Literal["centre_on_emitter"] = "centre_on_emitter"
    x_um: Micrometres | None = None
    y_um: Micrometres | None = None
    emitter: Annotated[int, Field(ge=1)] | None = None
    dwell_s: Duration = 0.2
    rounds: Annotated[int, Field(ge=1, le=20)] = 5
    tolerance_um: Annotated[Micrometres, Field(gt=0, le=10)] = 0.05
    reach_um: Annotated[Micrometres, Field(gt=0, le=100)] = 1.0
    on_lost: OnFailure = "fail"

    @model_validator(mode="after")
    def _begins_somewhere(self) -> Self:
        if (self.x_um is None) is not (self.y_um is None):
            raise ValueError("gives x or y alone; give both, or neither to begin where the stage is")
        if self.emitter is not None and self.x_um is not None:
            raise ValueError("begins at an emitter and at a place; give one of them")
        return self

    def unfold(self, values: Mapping[str, Any]) -> Generator[MoveStage | CountPhotons, Values, Values]:
        """Yield moves and counts."""
        if self.emitter is not None and self.on_lost == "continue" and self.emitter > len(values.get("emitters", [])):
            return {"centred": False}
        start = yield from self._start(values)
        middle, seen, centred = start, [], False
        spot: Spot | None = None
        for _ in range(self.rounds):
            for step_x, step_y in product((-1, 0, 1), (-1, 0, 1)):
                arm_um = ARM * self.spot_fwhm_um
                seen.append(
                    (yield from self.look_at(middle[0] + step_x * arm_um, middle[1] + step_y * arm_um, "centre"))
                )
            spot = self._fit(seen, middle)
            aim = (spot.x_um, spot.y_um) if spot is not None else _brightest(seen[-9:])
            if hypot(aim[0] - start[0], aim[1] - start[1]) > self.reach_um:
                spot = None
                break
            centred = spot is not None and hypot(aim[0] - middle[0], aim[1] - middle[1]) <= self.tolerance_um
            middle = aim
            if centred:
                break
        if not centred and self.on_lost == "fail":
            raise StepError(self._lost(start, spot))
        there = yield MoveStage(x_um=middle[0], y_um=middle[1])
        return {"centred": centred, **(_values(spot, there) if spot is not None else {}), **there}

    def _start(self, values: Mapping[str, Any]) -> Generator[MoveStage, Values, tuple[float, float]]:
        if self.emitter is not None:
            return emitter_place(values, self.emitter)
        if self.x_um is not None and self.y_um is not None:
            return self.x_um, self.y_um
        return (yield from present_place(values))

    def _fit(self, seen: list[tuple[float, float, float, float]], middle: tuple[float, float]) -> Spot | None:
        """Return the emitter if it is clearly there, from the places so far that lie around the middle."""
        near = [
            row for row in seen if row[3] > 0 and hypot(row[0] - middle[0], row[1] - middle[1]) < 4 * self.spot_fwhm_um
        ]
        spot = fit_spot(count_map(near), self.spot_fwhm_um, middle, FLICKER, most_um=2 * self.spot_fwhm_um)
        return spot if spot is not None and spot.significance > 3 else None

    def _lost(self, start: tuple[float, float], spot: Spot | None) -> str:
        where = f"around ({start[0]:.2f}, {start[1]:.2f}) um"
        if spot is None:
            return f"there is no emitter {where} within {self.reach_um:g} um, or it is too dark; dwell longer"
        return (
            f"the emitter {where} has moved more than {self.tolerance_um:g} um in each of {self.rounds} rounds; "
            "allow more tolerance, dwell longer, or look whether the stage drifts"
        )

    def needs(self) -> tuple[MoveStage | CountPhotons, ...]:
        """Return the move to where it begins, and a count."""
        if self.x_um is None:
            return MoveStage(x_um=0.0, y_um=0.0, relative=True), self.count("centre")
        return MoveStage(x_um=self.x_um, y_um=self.y_um), self.count("centre")


def _brightest(seen: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    x_um, y_um, *_ = max(seen, key=lambda row: row[2] / row[3] if row[3] > 0 else 0.0)
    return x_um, y_um


def _values(spot: Spot, there: Values) -> Values:
    return {
        "emitter_x_um": spot.x_um,
        "emitter_y_um": spot.y_um,
        "emitter_x_error_um": spot.x_error_um,
        "emitter_y_error_um": spot.y_error_um,
        "emitter_rate_cps": spot.count_rate_cps,
        "emitter_rate_error_cps": spot.count_rate_error_cps,
        "offset_um": hypot(spot.x_um - there["x_um"], spot.y_um - there["y_um"]),
    }
