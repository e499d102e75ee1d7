"""A fault as a rig file plans it: what shall break in the simulated world, when, and for how long."""

import difflib
from math import inf
from typing import Self

from pydantic import Field, field_validator, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import CelsiusDifference, Nanoseconds, Seconds
from simulators.faults import FAULTS, FaultBoard

ABOUT_TIME = frozenset({"name", "after_s", "duration_s"})


class PlannedFault(ConfigModel):
    """Something that breaks `after_s` seconds after the world began; the other fields are parameters of some faults.

    Without `duration_s` it lasts until it is ended; what happens once is over at once. `FAULTS` says what there is.
    """

    name: str
    after_s: Seconds = Field(ge=0, default=0.0)
    duration_s: Seconds | None = Field(gt=0, default=None)
    byte_count: int | None = Field(ge=1, le=1_000_000, default=None)
    lost_s: Seconds | None = Field(gt=0, le=60, default=None)
    jump_ns: Nanoseconds | None = Field(ge=-1e6, le=1e6, default=None)
    share: float | None = Field(ge=0, le=1, default=None)
    overshoot_c: CelsiusDifference | None = Field(gt=0, le=500, default=None)
    times: int | None = Field(ge=1, default=None)
    delay_s: Seconds | None = Field(gt=0, le=60, default=None)

    @field_validator("name", mode="after")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in FAULTS:
            close = difflib.get_close_matches(name, FAULTS, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ValueError(f"there is no fault {name!r}; {hint}There are {', '.join(FAULTS)}")
        return name

    @model_validator(mode="after")
    def _has_parameters_of_its_kind(self) -> Self:
        allowed = FAULTS[self.name].parameters
        if unknown := sorted(set(self.parameters) - set(allowed)):
            raise ValueError(f"{self.name} takes no {', '.join(unknown)}; it takes {', '.join(allowed) or 'nothing'}")
        return self

    @property
    def parameters(self) -> dict[str, float]:
        """What is said of its parameters, by their names in `FAULTS`."""
        names = [name for name in type(self).model_fields if name not in ABOUT_TIME]
        return {name: float(getattr(self, name)) for name in names if getattr(self, name) is not None}

    def begin(self, board: FaultBoard) -> None:
        """Plan it, counted from now."""
        duration_s = inf if self.duration_s is None else self.duration_s
        board.begin(self.name, after_s=self.after_s, duration_s=duration_s, **self.parameters)
