"""What a rig file says of the simulated world."""

from pydantic import Field

from acquisition.config import ConfigModel
from simulators.camera import CameraSettings
from simulators.detector import DetectorSettings
from simulators.optics import Optics
from simulators.planned_fault import PlannedFault
from simulators.plant import PlantSettings
from simulators.wire.lspad_settings import LspadSettings

DEFAULT_SAMPLE = "cdse_cds_table"
"""What a sequence is tried on where the rig file names no sample."""


class BenchFile(ConfigModel):
    """The simulated world of a rig: its sample (a shipped name, or a file relative to the rig file) and seed.

    `spad_array` and `camera` describe instruments that are simulated at the other end of a wire, and, for a
    trial of a sequence, those of a real rig; `lspad` the server before such a SPAD array. At `control_port`, if it
    is given, `cascadescope simulate` tells the state and the truth of the world. `faults` are what shall break in it,
    counted from when it begins: when the rig is opened or, of instruments at a wire, when `cascadescope simulate` does.
    """

    sample: str = Field(min_length=1, default=DEFAULT_SAMPLE)
    seed: int = Field(default=1, ge=0)
    optics: Optics = Optics()
    plant: PlantSettings = PlantSettings()
    spad_array: DetectorSettings = DetectorSettings()
    camera: CameraSettings = CameraSettings()
    lspad: LspadSettings = LspadSettings()
    control_port: int | None = Field(ge=1, le=65_535, default=None)
    faults: tuple[PlannedFault, ...] = ()
