"""What a rig file (``configs/rigs/*.yaml``) may hold."""

from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from acquisition.config import ConfigModel
from acquisition.rig.limits import NO_LIMIT, RigLimits
from acquisition.sequence.metadata import MetadataName
from simulators.camera import CameraSettings
from simulators.detector import DetectorSettings
from simulators.heater import HeaterSettings
from simulators.optics import Optics
from simulators.plant import PlantSettings
from simulators.stage import StageSettings


class BenchFile(ConfigModel):
    """The simulated world of a rig: its sample (a shipped name, or a file relative to the rig file) and seed."""

    sample: str = Field(min_length=1)
    seed: int = Field(default=1, ge=0)
    optics: Optics = Optics()
    plant: PlantSettings = PlantSettings()


class SimulatedLaserRole(ConfigModel):
    """A simulated pulsed laser."""

    kind: Literal["simulated"]


class SimulatedShutterRole(ConfigModel):
    """A simulated shutter."""

    kind: Literal["simulated"]


class SimulatedSpadArrayRole(DetectorSettings):
    """A simulated SPAD array."""

    kind: Literal["simulated"]

    def settings(self) -> DetectorSettings:
        """Return what the simulator takes."""
        return DetectorSettings(**self.model_dump(exclude={"kind"}))


class SimulatedHeaterRole(HeaterSettings):
    """A simulated heated substrate."""

    kind: Literal["simulated"]


class SimulatedStageRole(StageSettings):
    """A simulated XY stage."""

    kind: Literal["simulated"]

    def settings(self) -> StageSettings:
        """Return what the simulator takes."""
        return StageSettings(**self.model_dump(exclude={"kind"}))


class SimulatedCameraRole(CameraSettings):
    """A simulated EMCCD behind a spectrograph."""

    kind: Literal["simulated"]

    def settings(self) -> CameraSettings:
        """Return what the simulator takes."""
        return CameraSettings(sensor=self.sensor, widefield=self.widefield)


class Roles(ConfigModel):
    """Which instrument does what; all but laser and SPAD array may be missing."""

    laser: SimulatedLaserRole
    spad_array: SimulatedSpadArrayRole
    shutter: SimulatedShutterRole | None = None
    heater: SimulatedHeaterRole | None = None
    stage: SimulatedStageRole | None = None
    camera: SimulatedCameraRole | None = None


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
    bench: BenchFile
    roles: Roles
    limits: RigLimits = Field(default=RigLimits(), validate_default=True)
    calibrations: CalibrationFiles = CalibrationFiles()
    required_metadata: tuple[MetadataName, ...] = ()

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
