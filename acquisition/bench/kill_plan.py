"""When a program that measures is to be killed, so that what is left can be looked at."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random

KILLED = 9
"""Exit status of a program that has killed itself."""


class Moment(StrEnum):
    """Something that a measuring program does again and again."""

    STEP = "step"
    """A step of the sequence has begun or ended, and the journal says so."""
    JOURNAL_TORN = "journal_torn"
    """Half a line of the journal is written."""
    BLOCK = "block"
    """A block of photons is written."""
    BLOCK_TORN = "block_torn"
    """Half a block of photons, or of a segment's header, is written."""
    JSON_BEFORE = "json_before"
    """A new run.json or truth.json is written, but has not yet its name."""
    JSON_AFTER = "json_after"
    """It has."""
    PHOTON_FILE = "photon_file"
    """photons.h5 of a point is made, its segments are still there."""
    TIME = "time"
    """Any moment: the system ends the program from outside."""


USUAL_COUNTS = {
    Moment.STEP: 170,
    Moment.JOURNAL_TORN: 200,
    Moment.BLOCK: 36,
    Moment.BLOCK_TORN: 48,
    Moment.JSON_BEFORE: 36,
    Moment.JSON_AFTER: 36,
    Moment.PHOTON_FILE: 12,
}
"""How often each happens, about, in a run of 12 points of 3 s."""


@dataclass(frozen=True, slots=True)
class KillPlan:
    """Kill when something happens for the nth time, or after a time.

    Attributes
    ----------
    moment : Moment
        What happens.
    count : int
        The how manieth time, from 1; a count that is not reached kills nobody.
    after_s : float
        Of `Moment.TIME`: wall time after the start of the run.
    """

    moment: Moment
    count: int = 1
    after_s: float = 0.0

    def to_text(self) -> str:
        """Return it as an argument of a program."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "KillPlan":
        """Return the plan that an argument holds."""
        plain = json.loads(text)
        return cls(Moment(plain["moment"]), int(plain["count"]), float(plain["after_s"]))

    def __str__(self) -> str:
        return f"after {self.after_s:.2f} s" if self.moment is Moment.TIME else f"{self.moment} {self.count}"


def random_plan(random: Random, longest_s: float) -> KillPlan:
    """Return a plan for a moment anywhere in a run that takes `longest_s` of wall time to its last photon."""
    moment = random.choice(list(Moment))
    if moment is Moment.TIME:
        return KillPlan(moment, after_s=random.uniform(0.0, longest_s))
    return KillPlan(moment, random.randint(1, USUAL_COUNTS[moment]))
