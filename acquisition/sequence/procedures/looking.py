"""What procedures have in common: where the stage stands, how light goes off and on again, tables of counts."""

from collections.abc import Generator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from acquisition.config import Micrometres
from acquisition.sequence.errors import StepError
from acquisition.sequence.steps.base import Duration
from acquisition.sequence.steps.block import Block, Values
from acquisition.sequence.steps.counting import Counted, CountPhotons
from acquisition.sequence.steps.instruments import MoveStage, SetLaser, SetShutter

FLICKER = 0.1
"""Relative standard deviation of the brightness of a nanocrystal that charges, from one look to the next: the
neutral exciton sends 300 photons where the twice charged one sends 240."""

Width = Annotated[Micrometres, Field(gt=0, le=100)]


class Procedure(Block):
    """A block that makes its steps itself, while they are carried out."""

    children: ClassVar[tuple[str, ...]] = ()


class Looking(Procedure, Counted):
    """A procedure that looks at places for a short time each; photons are counted there, not kept.

    The light must be on. It stays on during the way from place to place.

    Attributes
    ----------
    dwell_s : float
        Time at each place.
    spot_fwhm_um : float
        Full width at half maximum of the image of an emitter: that of excitation times collection. The default
        belongs to an excitation of 0.35 um and a collection of 0.5 um.
    """

    dwell_s: Duration = 0.05
    spot_fwhm_um: Width = 0.29

    def look_at(
        self, x_um: float, y_um: float, label: str
    ) -> Generator[MoveStage | CountPhotons, Values, tuple[float, float, float, float]]:
        """Move and count; return x and y as the stage says them, counts and time."""
        there = yield MoveStage(x_um=x_um, y_um=y_um)
        counted = yield self.count(label)
        return there["x_um"], there["y_um"], float(counted["counts"]), float(counted["exposed_s"])

    def count(self, label: str) -> CountPhotons:
        """Return the step that counts at a place."""
        return CountPhotons(duration_s=self.dwell_s, pixels=self.pixels, window_ns=self.window_ns, label=label)


def present_place(values: Mapping[str, Any]) -> Generator[MoveStage, Values, tuple[float, float]]:
    """Return where the stage is: what the newest move said, or else what it says now."""
    if "x_um" not in values or "y_um" not in values:
        here = yield MoveStage(x_um=0.0, y_um=0.0, relative=True)
        return here["x_um"], here["y_um"]
    return values["x_um"], values["y_um"]


def emitter_place(values: Mapping[str, Any], number: int) -> tuple[float, float]:
    """Return where the newest raster scan has seen an emitter; raises `StepError` if it has seen fewer."""
    emitters = values.get("emitters", [])
    if number > len(emitters):
        known = f"the newest raster_scan has found {len(emitters)}" if "emitters" in values else "put one before"
        raise StepError(f"there is no emitter {number} of a raster_scan; {known}")
    return emitters[number - 1]["x_um"], emitters[number - 1]["y_um"]


class Darkness:
    """Takes the light off the sample and back on as it was.

    An open shutter is closed, so that the laser pulses go on and delays are told as before; else the laser
    stops to emit.

    Parameters
    ----------
    values : mapping
        Values of the steps before, which say what is on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._shutter_was_open = values.get("shutter_open") is True
        self._emitted = values.get("emission") is True

    @property
    def off(self) -> SetShutter | SetLaser:
        """The step that darkens."""
        return SetShutter(open=False) if self._shutter_was_open else SetLaser(emission=False)

    @property
    def on(self) -> SetShutter | SetLaser:
        """The step that brings back what was there."""
        return SetShutter(open=True) if self._shutter_was_open else SetLaser(emission=self._emitted)


OnFailure = Literal["fail", "continue"]
