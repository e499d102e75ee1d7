"""Steps that a person asks for one at a time: how they are read, and which instrument each is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from acquisition.sequence import HAND_KINDS, Step, read_steps
from acquisition.session.base import SessionError

ROLES: Mapping[str, str] = {
    "set_laser": "laser",
    "set_shutter": "shutter",
    "set_attenuator": "attenuator",
    "set_focus": "focus",
    "move_stage": "stage",
    "set_temperature": "heater",
    "set_spectrograph": "spectrograph",
    "set_camera_light": "camera",
    "measure_power": "power_meter",
    "count_photons": "spad_array",
}
"""The instrument that a step is about."""


def read_hand_step(step: Mapping[str, Any], allowed: tuple[str, ...] = HAND_KINDS) -> Step:
    """Return a step that may be carried out by hand.

    Parameters
    ----------
    step : mapping
        As of `Session.do_step`.
    allowed : tuple of str
        Kinds that may be.

    Raises
    ------
    SessionError
        With all that is wrong.
    """
    data = dict(step)
    if data.get("kind") == "call" and "procedure" in data:
        data["kind"] = data.pop("procedure")
    if data.get("kind") not in allowed:
        raise SessionError(f"{data.get('kind')!r:.60} cannot be done by hand now; what can: {', '.join(allowed)}")
    try:
        (found,) = read_steps([data])
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, each['loc'][2:])) or 'it'}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False)
        ]
        raise SessionError(f"{data['kind']} cannot be done: {'; '.join(problems)}") from error
    return found


@dataclass(frozen=True, slots=True)
class Offs:
    """How often everything, and each instrument by its role, was made safe by hand."""

    all: int = 0
    by_role: Mapping[str, int] = field(default_factory=dict)


def concerns(step: Step, role: str) -> bool:
    """Return whether a step may switch on what the instrument of a role does."""
    return ROLES.get(step.kind) == role or (step.kind == "measure_power" and role in ("laser", "shutter"))
