"""How a rig file describes a PDL 800-D: what its operator declares, and what holds its light back."""

from typing import Literal, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Hertz, Percent
from drivers.interfaces.laser import LaserAuthority
from drivers.laser.generator_settings import LASER_HIGH_HZ, LOWEST_RATE_HZ, GateSettings, TriggerSettings


class DeclaredSettings(ConfigModel):
    """What stands on the front panel, written down by the operator; nothing reads it back.

    `intensity` is the knob: a share of the voltage of the laser diode, whose low part is below threshold.
    """

    repetition_rate_hz: Hertz = Field(ge=LOWEST_RATE_HZ, le=LASER_HIGH_HZ)
    intensity_percent: Percent = Field(ge=0, le=100)
    head: str = Field(min_length=1)
    triggering: Literal["internal", "external"]


class Pdl800DSettings(ConfigModel):
    """A PicoQuant PDL 800-D, which has no computer interface.

    `authority` says what lets software take its light off the sample: `trigger` (a function generator makes its
    pulses), `gate` (a function generator drives its gate), `shutter` (the shutter of the rig) or `none`.
    """

    declared: DeclaredSettings
    authority: Literal[LaserAuthority.NONE, LaserAuthority.TRIGGER, LaserAuthority.GATE, LaserAuthority.SHUTTER]
    generator: TriggerSettings | None = None
    gate: GateSettings | None = None
    simulated: bool = False

    @model_validator(mode="after")
    def _authority_has_its_means(self) -> Self:
        for authority, key, found in (
            (LaserAuthority.TRIGGER, "generator", self.generator),
            (LaserAuthority.GATE, "gate", self.gate),
        ):
            if self.authority is authority and found is None:
                raise ValueError(f"authority: {authority} needs the key {key}")
            if self.authority is not authority and found is not None:
                raise ValueError(f"{key} is for authority: {authority}; remove it, or change authority")
        if self.generator is not None:
            self._check_trigger(self.generator)
        return self

    def _check_trigger(self, generator: TriggerSettings) -> None:
        if self.declared.triggering != "external":
            raise ValueError(
                "with authority: trigger the PDL 800-D must be switched to external triggering and declared so "
                "(declared: triggering: external); with its own clock a generator has no say"
            )
        if self.declared.repetition_rate_hz > generator.rate_high_hz:
            raise ValueError(
                f"declared: repetition_rate is above the {generator.rate_high_hz:g} Hz of this generator and its pulses"
            )
