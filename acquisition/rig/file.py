"""What a rig file (``configs/rigs/*.yaml``) may hold."""

from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from acquisition.config import ConfigModel
from acquisition.rig.bench_file import DEFAULT_SAMPLE, BenchFile
from acquisition.rig.limits import NO_LIMIT, RigLimits
from acquisition.rig.planned_faults import refuse_others, shown_by_wires, shown_here
from acquisition.rig.roles import Roles
from acquisition.rig.roles.role import SIMULATED
from acquisition.sequence.metadata import MetadataName


class CalibrationFiles(ConfigModel):
    """Tables that were measured for this rig; a file beside the rig file, or a shipped one."""

    wavelength: str | None = None
    relative_efficiency: str | None = None

    @model_validator(mode="after")
    def _efficiency_needs_wavelength(self) -> Self:
        if self.relative_efficiency is not None and self.wavelength is None:
            raise ValueError("relative_efficiency is a table over wavelength; give the wavelength calibration as well")
        return self


class RigFile(ConfigModel):
    """A rig: its instruments, limits and calibrations, and what a sequence must say of a measurement on it."""

    name: str = Field(min_length=1)
    description: str = ""
    roles: Roles  # before what is checked against it
    bench: BenchFile | None = Field(default=None, validate_default=True)
    limits: RigLimits = Field(default=RigLimits(), validate_default=True)
    calibrations: CalibrationFiles = CalibrationFiles()
    required_metadata: tuple[MetadataName, ...] = ()

    @field_validator("bench", mode="after")
    @classmethod
    def _bench_is_that_of_its_instruments(cls, bench: BenchFile | None, info: ValidationInfo) -> BenchFile | None:
        roles: Roles | None = info.data.get("roles")
        simulated = [] if roles is None else [name for name, role in roles.present().items() if role.in_process]
        if simulated and bench is None:
            raise ValueError(
                f"is missing; the rig simulates {', '.join(simulated)} (kind: {SIMULATED}), which need a world: "
                f"write bench: {{sample: {DEFAULT_SAMPLE}}}"
            )
        if bench is not None and roles is not None:
            refuse_others((fault.name for fault in bench.faults), shown_here(roles) | shown_by_wires(roles))
        return bench

    @property
    def world(self) -> BenchFile:
        """The simulated world, or the one on which sequences of a real rig are tried."""
        return self.bench or BenchFile()

    @property
    def outlives_the_program(self) -> bool:
        """Whether any instrument goes on when this process has died."""
        return any(not role.in_process for role in self.roles.present().values())

    @field_validator("limits", mode="after")
    @classmethod
    def _parts_that_get_warm_have_limits(cls, limits: RigLimits, info: ValidationInfo) -> RigLimits:
        roles: Roles | None = info.data.get("roles")
        missing = limits.temperatures_not_given()
        if roles is not None and roles.heater is not None and missing:
            raise ValueError(
                f"{', '.join(missing)}: missing; a rig with a heater needs the highest temperature of each part, "
                f"for example 70 degC, or {NO_LIMIT} where a part sets no limit"
            )
        return limits

    @field_validator("limits", mode="after")
    @classmethod
    def _declared_intensity_is_allowed(cls, limits: RigLimits, info: ValidationInfo) -> RigLimits:
        roles: Roles | None = info.data.get("roles")
        highest = limits.laser_intensity_percent
        declared = None if roles is None else roles.laser.by_hand.get("intensity_percent")
        if highest is not None and declared is not None and declared > highest:
            raise ValueError(
                f"laser_intensity: {highest:g} % are allowed, but roles: laser: declared: intensity says that the knob "
                f"stands at {declared:g} %; turn it down and declare that, or raise the limit"
            )
        return limits
