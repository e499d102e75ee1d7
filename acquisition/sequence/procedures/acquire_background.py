"""Recording what is there without the emitter: dark counts, or light of glass and oil beside it."""

from collections.abc import Generator, Mapping
from math import sqrt
from typing import Any, Literal, TypeAlias

from acquisition.config import Micrometres
from acquisition.sequence.procedures.looking import Darkness, Procedure, present_place
from acquisition.sequence.steps.base import Duration
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.instruments import MoveStage, SetLaser, SetShutter
from acquisition.sequence.steps.measuring import AcquirePhotons, Prompt

Yielded: TypeAlias = MoveStage | SetLaser | SetShutter | AcquirePhotons | Prompt


class AcquireBackground(Procedure):
    """Record a point without the emitter, and bring light and place back. The point says what it is.

    Attributes
    ----------
    mode : str
        ``dark``: the light is off and the bias on. ``off_dot``: the light is on beside the emitter.
    duration_s : float
        Of the point.
    dx_um, dy_um : float
        How far beside the emitter.
    moved_by : str
        Who goes there: the ``stage``, or a ``person`` who is asked to, and to go back.
    """

    kind: Literal["acquire_background"] = "acquire_background"
    mode: Literal["dark", "off_dot"]
    duration_s: Duration
    dx_um: Micrometres = 2.0
    dy_um: Micrometres = 0.0
    moved_by: Literal["stage", "person"] = "stage"

    def unfold(self, values: Mapping[str, Any]) -> Generator[Yielded, Values, Values]:
        """Yield the way there, the point and the way back."""
        if self.mode == "dark":
            darkness = Darkness(values)
            yield darkness.off
            point = yield self._point
            yield darkness.on
        elif self.moved_by == "stage":
            x_um, y_um = yield from present_place(values)
            yield MoveStage(x_um=x_um + self.dx_um, y_um=y_um + self.dy_um)
            point = yield self._point
            yield MoveStage(x_um=x_um, y_um=y_um)
        else:
            yield Prompt(text="Move the emitter out of the spot: the background beside it is measured next.")
            point = yield self._point
            yield Prompt(text="Move the emitter back into the spot.")
        return {"background": self.mode, **_rate(point)}

    @property
    def _point(self) -> AcquirePhotons:
        label = "dark background" if self.mode == "dark" else "off-dot background"
        return AcquirePhotons(duration_s=self.duration_s, label=label, background=self.mode)

    def needs(self) -> tuple[Yielded, ...]:
        """Return the point, and the move to it."""
        moves = self.mode == "off_dot" and self.moved_by == "stage"
        there = (MoveStage(x_um=self.dx_um, y_um=self.dy_um, relative=True),) if moves else ()
        return (*there, self._point)


def _rate(point: Values) -> Values:
    """Return the rate of a point with the error of counting, if it has one."""
    if "count_rate_cps" not in point:
        return {}
    error_cps = sqrt(max(point["photons"], 1)) / point["elapsed_s"]
    return {"background_cps": point["count_rate_cps"], "background_error_cps": error_cps}
