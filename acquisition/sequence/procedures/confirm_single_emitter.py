"""Measuring until it is clear whether there is one emitter in the spot or several."""

from collections.abc import Generator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from acquisition.sequence.errors import StepError
from acquisition.sequence.procedures.looking import OnFailure, Procedure
from acquisition.sequence.steps.base import Duration
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.counting import Label
from acquisition.sequence.steps.goals import Goal
from acquisition.sequence.steps.measuring import AcquirePhotons, Analyze

TWO_EMITTERS = 0.5
"""g2(0) of two equal emitters."""


class ConfirmSingleEmitter(Procedure):
    """Record a point until one emitter, or several, are proved by the time-gated g2, and analyse it.

    One is proved as the goal ``single_emitter`` says, or as the analysis does, which asks for more.

    Its values are ``verdict`` (one, several or undecided) and ``g2_gated`` with its error, where the recording gives
    one. An `if` on ``verdict`` decides what follows.

    Attributes
    ----------
    most_s : float
        Longest time; after it the verdict may be undecided.
    sigma : float
        How sure it must be, in standard deviations.
    on_several, on_undecided : str
        What follows then: ``fail`` the run or ``continue``.
    label : str
        Of the point.
    """

    kind: Literal["confirm_single_emitter"] = "confirm_single_emitter"
    most_s: Duration = 600.0
    sigma: Annotated[float, Field(ge=2, le=10)] = 3.0
    on_several: OnFailure = "continue"
    on_undecided: OnFailure = "continue"
    label: Label = "single emitter?"

    def unfold(self, values: Mapping[str, Any]) -> Generator[AcquirePhotons | Analyze, Values, Values]:
        """Yield the acquisition and its analysis."""
        point = yield self._acquisition
        found = yield Analyze()
        verdict = self._verdict(found, goal_reached=bool(point.get("goal_reached")))
        asked = {"several": self.on_several, "undecided": self.on_undecided}
        if asked.get(verdict) == "fail":
            raise StepError(
                f"there are several emitters in the spot (time-gated g2 {found['emitters.g2_gated']:.2f})"
                if verdict == "several" and "emitters.g2_gated" in found
                else f"whether there is one emitter is {verdict} after {self.most_s:g} s at most; allow more time"
            )
        named = {"g2_gated": "emitters.g2_gated", "g2_gated_error": "emitters.g2_gated.error"}
        return {"verdict": verdict, **{name: found[value] for name, value in named.items() if value in found}}

    def _verdict(self, found: Values, *, goal_reached: bool) -> str:
        """Return what the analysis says; where it dares not, what the goal has proved that ended the point."""
        verdict = str(found.get("emitters.verdict", "undecided"))
        if verdict != "undecided" or not goal_reached or "emitters.g2_gated" not in found:
            return verdict
        highest = found["emitters.g2_gated"] + self.sigma * found["emitters.g2_gated.error"]
        return "one" if highest <= TWO_EMITTERS + 1e-6 else verdict

    @property
    def _acquisition(self) -> AcquirePhotons:
        proved = Goal.model_validate({"single_emitter": {"sigma": self.sigma, "or_several": True}})
        return AcquirePhotons(duration_s=self.most_s, until=proved, label=self.label)

    def needs(self) -> tuple[AcquirePhotons, ...]:
        """Return the acquisition."""
        return (self._acquisition,)
