"""Temperature profiles of a VAHEAT: up to 20 steps, each a ramp to a setpoint that is then held."""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.heater.vaheat_answers import Answer
from drivers.heater.vaheat_json import JsonObject
from drivers.interfaces.device import Limits
from drivers.interfaces.errors import RangeError, StateError

MOST_STEPS = 20
LONGEST_NAME = 47
PROFILES = Limits(1, 9)
STEP_DURATION_S = Limits(0.1, 86_400.0)
"""The longest is a choice: a day; what the device takes was not found."""

READ_BACK = 0.06
"""Difference that rounding may make between what was written and what is read, in degC, degC/s and s."""


@dataclass(frozen=True, slots=True)
class ProfileStep:
    """A ramp from the setpoint of the step before, and a setpoint that is held.

    Whether `duration_s` counts from the beginning or the end of the ramp is unverified on hardware.
    """

    duration_s: float
    ramp_c_per_s: float
    setpoint_c: float

    def written(self) -> JsonObject:
        """Return the step as the device takes it."""
        return {"duration": self.duration_s, "rate": self.ramp_c_per_s, "setpoint": self.setpoint_c}

    @classmethod
    def read(cls, device: str, data: JsonObject) -> "ProfileStep":
        """Return the step in a reply. Raises `CommunicationError` if it is none."""
        answer = Answer(device, data)
        return cls(answer.number("duration"), answer.number("rate"), answer.number("setpoint"))

    def agrees(self, other: "ProfileStep") -> bool:
        """Whether both are the same but for rounding."""
        pairs = (
            (self.duration_s, other.duration_s),
            (self.ramp_c_per_s, other.ramp_c_per_s),
            (self.setpoint_c, other.setpoint_c),
        )
        return all(abs(one - two) <= READ_BACK for one, two in pairs)


def check_profile(
    device: str, number: int, name: str, steps: Sequence[ProfileStep], setpoints: Limits, ramps: Limits
) -> None:
    """Check a profile before anything of it is sent.

    Raises
    ------
    RangeError
        If a step is outside the limits, or there are none or too many.
    """
    PROFILES.check(device, "profile_number", number)
    if len(name) > LONGEST_NAME:
        raise RangeError(device, f"the profile's name has {len(name)} characters; {LONGEST_NAME} are allowed")
    if not 1 <= len(steps) <= MOST_STEPS:
        raise RangeError(device, f"the profile has {len(steps)} steps; 1 ... {MOST_STEPS} are allowed")
    for place, step in enumerate(steps, start=1):
        STEP_DURATION_S.check(device, f"duration_s of step {place}", step.duration_s)
        ramps.check(device, f"ramp_c_per_s of step {place}", step.ramp_c_per_s)
        setpoints.check(device, f"temperature_c of step {place}", step.setpoint_c)


def check_stored(device: str, written: Sequence[ProfileStep], stored: Sequence[ProfileStep]) -> None:
    """Check that the device has stored what was written.

    Raises
    ------
    StateError
        If it has not.
    """
    if len(written) != len(stored) or not all(one.agrees(two) for one, two in zip(written, stored, strict=True)):
        raise StateError(device, f"has stored another profile than was written: {stored}; nothing was started")
