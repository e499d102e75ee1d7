"""What each position of a wheel or slide lets through, as it was measured."""

from collections.abc import Sequence

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Percent
from drivers.interfaces.errors import RangeError

SAME = 1e-6
"""Largest relative difference at which two transmissions are the same."""


class AttenuatorPosition(ConfigModel):
    """One position, as its controller calls it, and the share of the light that passes there."""

    position: str = Field(min_length=1)
    transmission_percent: Percent = Field(ge=0, le=100)


def check_differ(positions: Sequence[AttenuatorPosition]) -> None:
    """Raise `ValueError` if a position stands there twice."""
    names = [each.position for each in positions]
    if len(set(names)) < len(names):
        raise ValueError("the same position stands there twice; each must have a name of its own")


def position_of(device: str, positions: Sequence[AttenuatorPosition], transmission: float) -> AttenuatorPosition:
    """Return the position with a transmission; raises `RangeError`, with those that there are, if there is none."""
    wanted = 100 * transmission
    for each in positions:
        if abs(each.transmission_percent - wanted) <= SAME * max(each.transmission_percent, SAME):
            return each
    has = ", ".join(f"{value:g} %" for value in sorted(each.transmission_percent for each in positions))
    raise RangeError(device, f"has no position with a transmission of {wanted:g} %; it has {has}")
