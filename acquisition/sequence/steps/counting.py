"""Steps that count photons: at a place without keeping them, in recorded points, and tables of such counts."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from acquisition.config import ConfigModel, Nanoseconds
from acquisition.sequence.steps.base import Duration, PlainStepModel

MAX_PLACES = 20_000
"""Most readings of one procedure."""

Label = Annotated[str, Field(max_length=200)]


def _ascending(ends: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
    if ends is not None and not 0 <= ends[0] < ends[1]:
        raise ValueError(f"goes from {ends[0]:g} to {ends[1]:g}; the first must not be negative and lie below the end")
    return ends


class Counted(ConfigModel):
    """Which photons are counted; the fewer dark counts are among them, the shorter an emitter can be looked at.

    Attributes
    ----------
    pixels : tuple of int or None
        Pixels [first, end) that see the emitter; None: all.
    window_ns : tuple of float or None
        Delays [from, to) in ns as the detector says them, time zero included; None: all.
    """

    pixels: Annotated[tuple[int, int] | None, AfterValidator(_ascending)] = None
    window_ns: Annotated[tuple[Nanoseconds, Nanoseconds] | None, AfterValidator(_ascending)] = None


class CountPhotons(PlainStepModel, Counted):
    """Count photons for `duration_s` at the present place. They are counted, not kept: no point of the run.

    For looking around only: what is to be analysed belongs into `acquire_photons`.
    """

    kind: Literal["count_photons"] = "count_photons"
    duration_s: Duration
    label: Label = ""


class CountLateLight(PlainStepModel):
    """Count the light of the neutral dot in the newest points that came late, when only single excitons are left.

    The region of pixels and time zero are found in the brightest of the points, and hold for all.

    Attributes
    ----------
    points : int
        How many of the newest points; the first of them is the dark one.
    after_ns, until_ns : float
        Delays after time zero.
    """

    kind: Literal["count_late_light"] = "count_late_light"
    points: Annotated[int, Field(ge=2, le=1000)]
    after_ns: Annotated[Nanoseconds, Field(gt=0)]
    until_ns: Annotated[Nanoseconds, Field(gt=0)]

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.until_ns <= self.after_ns:
            raise ValueError(f"until ({self.until_ns:g} ns) must lie after `after` ({self.after_ns:g} ns)")
        return self


Cell: TypeAlias = float | None


class StoreTable(PlainStepModel):
    """Store a table of numbers in the folder of the run, as ``scans/0001.csv``; None is an empty cell."""

    kind: Literal["store_table"] = "store_table"
    title: Annotated[str, Field(min_length=1, max_length=200)]
    columns: tuple[str, ...]
    rows: Annotated[tuple[tuple[Cell, ...], ...], Field(max_length=MAX_PLACES)]

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, but there are {len(self.columns)} columns")
        return self
