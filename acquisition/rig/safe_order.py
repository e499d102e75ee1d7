"""In which order the instruments of a rig are made safe: light, then heat and the rest, then the bias."""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.interfaces.device import Device

PATIENCE_S = 0.5
"""Longest that a stage is waited for before the next one begins beside it: who hangs must not keep others unsafe."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Instruments that are made safe at once; `why` is why at this place."""

    roles: tuple[str, ...]
    why: str


SAFE_ORDER = (
    Stage(("shutter", "laser", "attenuator", "camera"), "light bleaches the sample and wears detectors out"),
    Stage(("heater",), "heat comes and goes slowly; instruments that are no source belong here, too"),
    Stage(("spad_array",), "its bias is in danger only while there is light"),
)
"""All roles that are not named are made safe with the heater."""

REST = 1
"""Place of the stage for roles that are not named."""


def in_safe_order(devices: Mapping[str, Device]) -> tuple[list[Device], ...]:
    """Return the instruments of each stage; `devices` are those of a rig by role."""
    place = {role: number for number, stage in enumerate(SAFE_ORDER) for role in stage.roles}
    stages: tuple[list[Device], ...] = tuple([] for _ in SAFE_ORDER)
    for role, device in devices.items():
        stages[place.get(role, REST)].append(device)
    return stages
